//! A global average pool in Keras, PyTorch and ONNX.

use crate::{
    layers::{GlobalAveragePool, pools},
    takeaway::{
        keras::InKeras,
        onnx::{Graph, InOnnx},
        part::Part,
        pytorch::InPyTorch,
    },
};

impl InKeras for GlobalAveragePool {
    fn layers(&self, _: &Part) -> Vec<String> {
        vec!["GlobalAveragePooling2D()".into()]
    }
}

impl InPyTorch for GlobalAveragePool {
    fn forward(&self, _: &Part) -> Option<String> {
        Some("x.mean((2, 3))".into())
    }
}

impl InOnnx for GlobalAveragePool {
    fn add_to(&self, _: &Part, graph: &mut Graph) {
        pools::code::over_all_pixels("GlobalAveragePool", graph);
    }
}

//! A global max pool in Keras, PyTorch and ONNX.

use crate::{
    layers::{GlobalMaxPool, pools},
    takeaway::{
        keras::InKeras,
        onnx::{Graph, InOnnx},
        part::Part,
        pytorch::InPyTorch,
    },
};

impl InKeras for GlobalMaxPool {
    fn layers(&self, _: &Part) -> Vec<String> {
        vec!["GlobalMaxPooling2D()".into()]
    }
}

impl InPyTorch for GlobalMaxPool {
    fn forward(&self, _: &Part) -> Option<String> {
        Some("x.amax((2, 3))".into())
    }
}

impl InOnnx for GlobalMaxPool {
    fn add_to(&self, _: &Part, graph: &mut Graph) {
        pools::code::over_all_pixels("GlobalMaxPool", graph);
    }
}

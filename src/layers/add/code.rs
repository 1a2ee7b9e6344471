//! A residual connection in Keras, PyTorch and ONNX.

use crate::{
    layers::Add,
    takeaway::{
        keras::InKeras,
        onnx::{Graph, InOnnx},
        part::Part,
        pytorch::InPyTorch,
    },
};

// The sum is written before the layer.

impl InKeras for Add {
    fn layers(&self, _: &Part) -> Vec<String> {
        Vec::new()
    }
}

impl InPyTorch for Add {
    fn forward(&self, _: &Part) -> Option<String> {
        None
    }
}

impl InOnnx for Add {
    fn add_to(&self, _: &Part, _: &mut Graph) {}
}

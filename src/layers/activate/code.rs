//! An activation as a layer of its own in Keras, PyTorch and ONNX.

use crate::{
    layers::Activate,
    takeaway::{
        keras::{self, InKeras},
        onnx::{Graph, InOnnx},
        part::Part,
        pytorch::InPyTorch,
    },
};

impl InKeras for Activate {
    fn layers(&self, _: &Part) -> Vec<String> {
        keras::activation_alone(self.activation)
    }
}

impl InPyTorch for Activate {
    fn forward(&self, _: &Part) -> Option<String> {
        Some("x".into())
    }
}

impl InOnnx for Activate {
    // After each layer, the graph gets the layer's activation. So nothing is left to add here.
    fn add_to(&self, _: &Part, _: &mut Graph) {}
}

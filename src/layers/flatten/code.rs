//! Flattening in Keras, PyTorch and ONNX.

use crate::{
    layers::Flatten,
    takeaway::{
        keras::InKeras,
        onnx::{Attribute, Graph, InOnnx},
        part::Part,
        pytorch::InPyTorch,
    },
};

impl InKeras for Flatten {
    fn layers(&self, _: &Part) -> Vec<String> {
        vec!["Flatten()".into()]
    }
}

impl InPyTorch for Flatten {
    fn forward(&self, _: &Part) -> Option<String> {
        Some("x.flatten(1)".into())
    }
}

impl InOnnx for Flatten {
    fn add_to(&self, _: &Part, graph: &mut Graph) {
        graph.node("Flatten", &[], &[("axis", Attribute::Int(1))]);
    }
}

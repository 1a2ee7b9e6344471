//! The whitening in Keras, PyTorch and ONNX.

use crate::{
    layers::{
        Layer,
        whitening::{FILTERS, PATCH, Whitening},
    },
    spec::shape::Padding,
    takeaway::{
        keras::{self, InKeras},
        onnx::{self, Graph, InOnnx},
        part::Part,
        pytorch::{self, InPyTorch},
    },
};

impl InKeras for Whitening {
    fn layers(&self, part: &Part) -> Vec<String> {
        let activation = keras::with_activation(self.activation());
        vec![format!("Conv2D({FILTERS}, {PATCH}{activation}, name=\"{}\")", part.name())]
    }

    fn values(&self, part: &Part) -> Vec<String> {
        vec![part.tensor("weight"), part.tensor("shift")]
    }
}

impl InPyTorch for Whitening {
    fn module(&self, part: &Part) -> Option<String> {
        Some(format!("torch.nn.Conv2d({}, {FILTERS}, {PATCH})", part.channels()))
    }

    fn forward(&self, part: &Part) -> Option<String> {
        Some(part.module_of("x"))
    }

    fn values(&self, part: &Part) -> Vec<(&'static str, String)> {
        vec![("weight", part.tensor("weight") + pytorch::FILTERS_FIRST), ("bias", part.tensor("shift"))]
    }
}

impl InOnnx for Whitening {
    fn add_to(&self, part: &Part, graph: &mut Graph) {
        let (weight, shift) = (part.parameter("weight"), part.parameter("shift"));
        graph.filters(part, FILTERS, PATCH);
        graph.own(&shift, &[FILTERS]);
        graph.node("Conv", &[&weight, &shift], &onnx::window(part, PATCH, 1, Padding::None));
    }
}

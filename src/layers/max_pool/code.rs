//! A max pool in Keras, PyTorch and ONNX.

use crate::{
    layers::{MaxPool, pools},
    takeaway::{
        keras::InKeras,
        onnx::{self, Graph, InOnnx},
        part::Part,
        pytorch::{self, InPyTorch},
    },
};

impl InKeras for MaxPool {
    fn layers(&self, _: &Part) -> Vec<String> {
        pools::code::in_keras("Max", self.side, self.stride, self.padding)
    }
}

impl InPyTorch for MaxPool {
    fn forward(&self, part: &Part) -> Option<String> {
        let x = match part.margins(self.padding, self.side, self.stride) {
            [0, 0] => "x".into(),
            margins => format!("F.pad(x, {}, value=-torch.inf)", pytorch::pad(margins)),
        };
        Some(format!("F.max_pool2d({x}, {}, {})", self.side, self.stride))
    }
}

impl InOnnx for MaxPool {
    fn add_to(&self, part: &Part, graph: &mut Graph) {
        graph.node("MaxPool", &[], &onnx::window(part, self.side, self.stride, self.padding));
    }
}

//! An average pool in Keras, PyTorch and ONNX.

use crate::{
    layers::{AveragePool, pools},
    takeaway::{
        keras::InKeras,
        onnx::{self, Graph, InOnnx},
        part::Part,
        pytorch::{self, InPyTorch},
    },
};

/// A function for pools with padding. PyTorch's own pool would count the zeros that `F.pad` adds.
const PADDED_MEAN: &str = "

def padded_avg_pool2d(x, side, stride, pad):
    \"\"\"The mean of each window's pixels that lie in the image.\"\"\"
    sums = F.avg_pool2d(F.pad(x, pad), side, stride)
    return sums / F.avg_pool2d(F.pad(torch.ones_like(x), pad), side, stride)
";

impl AveragePool {
    fn margins(&self, part: &Part) -> [usize; 2] {
        part.margins(self.padding, self.side, self.stride)
    }
}

impl InKeras for AveragePool {
    fn layers(&self, _: &Part) -> Vec<String> {
        pools::code::in_keras("Average", self.side, self.stride, self.padding)
    }
}

impl InPyTorch for AveragePool {
    fn helper(&self, part: &Part) -> Option<&'static str> {
        (self.margins(part) != [0, 0]).then_some(PADDED_MEAN)
    }

    fn forward(&self, part: &Part) -> Option<String> {
        Some(match self.margins(part) {
            [0, 0] => format!("F.avg_pool2d(x, {}, {})", self.side, self.stride),
            margins => {
                format!("padded_avg_pool2d(x, {}, {}, {})", self.side, self.stride, pytorch::pad(margins))
            }
        })
    }
}

impl InOnnx for AveragePool {
    fn add_to(&self, part: &Part, graph: &mut Graph) {
        graph.node("AveragePool", &[], &onnx::window(part, self.side, self.stride, self.padding));
    }
}

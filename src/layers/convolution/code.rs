//! A convolution in Keras, PyTorch and ONNX.

use crate::{
    layers::Convolution,
    takeaway::{
        keras::{self, InKeras},
        onnx::{self, Graph, InOnnx},
        part::Part,
        pytorch::{self, InPyTorch},
    },
};

impl InKeras for Convolution {
    fn layers(&self, part: &Part) -> Vec<String> {
        let stride = if self.stride == 1 { String::new() } else { format!(", strides={}", self.stride) };
        let bias = if self.bias { "" } else { ", use_bias=False" };
        vec![format!(
            "Conv2D({}, {}{stride}{}{bias}{}, name=\"{}\")",
            self.outputs,
            self.kernel,
            keras::padded(self.padding),
            keras::with_activation(self.activation),
            part.name()
        )]
    }

    fn values(&self, part: &Part) -> Vec<String> {
        let turn = if part.has_filters_first() { ".transpose(2, 3, 1, 0)" } else { "" };
        let weight = part.tensor("weight") + turn;
        [Some(weight), self.bias.then(|| part.tensor("bias"))].into_iter().flatten().collect()
    }
}

impl InPyTorch for Convolution {
    fn module(&self, part: &Part) -> Option<String> {
        let stride = if self.stride == 1 { String::new() } else { format!(", stride={}", self.stride) };
        let padding = match part.margins(self.padding, self.kernel, self.stride) {
            [0, 0] => String::new(),
            [before, behind] if before == behind => format!(", padding={before}"),
            // More padding behind than before: `forward` pads.
            _ => String::new(),
        };
        let bias = if self.bias { "" } else { ", bias=False" };
        let inputs = part.channels();
        Some(format!("torch.nn.Conv2d({inputs}, {}, {}{stride}{padding}{bias})", self.outputs, self.kernel))
    }

    fn forward(&self, part: &Part) -> Option<String> {
        Some(match part.margins(self.padding, self.kernel, self.stride) {
            [before, behind] if before != behind => {
                part.module_of(&format!("F.pad(x, {})", pytorch::pad([before, behind])))
            }
            _ => part.module_of("x"),
        })
    }

    fn values(&self, part: &Part) -> Vec<(&'static str, String)> {
        let turn = if part.has_filters_first() { "" } else { pytorch::FILTERS_FIRST };
        let weight = ("weight", part.tensor("weight") + turn);
        [Some(weight), self.bias.then(|| ("bias", part.tensor("bias")))].into_iter().flatten().collect()
    }
}

impl InOnnx for Convolution {
    fn add_to(&self, part: &Part, graph: &mut Graph) {
        graph.filters(part, self.outputs, self.kernel);
        let tensors = [part.parameter("weight"), part.parameter("bias")];
        let tensors = if self.bias { &tensors[..] } else { &tensors[..1] };
        if self.bias {
            graph.own(&tensors[1], &[self.outputs]);
        }
        let tensors: Vec<_> = tensors.iter().map(String::as_str).collect();
        graph.node("Conv", &tensors, &onnx::window(part, self.kernel, self.stride, self.padding));
    }
}

//! A dense layer in Keras, PyTorch and ONNX.

use crate::{
    layers::Dense,
    spec::shape::Order,
    takeaway::{
        keras::{self, InKeras},
        onnx::{Graph, InOnnx},
        part::{Flattened, Part},
        pytorch::InPyTorch,
        turned::turned,
    },
};

impl InKeras for Dense {
    fn layers(&self, part: &Part) -> Vec<String> {
        let activation = keras::with_activation(self.activation);
        vec![format!("Dense({}{activation}, name=\"{}\")", self.outputs, part.name())]
    }

    fn values(&self, part: &Part) -> Vec<String> {
        let turn = match part.flattened {
            // The file has one map after the other.
            Some(Flattened { channels, height, width, order: Order::Planes }) => format!(
                ".reshape({channels}, {height}, {width}, -1).transpose(1, 2, 0, 3).reshape({}, -1)",
                channels * height * width
            ),
            _ => String::new(),
        };
        vec![part.tensor("weight") + &turn, part.tensor("bias")]
    }
}

impl InPyTorch for Dense {
    fn module(&self, part: &Part) -> Option<String> {
        Some(format!("torch.nn.Linear({}, {})", part.place.input.count(), self.outputs))
    }

    fn forward(&self, part: &Part) -> Option<String> {
        Some(part.module_of("x"))
    }

    fn values(&self, part: &Part) -> Vec<(&'static str, String)> {
        let turn = match part.flattened {
            // The file has a pixel's channels side by side.
            Some(Flattened { channels, height, width, order: Order::Pixels }) => {
                format!(".reshape({height}, {width}, {channels}, -1).permute(3, 2, 0, 1).flatten(1)")
            }
            _ => ".T".into(),
        };
        vec![("weight", part.tensor("weight") + &turn), ("bias", part.tensor("bias"))]
    }
}

impl InOnnx for Dense {
    fn add_to(&self, part: &Part, graph: &mut Graph) {
        let (weight, bias) = (part.parameter("weight"), part.parameter("bias"));
        let mut values = graph.values(&weight);
        if let Some(Flattened { channels, height, width, order: Order::Pixels }) = part.flattened {
            // [row, column, channel, output] -> [channel, row, column, output]
            values = turned(&values, [height, width, channels, self.outputs], [2, 0, 1, 3]);
        }
        graph.tensor(&weight, &[part.place.input.count(), self.outputs], &values);
        graph.own(&bias, &[self.outputs]);
        graph.node("Gemm", &[&weight, &bias], &[]);
    }
}

//! Batch normalisation in Keras, PyTorch and ONNX.

use crate::{
    layers::batch_norm::{BatchNorm, NORM_EPSILON, NORM_MOMENTUM},
    takeaway::{
        keras::{self, InKeras},
        onnx::{Attribute, Graph, InOnnx},
        part::Part,
        pytorch::InPyTorch,
    },
};

impl InKeras for BatchNorm {
    fn layers(&self, part: &Part) -> Vec<String> {
        let (name, momentum) = (part.name(), 1.0 - NORM_MOMENTUM);
        let scale = if self.scale { "" } else { "scale=False, " };
        let norm = format!("BatchNormalization({scale}epsilon={NORM_EPSILON:e}, momentum={momentum}, name=\"{name}\")");
        [norm].into_iter().chain(keras::activation_alone(self.activation)).collect()
    }

    fn values(&self, part: &Part) -> Vec<String> {
        let scale = self.scale.then(|| part.tensor("scale"));
        scale.into_iter().chain([part.tensor("shift"), format!("*{}", part.tensor("statistics"))]).collect()
    }
}

impl InPyTorch for BatchNorm {
    fn module(&self, part: &Part) -> Option<String> {
        let sides = if part.place.input.sizes().len() == 1 { "1d" } else { "2d" };
        let inputs = part.channels();
        Some(format!("torch.nn.BatchNorm{sides}({inputs}, eps={NORM_EPSILON:e}, momentum={NORM_MOMENTUM})"))
    }

    fn forward(&self, part: &Part) -> Option<String> {
        Some(part.module_of("x"))
    }

    fn values(&self, part: &Part) -> Vec<(&'static str, String)> {
        let scale = if self.scale { part.tensor("scale") } else { format!("torch.ones({})", part.channels()) };
        vec![
            ("weight", scale),
            ("bias", part.tensor("shift")),
            ("running_mean", part.tensor("statistics") + "[0]"),
            ("running_var", part.tensor("statistics") + "[1]"),
            ("num_batches_tracked", "torch.tensor(0)".into()),
        ]
    }
}

impl InOnnx for BatchNorm {
    fn add_to(&self, part: &Part, graph: &mut Graph) {
        let channels = part.channels();
        let [scale, shift, mean, variance] = ["scale", "shift", "mean", "variance"].map(|role| part.parameter(role));
        let statistics = graph.values(&part.parameter("statistics"));
        let scales = if self.scale { graph.values(&scale) } else { vec![1.0; channels] };
        graph.tensor(&scale, &[channels], &scales);
        graph.own(&shift, &[channels]);
        graph.tensor(&mean, &[channels], &statistics[..channels]);
        graph.tensor(&variance, &[channels], &statistics[channels..]);
        let epsilon = ("epsilon", Attribute::Float(NORM_EPSILON));
        graph.node("BatchNormalization", &[&scale, &shift, &mean, &variance], &[epsilon]);
    }
}

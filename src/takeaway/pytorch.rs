//! Networks as code for PyTorch. Its maps have their channels first.

use super::{
    part::{Flattened, Part, entered},
    program::{Framework, activation_of, program, push_commented},
};
use crate::layers::{
    batch_norm::{NORM_EPSILON, NORM_MOMENTUM},
    whitening::PATCH,
};
use crate::spec::{
    Activation, Kind, Spec, SpecError,
    shape::{LEAKY_SLOPE, Order},
};

/// A PyTorch program that builds the network of `spec`, loads its exported weights and answers a picture.
/// `dropout_rate`, in `0.0..1.0`, is for dropout layers without a rate of their own.
///
/// # Errors
/// If `spec` describes no possible network.
pub fn code(spec: &Spec, dropout_rate: f32) -> Result<String, SpecError> {
    program::<PyTorch>(spec, dropout_rate)
}

struct PyTorch;

impl Framework for PyTorch {
    const NAME: &'static str = "PyTorch";
    const NEEDS: &'static str = "torch numpy pillow safetensors";
    const IMPORTS: &'static str = "import numpy as np\nimport torch\nimport torch.nn.functional as F";

    fn helpers(parts: &[Part]) -> String {
        let is_padded_mean = |part: &Part| match part.place.layer.kind {
            Kind::AveragePool(pool) => part.margins(pool.padding, pool.side, pool.stride) != [0, 0],
            _ => false,
        };
        if !parts.iter().any(is_padded_mean) {
            return String::new();
        }
        "

def padded_avg_pool2d(x, side, stride, pad):
    \"\"\"The mean of each window's pixels that lie in the image.\"\"\"
    sums = F.avg_pool2d(F.pad(x, pad), side, stride)
    return sums / F.avg_pool2d(F.pad(torch.ones_like(x), pad), side, stride)
"
        .into()
    }

    fn network(parts: &[Part]) -> String {
        let mut text =
            "class Network(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n".to_owned();
        for module in parts.iter().filter_map(module) {
            text += &format!("        self.{module}\n");
        }
        text += "\n    def forward(self, x):\n";
        for part in parts {
            let sizes = part.place.output.sizes();
            if part.is_reached {
                text += &format!("        {} = x\n", entered(part.at));
            }
            if let Some(earlier) = part.reaches {
                push_commented(&mut text, &format!("        x = x + {}", entered(earlier)), &sizes);
            }
            if let Some(value) = forward(part) {
                push_commented(&mut text, &format!("        x = {value}"), &sizes);
            }
        }
        text + "        return x\n"
    }

    fn loading(parts: &[Part]) -> String {
        let mut text = "def load(path):
    \"\"\"The network with the weights in a file, and the normalisation of its images.\"\"\"
    network = Network()
    with safe_open(path, \"pt\") as file:
        tensor = file.get_tensor
        network.load_state_dict({
"
        .to_owned();
        for (name, value) in parts.iter().flat_map(values) {
            text += &format!("            \"{name}\": {value},\n");
        }
        text + "        })
        return network.eval(), json.loads(file.metadata()[\"normalisation\"])
"
    }

    const LOGITS: &'static str = "def logits(network, normalisation, pixels):
    \"\"\"Ten logits for pixels from 0 to 255: rows, columns, colours.\"\"\"
    image = (pixels / 255 - np.array(normalisation[\"mean\"])) / np.array(normalisation[\"std\"])
    with torch.no_grad():
        return network(torch.tensor(image.transpose(2, 0, 1)[None], dtype=torch.float32))[0].numpy()
";
}

/// The assignment of the module with the layer's parameters, if it has any.
fn module(part: &Part) -> Option<String> {
    let (name, inputs) = (part.name(), part.channels());
    Some(match part.place.layer.kind {
        Kind::Convolution(layer) => {
            let stride = if layer.stride == 1 { String::new() } else { format!(", stride={}", layer.stride) };
            let padding = match part.margins(layer.padding, layer.kernel, layer.stride) {
                [0, 0] => String::new(),
                [before, behind] if before == behind => format!(", padding={before}"),
                // More padding behind than before: `forward` pads.
                _ => String::new(),
            };
            let bias = if layer.bias { "" } else { ", bias=False" };
            format!("{name} = torch.nn.Conv2d({inputs}, {}, {}{stride}{padding}{bias})", layer.outputs, layer.kernel)
        }
        Kind::Whitening(_) => {
            format!("{name} = torch.nn.Conv2d({inputs}, {}, {PATCH})", part.place.output.maps()[0])
        }
        Kind::Dense(layer) => format!("{name} = torch.nn.Linear({}, {})", part.place.input.count(), layer.outputs),
        Kind::BatchNorm(_) => {
            let sides = if part.place.input.sizes().len() == 1 { "1d" } else { "2d" };
            format!("{name} = torch.nn.BatchNorm{sides}({inputs}, eps={NORM_EPSILON:e}, momentum={NORM_MOMENTUM})")
        }
        _ => return None,
    })
}

/// The expression for the new `x`, unless it stays the same.
fn forward(part: &Part) -> Option<String> {
    let own = |x: &str| format!("self.{}({x})", part.name());
    let activation = activation_of(&part.place.layer.kind);
    let pad = |[before, behind]: [usize; 2]| format!("({before}, {behind}, {before}, {behind})");
    let value = match part.place.layer.kind {
        // The residual sum was written before.
        Kind::Add(_) => return None,
        Kind::Activate(_) => "x".into(),
        Kind::AveragePool(layer) => match part.margins(layer.padding, layer.side, layer.stride) {
            [0, 0] => format!("F.avg_pool2d(x, {}, {})", layer.side, layer.stride),
            margins => format!("padded_avg_pool2d(x, {}, {}, {})", layer.side, layer.stride, pad(margins)),
        },
        Kind::MaxPool(layer) => {
            let x = match part.margins(layer.padding, layer.side, layer.stride) {
                [0, 0] => "x".into(),
                margins => format!("F.pad(x, {}, value=-torch.inf)", pad(margins)),
            };
            format!("F.max_pool2d({x}, {}, {})", layer.side, layer.stride)
        }
        Kind::Convolution(layer) => match part.margins(layer.padding, layer.kernel, layer.stride) {
            [before, behind] if before != behind => own(&format!("F.pad(x, {})", pad([before, behind]))),
            _ => own("x"),
        },
        Kind::BatchNorm(_) | Kind::Dense(_) | Kind::Whitening(_) => own("x"),
        Kind::Dropout(layer) => {
            let rate = layer.rate().map_or_else(|| "DROPOUT".into(), |rate| rate.to_string());
            format!("F.dropout(x, {rate}, self.training)")
        }
        Kind::Flatten(_) => "x.flatten(1)".into(),
        Kind::GlobalAveragePool(_) => "x.mean((2, 3))".into(),
        Kind::GlobalMaxPool(_) => "x.amax((2, 3))".into(),
    };
    Some(match activation {
        Activation::None => value,
        Activation::Relu => format!("F.relu({value})"),
        Activation::LeakyRelu => format!("F.leaky_relu({value}, {LEAKY_SLOPE})"),
        Activation::Tanh => format!("torch.tanh({value})"),
        Activation::Gelu => format!("F.gelu({value}, approximate=\"tanh\")"),
    })
}

/// The names of the layer's values in the module, and expressions for them.
fn values(part: &Part) -> Vec<(String, String)> {
    let tensor = |role: &str| format!("tensor(\"{}.{role}\")", part.block());
    let values = match &part.place.layer.kind {
        Kind::Convolution(layer) => {
            let turn = if part.has_filters_first() { "" } else { ".permute(3, 2, 0, 1)" };
            let weight = ("weight", tensor("weight") + turn);
            [Some(weight), layer.bias.then(|| ("bias", tensor("bias")))].into_iter().flatten().collect()
        }
        Kind::Dense(_) => {
            let turn = match part.flattened {
                // The file has a pixel's channels side by side.
                Some(Flattened { channels, height, width, order: Order::Pixels }) => {
                    format!(".reshape({height}, {width}, {channels}, -1).permute(3, 2, 0, 1).flatten(1)")
                }
                _ => ".T".into(),
            };
            vec![("weight", tensor("weight") + &turn), ("bias", tensor("bias"))]
        }
        Kind::BatchNorm(layer) => vec![
            ("weight", if layer.scale { tensor("scale") } else { format!("torch.ones({})", part.channels()) }),
            ("bias", tensor("shift")),
            ("running_mean", tensor("statistics") + "[0]"),
            ("running_var", tensor("statistics") + "[1]"),
            ("num_batches_tracked", "torch.tensor(0)".into()),
        ],
        Kind::Whitening(_) => vec![("weight", tensor("weight") + ".permute(3, 2, 0, 1)"), ("bias", tensor("shift"))],
        _ => Vec::new(),
    };
    values.into_iter().map(|(name, value)| (format!("{}.{name}", part.name()), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_network_reads_as_one_would_write_it() {
        let spec = Spec::shipped(crate::spec::NetworkName::Cui2017);
        let code = code(&spec, 0.4).expect("a shipped network");
        let lines = [
            "        self.conv = torch.nn.Conv2d(3, 18, 4)\n",
            "        self.hidden = torch.nn.Linear(18432, 384)\n",
            "        x = F.relu(self.conv(F.pad(x, (1, 2, 1, 2))))  ",
            "        x = F.max_pool2d(F.pad(x, (3, 4, 3, 4), value=-torch.inf), 8, 1)  ",
            "# 18 x 32 x 32\n",
            "            \"hidden.weight\": tensor(\"hidden.weight\").T,\n",
        ];
        for line in lines {
            assert!(code.contains(line), "{line}\nis not in\n{code}");
        }
    }
}

//! Networks as code for PyTorch. Its maps have their channels first.

use super::{
    part::{Part, entered},
    program::{Framework, program, push_commented},
};
use crate::{
    layers::with_layer,
    spec::{Activation, Spec, SpecError, shape::LEAKY_SLOPE},
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
        let mut text = String::new();
        for helper in parts.iter().filter_map(|part| with_layer!(&part.place.layer.kind, layer => layer.helper(part))) {
            if !text.contains(helper) {
                text += helper;
            }
        }
        text
    }

    fn network(parts: &[Part]) -> String {
        let mut text =
            "class Network(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n".to_owned();
        for part in parts {
            if let Some(module) = with_layer!(&part.place.layer.kind, layer => layer.module(part)) {
                text += &format!("        self.{} = {module}\n", part.name());
            }
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
        for part in parts {
            for (name, value) in with_layer!(&part.place.layer.kind, layer => InPyTorch::values(layer, part)) {
                text += &format!("            \"{}.{name}\": {value},\n", part.name());
            }
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

/// A kind of layer in PyTorch.
pub trait InPyTorch {
    /// A function that its [`forward`](Self::forward) calls, if it needs one.
    fn helper(&self, _part: &Part) -> Option<&'static str> {
        None
    }

    /// The module with its parameters, if it has any: `torch.nn.Linear(384, 10)`.
    fn module(&self, _part: &Part) -> Option<String> {
        None
    }

    /// The expression for the new `x`, without the layer's activation; none if `x` stays the same.
    fn forward(&self, part: &Part) -> Option<String>;

    /// The names of its values in the module, and expressions for them.
    fn values(&self, _part: &Part) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// Turns filters from `[row, column, input, output]` into PyTorch's order.
pub const FILTERS_FIRST: &str = ".permute(3, 2, 0, 1)";

/// The argument for these margins before and behind maps.
pub fn pad([before, behind]: [usize; 2]) -> String {
    format!("({before}, {behind}, {before}, {behind})")
}

/// The expression for the new `x`, unless it stays the same.
fn forward(part: &Part) -> Option<String> {
    let kind = &part.place.layer.kind;
    let value = with_layer!(kind, layer => InPyTorch::forward(layer, part))?;
    Some(match kind.layer().activation() {
        Activation::None => value,
        Activation::Relu => format!("F.relu({value})"),
        Activation::LeakyRelu => format!("F.leaky_relu({value}, {LEAKY_SLOPE})"),
        Activation::Tanh => format!("torch.tanh({value})"),
        Activation::Gelu => format!("F.gelu({value}, approximate=\"tanh\")"),
    })
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

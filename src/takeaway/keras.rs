//! Networks as code for Keras 3, with any of its backends. Its maps have their channels last.

use super::{
    part::{Flattened, Part, entered},
    program::{Framework, activation_of, has, program, push_commented},
};
use crate::layers::batch_norm::{NORM_EPSILON, NORM_MOMENTUM};
use crate::spec::{
    Activation, Kind, Spec, SpecError,
    shape::{LEAKY_SLOPE, Order, Padding},
};
use std::fmt::Write;

/// A Keras program that builds the network of `spec`, loads its exported weights and answers a picture. `dropout_rate`,
/// in `0.0..1.0`, is for dropout layers without a rate of their own.
///
/// # Errors
/// If `spec` describes no possible network.
pub fn code(spec: &Spec, dropout_rate: f32) -> Result<String, SpecError> {
    program::<Keras>(spec, dropout_rate)
}

struct Keras;

impl Framework for Keras {
    const NAME: &'static str = "Keras 3";
    const NEEDS: &'static str = "keras jax numpy pillow safetensors";
    const IMPORTS: &'static str = "import keras\nimport numpy as np\nfrom keras import layers";

    fn helpers(parts: &[Part]) -> String {
        let gelu = "\n\ndef gelu(x):\n    return keras.ops.gelu(x, approximate=True)\n".to_owned();
        let leaky =
            format!("\n\ndef leaky_relu(x):\n    return keras.ops.leaky_relu(x, negative_slope={LEAKY_SLOPE})\n");
        [(Activation::Gelu, gelu), (Activation::LeakyRelu, leaky)]
            .into_iter()
            .filter_map(|(activation, helper)| has(parts, activation).then_some(helper))
            .collect()
    }

    fn network(parts: &[Part]) -> String {
        let mut text = "def build():\n    x = images = keras.Input((32, 32, 3))\n".to_owned();
        for part in parts {
            let [channels, height, width] = part.place.output.maps();
            let sizes = [height, width, channels];
            let sizes = if part.place.output.sizes().len() == 1 { &sizes[2..] } else { &sizes };
            if part.is_reached {
                text += &format!("    {} = x\n", entered(part.at));
            }
            if let Some(earlier) = part.reaches {
                push_commented(&mut text, &format!("    x = layers.Add()([x, {}])", entered(earlier)), sizes);
            }
            for layer in layers(part) {
                push_commented(&mut text, &format!("    x = layers.{layer}(x)"), sizes);
            }
        }
        text + "    return keras.Model(images, x)\n"
    }

    fn loading(parts: &[Part]) -> String {
        let mut text = "def load(path):
    \"\"\"The network with the weights in a file, and the normalisation of its images.\"\"\"
    network = build()
    with safe_open(path, \"np\") as file:
        tensor = file.get_tensor
"
        .to_owned();
        for part in parts {
            let values = values(part);
            if !values.is_empty() {
                writeln!(text, "        network.get_layer(\"{}\").set_weights([", part.name())
                    .expect("a text takes all");
                values.iter().for_each(|value| text += &format!("            {value},\n"));
                text += "        ])\n";
            }
        }
        text + "        return network, json.loads(file.metadata()[\"normalisation\"])\n"
    }

    const LOGITS: &'static str = "def logits(network, normalisation, pixels):
    \"\"\"Ten logits for pixels from 0 to 255: rows, columns, colours.\"\"\"
    image = (pixels / 255 - np.array(normalisation[\"mean\"])) / np.array(normalisation[\"std\"])
    return keras.ops.convert_to_numpy(network(image[None].astype(\"float32\")))[0]
";
}

/// The Keras layers that compute this layer.
fn layers(part: &Part) -> Vec<String> {
    let name = part.name();
    let kind = &part.place.layer.kind;
    let activation = activation(activation_of(kind));
    let with_activation =
        activation.as_ref().map_or_else(String::new, |activation| format!(", activation={activation}"));
    let alone = || activation.iter().map(|activation| format!("Activation({activation})"));
    let pool = |what: &str, side: usize, stride: usize, padding: Padding| {
        let stride = if stride == side { String::new() } else { format!(", strides={stride}") };
        vec![format!("{what}Pooling2D({side}{stride}{})", padded(padding))]
    };
    match *kind {
        Kind::Activate(_) => alone().collect(),
        // The residual sum was written before.
        Kind::Add(_) => Vec::new(),
        Kind::AveragePool(layer) => pool("Average", layer.side, layer.stride, layer.padding),
        Kind::MaxPool(layer) => pool("Max", layer.side, layer.stride, layer.padding),
        Kind::BatchNorm(layer) => {
            let momentum = 1.0 - NORM_MOMENTUM;
            let scale = if layer.scale { "" } else { "scale=False, " };
            let norm =
                format!("BatchNormalization({scale}epsilon={NORM_EPSILON:e}, momentum={momentum}, name=\"{name}\")");
            [norm].into_iter().chain(alone()).collect()
        }
        Kind::Convolution(layer) => {
            let stride = if layer.stride == 1 { String::new() } else { format!(", strides={}", layer.stride) };
            let bias = if layer.bias { "" } else { ", use_bias=False" };
            vec![format!(
                "Conv2D({}, {}{stride}{}{bias}{with_activation}, name=\"{name}\")",
                layer.outputs,
                layer.kernel,
                padded(layer.padding)
            )]
        }
        Kind::Dense(layer) => vec![format!("Dense({}{with_activation}, name=\"{name}\")", layer.outputs)],
        Kind::Dropout(layer) => {
            vec![layer.rate().map_or_else(|| "Dropout(DROPOUT)".into(), |rate| format!("Dropout({rate})"))]
        }
        Kind::Flatten(_) => vec!["Flatten()".into()],
        Kind::GlobalAveragePool(_) => vec!["GlobalAveragePooling2D()".into()],
        Kind::GlobalMaxPool(_) => vec!["GlobalMaxPooling2D()".into()],
        Kind::Whitening(_) => {
            let outputs = part.place.output.maps()[0];
            vec![format!("Conv2D({outputs}, {}{with_activation}, name=\"{name}\")", crate::layers::whitening::PATCH)]
        }
    }
}

fn padded(padding: Padding) -> &'static str {
    match padding {
        Padding::None => "",
        Padding::Same => ", padding=\"same\"",
    }
}

fn activation(activation: Activation) -> Option<String> {
    let name = match activation {
        Activation::None => return None,
        Activation::Relu => "\"relu\"",
        Activation::Tanh => "\"tanh\"",
        // Keras's own functions of these names differ: a slope of 0.2, and the exact form of GELU.
        Activation::LeakyRelu => "leaky_relu",
        Activation::Gelu => "gelu",
    };
    Some(name.into())
}

/// The layer's values, in the order in which Keras takes them.
fn values(part: &Part) -> Vec<String> {
    let tensor = |role: &str| format!("tensor(\"{}.{role}\")", part.block());
    match &part.place.layer.kind {
        Kind::Convolution(layer) => {
            let turn = if part.has_filters_first() { ".transpose(2, 3, 1, 0)" } else { "" };
            let weight = tensor("weight") + turn;
            [Some(weight), layer.bias.then(|| tensor("bias"))].into_iter().flatten().collect()
        }
        Kind::Dense(_) => {
            let turn = match part.flattened {
                // The file has one map after the other.
                Some(Flattened { channels, height, width, order: Order::Planes }) => format!(
                    ".reshape({channels}, {height}, {width}, -1).transpose(1, 2, 0, 3).reshape({}, -1)",
                    channels * height * width
                ),
                _ => String::new(),
            };
            vec![tensor("weight") + &turn, tensor("bias")]
        }
        Kind::BatchNorm(layer) => {
            let scale = layer.scale.then(|| tensor("scale"));
            scale.into_iter().chain([tensor("shift"), format!("*{}", tensor("statistics"))]).collect()
        }
        Kind::Whitening(_) => vec![tensor("weight"), tensor("shift")],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_network_reads_as_one_would_write_it() {
        let spec = Spec::shipped(crate::spec::NetworkName::Cui2017);
        let code = code(&spec, 0.4).expect("a shipped network");
        let lines = [
            "DROPOUT = 0.4  # the share that is set to 0 while the network learns\n",
            "    x = layers.Conv2D(18, 4, padding=\"same\", activation=\"relu\", name=\"conv\")(x)",
            "    x = layers.MaxPooling2D(8, strides=1, padding=\"same\")(x)  ",
            "    x = layers.Dropout(DROPOUT)(x)  ",
            "    x = layers.Dense(384, activation=\"relu\", name=\"hidden\")(x)  ",
            "# 32 x 32 x 18\n",
            "            tensor(\"conv.weight\").transpose(2, 3, 1, 0),\n",
        ];
        for line in lines {
            assert!(code.contains(line), "{line}\nis not in\n{code}");
        }
        assert!(!code.contains("def gelu"));
    }
}

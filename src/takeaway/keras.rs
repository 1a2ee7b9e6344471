//! Networks as code for Keras 3, with any of its backends. Its maps have their channels last.

use super::{
    part::{Part, entered},
    program::{Framework, has, program, push_commented},
};
use crate::layers::with_layer;
use crate::spec::{
    Activation, Spec, SpecError,
    shape::{LEAKY_SLOPE, Padding},
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
            for layer in with_layer!(&part.place.layer.kind, layer => layer.layers(part)) {
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
            let values = with_layer!(&part.place.layer.kind, layer => InKeras::values(layer, part));
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

/// A kind of layer in Keras.
pub trait InKeras {
    /// The Keras layers that compute it with its activation, as calls: `Flatten()`.
    fn layers(&self, part: &Part) -> Vec<String>;

    /// Expressions for its values, in the order in which Keras takes them.
    fn values(&self, _part: &Part) -> Vec<String> {
        Vec::new()
    }
}

/// The argument for a window's padding, if it has any.
pub fn padded(padding: Padding) -> &'static str {
    match padding {
        Padding::None => "",
        Padding::Same => ", padding=\"same\"",
    }
}

fn activation(activation: Activation) -> Option<&'static str> {
    Some(match activation {
        Activation::None => return None,
        Activation::Relu => "\"relu\"",
        Activation::Tanh => "\"tanh\"",
        // Keras's own functions of these names differ: a slope of 0.2, and the exact form of GELU.
        Activation::LeakyRelu => "leaky_relu",
        Activation::Gelu => "gelu",
    })
}

/// The argument for an activation, if there is one.
pub fn with_activation(activation: Activation) -> String {
    self::activation(activation).map_or_else(String::new, |name| format!(", activation={name}"))
}

/// The activation as a layer of its own, if there is one.
pub fn activation_alone(activation: Activation) -> Vec<String> {
    self::activation(activation).into_iter().map(|name| format!("Activation({name})")).collect()
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

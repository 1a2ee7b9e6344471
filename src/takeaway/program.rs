//! The common parts of the Python programs for both frameworks.

use super::part::{Part, parts};
use crate::{
    domain::CLASSES,
    spec::{Activation, Kind, Spec, SpecError},
};
use std::fmt::Write;

/// The column in a line of Python where its comment starts.
const COMMENTS_FROM: usize = 76;

/// How a framework describes a network.
pub trait Framework {
    /// The framework's name: "Keras 3".
    const NAME: &'static str;

    /// The packages to install.
    const NEEDS: &'static str;

    /// The import lines.
    const IMPORTS: &'static str;

    /// The helper functions that these layers need.
    fn helpers(parts: &[Part]) -> String;

    /// The code that builds the network.
    fn network(parts: &[Part]) -> String;

    /// The function `load(path)`: the network with the values in a file, and its normalisation.
    fn loading(parts: &[Part]) -> String;

    /// The function `logits(network, normalisation, pixels)`.
    const LOGITS: &'static str;
}

/// The program that builds the network of `spec`, loads its exported weights and answers a picture. `dropout_rate`, in
/// `0.0..1.0`, is for dropout layers without a rate of their own.
///
/// # Errors
/// If `spec` describes no possible network.
pub fn program<F: Framework>(spec: &Spec, dropout_rate: f32) -> Result<String, SpecError> {
    let places = spec.places()?;
    let parts = parts(&places);
    let classes = CLASSES.map(|class| format!("\"{class}\"")).join(", ");
    let has_dropout =
        spec.layers.iter().any(|layer| matches!(&layer.kind, Kind::Dropout(layer) if layer.percent.is_none()));
    let dropout = match has_dropout {
        true => format!("DROPOUT = {dropout_rate}  # the share that is set to 0 while the network learns\n"),
        false => String::new(),
    };
    Ok(format!(
        "\"\"\"A network from Tenfold, for {name}:
{layers}

    pip install {needs}
    python network.py WEIGHTS.safetensors PICTURE

WEIGHTS.safetensors is what Tenfold exports as weights.
\"\"\"

import json
import sys

{imports}
from PIL import Image, ImageOps
from safetensors import safe_open

CLASSES = [{classes}]
{dropout}{helpers}

{network}

{loading}

{logits}

if __name__ == \"__main__\":
    weights, picture = sys.argv[1:]
    network, normalisation = load(weights)
    pixels = ImageOps.fit(Image.open(picture).convert(\"RGB\"), (32, 32))
    answer = logits(network, normalisation, np.asarray(pixels))
    probabilities = np.exp(answer - answer.max())
    probabilities /= probabilities.sum()
    for probability, name in sorted(zip(probabilities, CLASSES), reverse=True)[:3]:
        print(f\"{{name}}: {{probability:.1%}}\")
",
        name = F::NAME,
        layers = spec,
        needs = F::NEEDS,
        imports = F::IMPORTS,
        helpers = F::helpers(&parts),
        network = F::network(&parts),
        loading = F::loading(&parts),
        logits = F::LOGITS,
    ))
}

/// Whether a layer of `parts` has this activation.
pub fn has(parts: &[Part], activation: Activation) -> bool {
    parts.iter().any(|part| part.place.layer.kind.layer().activation() == activation)
}

/// Adds `line` with the sizes of the layer's output as a comment.
pub fn push_commented(text: &mut String, line: &str, sizes: &[usize]) {
    let sizes: Vec<_> = sizes.iter().map(usize::to_string).collect();
    let sizes = sizes.join(" x ");
    writeln!(text, "{line:COMMENTS_FROM$}  # {sizes}").expect("a text takes all");
}

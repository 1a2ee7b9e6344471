//! What pools have in common in other programs.

use crate::{
    spec::shape::Padding,
    takeaway::{
        keras,
        onnx::{Attribute, Graph},
    },
};

/// The Keras layer with the name `{what}Pooling2D`.
pub fn in_keras(what: &str, side: usize, stride: usize, padding: Padding) -> Vec<String> {
    let stride = if stride == side { String::new() } else { format!(", strides={stride}") };
    vec![format!("{what}Pooling2D({side}{stride}{})", keras::padded(padding))]
}

/// Adds the operation `kind` to the graph. It gives one value per map; its dimensions of length 1 are removed.
pub fn over_all_pixels(kind: &str, graph: &mut Graph) {
    graph.node(kind, &[], &[]);
    graph.node("Flatten", &[], &[("axis", Attribute::Int(1))]);
}

//! Which tensor of another program's file becomes which parameter of a network.

use serde::{Deserialize, Serialize};

/// A tensor of a file, and the parameter of a network that it becomes, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    /// The tensor's name and dimensions: "features.0.weight, 16×3×5×5".
    pub tensor: String,
    /// The parameter's name and dimensions: "conv1.weight, 5×5×3×16".
    pub parameter: String,
    /// What is done to its values: "transposed".
    pub change: String,
}

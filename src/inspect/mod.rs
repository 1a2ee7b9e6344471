//! The inside of a network: the maps of its layers, the arithmetic of a unit, and what speaks for an answer.
//!
//! Each function computes once and keeps nothing. All of them ask the layers; nothing here knows a particular network.

mod features;
mod heat;
mod layers;
mod parts;
mod peaks;
mod unit;

pub use features::{Features, Plane, features, fingerprint};
pub use heat::{class_activation, gradient, occluded};
pub use layers::{filters, layers, outputs};
pub use peaks::{Peak, Peaks, passed};
pub use unit::arithmetic;

use crate::spec::shape::Shape;
use crate::{
    infer::ExecutionError,
    model::{
        activations::Activations,
        tensors::{read, reshape},
    },
};
use burn::Tensor;

/// The values of layers' outputs for one image, each as it lies in memory, with one wait for all of them.
///
/// # Errors
/// If the device fails.
async fn values(activations: Vec<Activations>) -> Result<Vec<Vec<f32>>, ExecutionError> {
    let flat = activations.into_iter().map(|x| match x {
        Activations::Planes(x) | Activations::Pixels(x) => row(x),
        Activations::Values(x) => row(x),
    });
    vectors(flat).await
}

/// The values of each of `tensors`, with one wait for all of them.
///
/// # Errors
/// If the device fails.
async fn vectors(tensors: impl IntoIterator<Item = Tensor<1>>) -> Result<Vec<Vec<f32>>, ExecutionError> {
    let read = read(tensors).await?;
    Ok(read.into_iter().map(|data| data.try_into_vec().expect("the tensors here are f32")).collect())
}

/// All values of `x`, flat.
fn row<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let count = x.dims().iter().product();
    reshape(x, [count])
}

/// Whether this is the shape of maps.
fn is_maps(shape: Shape) -> bool {
    matches!(shape, Shape::Maps { .. })
}

#[cfg(all(test, not(target_family = "wasm")))]
mod test_help {
    use crate::{
        checkpoint::{CARD_FILE, WEIGHTS_FILE},
        data::{Seen, see},
        domain::NetworkName,
        infer::Classifier,
    };
    use burn::tensor::Device;
    use std::{fs, path::Path};

    fn asset(name: &str) -> Vec<u8> {
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name)).expect("a shipped file")
    }

    /// The shipped network on the CPU.
    pub fn shipped(network: NetworkName) -> Classifier {
        let folder = format!("weights/{}", network.id());
        let card = serde_json::from_slice(&asset(&format!("{folder}/{CARD_FILE}"))).expect("a model card");
        let weights = asset(&format!("{folder}/{WEIGHTS_FILE}"));
        Classifier::load(&weights, &card, &Device::flex()).expect("today's network")
    }

    /// The drawn scene of a cat.
    pub fn known_picture() -> Seen {
        see(&asset("scenes/cat.png")).expect("a picture")
    }
}

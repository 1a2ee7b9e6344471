//! The weights as they are shipped: 8 bits for the large matrices and filters, 16 or 32 for the rest.
//!
//! A tensor of I8 named `x` comes with `x.scale`, one F32 for each index j of its last dimension: the weight is
//! `x[.., j] * x.scale[j]`. What training does not change by gradients is F32.

use super::{bytes_f32, bytes_of, f32_bytes, floats_of, read_all};
use crate::{
    data::Normalisation,
    model::{NamedTensor, Network, Spec, named_parameters},
    protocol::NetworkName,
};
use burn::{backend::ExecutionError, tensor::Device};
use half::f16;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::HashMap;

/// Matrices with at least this many elements are worth quantising to 8 bits.
const QUANTISED_FROM_LEN: usize = 100_000;

/// Name under which a file says which network it is of.
const NETWORK_KEY: &str = "network";

/// Name under which a file says what the network's images are normalised with, as JSON.
const NORMALISATION_KEY: &str = "normalisation";

/// Why a file does not hold the network's weights.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file is not SafeTensors, or is cut short.
    #[error("the weights are damaged or incomplete ({0}); download them again")]
    Damaged(#[from] safetensors::SafeTensorError),
    /// A parameter of the network is not in the file.
    #[error("the weights are of another network: they have no {name}; use the weights that came with this page")]
    Missing {
        /// The parameter's name.
        name: String,
    },
    /// A parameter has other dimensions or another number format than the network's.
    #[error(
        "the weights are of another network: {name} is {found}, and should be {expected}; use the weights that came \
         with this page"
    )]
    Mismatch {
        /// The parameter's name.
        name: String,
        /// What the file has.
        found: String,
        /// What the network has.
        expected: String,
    },
    /// A weight is infinite or not a number.
    #[error("the weights are damaged: {name} holds numbers that are not finite; download them again")]
    NotFinite {
        /// The parameter's name.
        name: String,
    },
}

/// The content of a weights file for `network`.
///
/// # Errors
/// If the device fails.
pub async fn write_weights(network: &Network) -> Result<Vec<u8>, ExecutionError> {
    let tensors = named_parameters(network);
    let data = read_all(&tensors).await?;
    let mut stored = Vec::new();
    for (NamedTensor { name, shape, is_trained, .. }, data) in tensors.into_iter().zip(&data) {
        let values = floats_of(data);
        match shape[..] {
            _ if !is_trained => stored.push((name, Dtype::F32, shape, f32_bytes(values))),
            [_, .., columns] if values.len() >= QUANTISED_FROM_LEN => {
                let (bytes, scales) = quantise(values, columns);
                stored.push((format!("{name}.scale"), Dtype::F32, vec![columns], f32_bytes(&scales)));
                stored.push((name, Dtype::I8, shape, bytes));
            }
            [_] => stored.push((name, Dtype::F32, shape, f32_bytes(values))),
            _ => {
                let bytes = values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect();
                stored.push((name, Dtype::F16, shape, bytes));
            }
        }
    }
    let views = stored.iter().map(|(name, dtype, shape, bytes)| {
        let view = TensorView::new(*dtype, shape.clone(), bytes).expect("bytes fill the shape");
        (name.clone(), view)
    });
    let metadata = HashMap::from([(NETWORK_KEY.to_owned(), network.name().id().to_owned())]);
    Ok(safetensors::serialize(views, Some(metadata)).expect("names are unique"))
}

/// The content of a file with `network`'s exact weights, all F32, and the `normalisation` of its images.
///
/// # Errors
/// If the device fails.
pub async fn export_weights(network: &Network, normalisation: &Normalisation) -> Result<Vec<u8>, ExecutionError> {
    let tensors = named_parameters(network);
    let data = read_all(&tensors).await?;
    let views = tensors.iter().zip(&data).map(|(tensor, data)| {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), bytes_of(data)).expect("bytes fill the shape");
        (tensor.name.clone(), view)
    });
    let normalisation = serde_json::to_string(normalisation).expect("a normalisation is plain data");
    let metadata = [(NETWORK_KEY, network.name().id().to_owned()), (NORMALISATION_KEY, normalisation)];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
    Ok(safetensors::serialize(views, Some(metadata)).expect("names are unique"))
}

/// What the images of the network in `bytes`, the content of a weights file, are normalised with, if the file says so.
pub fn read_normalisation(bytes: &[u8]) -> Option<Normalisation> {
    let (_, head) = SafeTensors::read_metadata(bytes).ok()?;
    let normalisation: Normalisation = serde_json::from_str(head.metadata().as_ref()?.get(NORMALISATION_KEY)?).ok()?;
    normalisation.is_usable().then_some(normalisation)
}

/// Rounds a matrix to signed bytes with one scale a column: (bytes, scales).
fn quantise(values: &[f32], columns: usize) -> (Vec<u8>, Vec<f32>) {
    let mut highest = vec![0.0_f32; columns];
    for row in values.chunks_exact(columns) {
        for (highest, value) in highest.iter_mut().zip(row) {
            *highest = highest.max(value.abs());
        }
    }
    let scales: Vec<f32> = highest.iter().map(|&h| if h > 0.0 { h / 127.0 } else { 1.0 }).collect();
    let level = |(value, scale): (&f32, &f32)| ((value / scale).round() as i8).to_le_bytes()[0];
    let bytes = values.chunks_exact(columns).flat_map(|row| row.iter().zip(&scales).map(level)).collect();
    (bytes, scales)
}

/// The network on `device` whose weights are in `bytes`, the content of a weights file; a file that does not say which
/// network it is of is taken for one of `otherwise`.
///
/// # Errors
/// If the file is damaged or of another network.
pub fn read_weights(bytes: &[u8], otherwise: NetworkName, device: &Device) -> Result<Network, WeightsError> {
    let file = SafeTensors::deserialize(bytes)?;
    let (_, head) = SafeTensors::read_metadata(bytes)?;
    let id = head.metadata().as_ref().and_then(|metadata| metadata.get(NETWORK_KEY));
    let network = id.and_then(|id| NetworkName::find(id)).unwrap_or(otherwise);
    let spec = Spec::of_file(network, |name| shape(&file, name));
    Network::load(&spec, device, |name, shape| read_tensor(&file, name, shape))
}

/// The shape of the tensor `name`, if there is one.
pub(super) fn shape(file: &SafeTensors, name: &str) -> Option<Vec<usize>> {
    Some(file.tensor(name).ok()?.shape().to_vec())
}

/// The elements of the tensor `name`, which must have `shape`.
pub(super) fn read_tensor(file: &SafeTensors, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
    let find = |name: &str| file.tensor(name).map_err(|_| WeightsError::Missing { name: name.to_owned() });
    let check = |name: &str, found: &TensorView, shape: &[usize]| {
        if found.shape() == shape {
            return Ok(());
        }
        let (found, expected) = (format!("{:?}", found.shape()), format!("{shape:?}"));
        Err(WeightsError::Mismatch { name: name.to_owned(), found, expected })
    };
    let view = find(name)?;
    check(name, &view, shape)?;
    let bytes = view.data();
    let values: Vec<f32> = match view.dtype() {
        Dtype::F32 => bytes_f32(bytes),
        Dtype::F16 => bytes.as_chunks().0.iter().map(|&v| f16::from_le_bytes(v).to_f32()).collect(),
        Dtype::I8 => {
            let name = format!("{name}.scale");
            let columns = *shape.last().unwrap_or(&1);
            let scale = find(&name)?;
            check(&name, &scale, &[columns])?;
            let scales = bytes_f32(scale.data());
            let mut values = Vec::with_capacity(bytes.len());
            // Row by row, so that the compiler knows how many follow, and makes vectors.
            for row in bytes.chunks_exact(columns) {
                values.extend(row.iter().zip(&scales).map(|(&v, s)| f32::from(v as i8) * s));
            }
            values
        }
        other => {
            let (found, expected) = (format!("{other:?}"), "F32, F16 or I8".to_owned());
            return Err(WeightsError::Mismatch { name: name.to_owned(), found, expected });
        }
    };
    if values.iter().all(|v| v.is_finite()) {
        Ok(values)
    } else {
        Err(WeightsError::NotFinite { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tenfold2026;

    const NETWORK: NetworkName = NetworkName::Cui2017;

    fn file() -> Vec<u8> {
        let network = Network::init(NETWORK, 1, &Device::flex());
        pollster::block_on(write_weights(&network)).expect("the CPU does not fail")
    }

    #[test]
    fn weights_survive_a_file_within_half_a_level() {
        let device = Device::flex();
        let network = Network::init(NETWORK, 1, &device);
        let bytes = file();
        assert!(bytes.len() < 7_200_000, "{} bytes", bytes.len());
        let read = read_weights(&bytes, NETWORK, &device).expect("just written");
        for (a, b) in named_parameters(&network).into_iter().zip(named_parameters(&read)) {
            assert_eq!((&a.name, &a.shape), (&b.name, &b.shape));
            let worst = (a.values.clone() - b.values).abs().max().into_scalar::<f32>();
            let level = a.values.abs().max().into_scalar::<f32>() / 127.0;
            assert!(worst <= 0.51 * level, "{}: {worst} against {level}", a.name);
        }
    }

    #[test]
    fn exported_weights_are_the_same_bits_and_bring_their_normalisation() {
        let device = Device::flex();
        let network = Network::init(NETWORK, 1, &device);
        let normalisation = Normalisation { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] };
        let bytes = pollster::block_on(export_weights(&network, &normalisation)).expect("the CPU does not fail");
        assert_eq!(read_normalisation(&bytes), Some(normalisation));
        assert_eq!(read_normalisation(&file()), None, "shipped weights have it on their card");
        let read = read_weights(&bytes, NETWORK, &device).expect("just written");
        for (a, b) in named_parameters(&network).into_iter().zip(named_parameters(&read)) {
            assert_eq!(a.values.into_data(), b.values.into_data(), "{}", a.name);
        }
    }

    #[test]
    fn a_truncated_file_is_refused() {
        let bytes = file();
        for len in [0, 7, 100, bytes.len() - 1] {
            let error = read_weights(&bytes[..len], NETWORK, &Device::flex()).expect_err("cut short");
            assert!(matches!(error, WeightsError::Damaged(_)), "{error}");
        }
    }

    #[test]
    fn a_narrower_network_keeps_its_widths_and_impossible_ones_are_refused() {
        let device = Device::flex();
        let file = |widths| {
            let network =
                Network::fresh(&tenfold2026::spec(widths), 1, &device).expect("widths for which there are kernels");
            pollster::block_on(write_weights(&network)).expect("the CPU does not fail")
        };
        let shapes = |network: &Network| -> Vec<_> {
            let parameters = named_parameters(network).into_iter();
            parameters.filter(|parameter| parameter.name.ends_with("weight")).map(|parameter| parameter.shape).collect()
        };
        let read = read_weights(&file([16, 32, 64]), NETWORK, &device).expect("a narrow network");
        let widths = [[24, 16], [16, 16], [16, 32], [32, 32], [32, 64], [64, 64]];
        let blocks = widths.map(|[inputs, outputs]| vec![3, 3, inputs, outputs]);
        assert_eq!(shapes(&read), [vec![vec![2, 2, 3, 24]], blocks.into(), vec![vec![64, 10]]].concat());

        let error = read_weights(&file([16, 1032, 64]), NETWORK, &device).expect_err("wider than any");
        assert!(error.to_string().contains("conv1.weight is [3, 3, 24, 16], and should be"), "{error}");
    }

    #[test]
    fn another_networks_file_is_refused_by_parameter() {
        let values = [0_u8; 8];
        let view = TensorView::new(Dtype::F32, vec![2], &values).expect("two floats");
        let file = safetensors::serialize([("conv.weight", view)], None).expect("one tensor");
        let error = read_weights(&file, NETWORK, &Device::flex()).expect_err("another shape");
        assert!(error.to_string().contains("conv.weight is [2], and should be [18, 3, 4, 4]"), "{error}");
    }
}

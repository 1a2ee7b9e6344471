//! Shipped weights: 8 bits for large matrices and filters, 16 or 32 for the rest.
//!
//! An I8 tensor named `x` comes with `x.scale`, one F32 for each index j of its last dimension: the weight is `x[.., j]
//! * x.scale[j]`. Parameters that gradients do not train are F32.

use super::{bytes_f32, bytes_of, f32_bytes, floats_of, foreign::Misfit, read_all};
use crate::{
    content::{Content, HEAD_LEN, Other},
    data::Normalisation,
    domain::NetworkName,
    model::{NamedTensor, Network, Spec, named_parameters},
    takeaway::onnx,
};
use burn::{backend::ExecutionError, tensor::Device};
use half::{bf16, f16};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::HashMap;

/// Matrices with at least this many elements are quantised to 8 bits.
const QUANTISED_FROM_LEN: usize = 100_000;

/// The metadata key of the network's name.
const NETWORK_KEY: &str = "network";

/// The metadata key of the layers of a visitor's own network, as JSON.
const LAYERS_KEY: &str = "layers";

/// The metadata key of the normalisation of images, as JSON.
const NORMALISATION_KEY: &str = "normalisation";

/// A parameter that every network has. Its name reveals the prefix of a file's names.
const LAST_PARAMETER: &str = "output.bias";

/// The ending of the names of running statistics: means, followed by as many variances.
const STATISTICS: &str = ".statistics";

/// Why weights cannot be read from a file; displays as a clause.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file is not SafeTensors, or is cut short.
    #[error("the weights are damaged or incomplete ({0}); download them again")]
    Damaged(#[from] safetensors::SafeTensorError),
    /// The file is of another known type.
    #[error("it is {0}")]
    Other(Other),
    /// The file is a picture, holds images, or is of an unknown type.
    #[error("it is not a SafeTensors file; choose weights or a run that Tenfold exported")]
    NotTensors,
    /// The file names an unknown network.
    #[error("the weights are of a network called \"{id}\", and Tenfold has cui2017 and tenfold2026")]
    UnknownNetwork {
        /// The network's name in the file.
        id: String,
    },
    /// The file is of a visitor's own network, whose layers are impossible.
    #[error("the weights are of an impossible network: {0}")]
    Layers(String),
    /// The file lacks a parameter of the network.
    #[error("the weights are of another network: they have no {name}; use the weights that came with this page")]
    Missing {
        /// The parameter's name.
        name: String,
    },
    /// A parameter has other dimensions than in the network.
    #[error(
        "the weights are of another network: {name} is {found}, and should be {expected}; use the weights that came \
         with this page"
    )]
    Mismatch {
        /// The parameter's name.
        name: String,
        /// The dimensions in the file.
        found: String,
        /// The dimensions in the network.
        expected: String,
    },
    /// The numbers are of a type that is not supported.
    #[error(
        "{name} holds numbers of the type {found}, and Tenfold reads F64, F32, F16, BF16, and I8 with scales; save it as F32"
    )]
    NumberType {
        /// The parameter's name.
        name: String,
        /// The type's name.
        found: String,
    },
    /// A weight is infinite or not a number.
    #[error("the weights are damaged: {name} holds numbers that are not finite; download them again")]
    NotFinite {
        /// The parameter's name.
        name: String,
    },
    /// A variance is below 0.
    #[error("the weights are damaged: {name} holds negative variances; choose another file")]
    NegativeVariance {
        /// The parameter's name.
        name: String,
    },
    /// The file is of another program, and its tensors are not those of the network that was built.
    #[error(
        "its tensors do not fit the network that is built: {0}; build the network that they are of, and import the file again"
    )]
    Misfit(#[from] Misfit),
    /// The file's normalisation of images is impossible.
    #[error("the weights are damaged: their normalisation of images is impossible; download them again")]
    Normalisation,
}

/// The content of a weights file of `network`, quantised as shipped weights are.
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
    Ok(safetensors::serialize(views, Some(identity(network))).expect("names are unique"))
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
    let mut metadata = identity(network);
    metadata.insert(NORMALISATION_KEY.to_owned(), normalisation);
    Ok(safetensors::serialize(views, Some(metadata)).expect("names are unique"))
}

/// The content of an ONNX file of `network`, whose images are normalised with `normalisation`.
///
/// # Errors
/// If the device fails.
pub async fn export_onnx(network: &Network, normalisation: &Normalisation) -> Result<Vec<u8>, ExecutionError> {
    let tensors = named_parameters(network);
    let data = read_all(&tensors).await?;
    let values = |name: &str| {
        let at = tensors.iter().position(|tensor| tensor.name == name).expect("a parameter of the network");
        floats_of(&data[at]).to_vec()
    };
    let normalisation = [&normalisation.mean, &normalisation.std];
    Ok(onnx::file(&network.spec(), normalisation, values).expect("a network that is there can be"))
}

/// The metadata that identify `network`.
fn identity(network: &Network) -> HashMap<String, String> {
    let mut identity = HashMap::from([(NETWORK_KEY.to_owned(), network.name().id().to_owned())]);
    if network.name() == NetworkName::Own {
        let layers = serde_json::to_string(&network.spec()).expect("layers are plain data");
        identity.insert(LAYERS_KEY.to_owned(), layers);
    }
    identity
}

/// The layers of a visitor's own network, if the file is of one.
fn own(metadata: &HashMap<String, String>) -> Result<Option<Spec>, WeightsError> {
    if metadata.get(NETWORK_KEY).is_none_or(|id| id != NetworkName::Own.id()) {
        return Ok(None);
    }
    let layers = metadata.get(LAYERS_KEY).ok_or_else(|| WeightsError::Layers("it does not say which".into()))?;
    let spec: Spec = serde_json::from_str(layers).map_err(|error| WeightsError::Layers(error.to_string()))?;
    spec.check(1).map_err(|error| WeightsError::Layers(error.to_string()))?;
    Ok(Some(spec))
}

/// The normalisation of images in `bytes`, the content of a weights file, if the file has one.
///
/// # Errors
/// If the file is damaged, or its normalisation is impossible.
pub fn read_normalisation(bytes: &[u8]) -> Result<Option<Normalisation>, WeightsError> {
    let Some(said) = metadata(bytes)?.remove(NORMALISATION_KEY) else { return Ok(None) };
    let normalisation = serde_json::from_str(&said).ok().filter(Normalisation::is_usable);
    normalisation.map(Some).ok_or(WeightsError::Normalisation)
}

/// The metadata of a file.
fn metadata(bytes: &[u8]) -> Result<HashMap<String, String>, WeightsError> {
    let (_, head) = SafeTensors::read_metadata(bytes)?;
    Ok(head.metadata().clone().unwrap_or_default())
}

/// Quantises a matrix to signed bytes, with one scale for each column: (bytes, scales).
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

/// Loads the network in `bytes`, the content of a weights file, onto `device`.
/// A file that does not name its network is matched by its tensors, with `otherwise` tried first.
///
/// Names may have a common prefix, such as "model.".
///
/// # Errors
/// If the file is damaged, holds impossible numbers, or is of another network.
pub fn read_weights(bytes: &[u8], otherwise: NetworkName, device: &Device) -> Result<Network, WeightsError> {
    let file = open(bytes)?;
    let mut metadata = metadata(bytes)?;
    let own = own(&metadata)?;
    let networks = match metadata.remove(NETWORK_KEY) {
        Some(_) if own.is_some() => vec![NetworkName::Own],
        Some(id) => vec![NetworkName::find(&id).ok_or(WeightsError::UnknownNetwork { id })?],
        None => {
            let others = NetworkName::ALL.into_iter().filter(|&network| network != otherwise);
            std::iter::once(otherwise).chain(others).collect()
        }
    };
    let prefix = prefix(&file);
    let full = |name: &str| format!("{prefix}{name}");
    let mut misfit = None;
    for network in networks {
        let shipped = || Spec::of_file(network, |name| shape(&file, &full(name)));
        let spec = own.clone().unwrap_or_else(shipped);
        match Network::load(&spec, device, |name, shape| read_tensor(&file, &full(name), shape)) {
            Err(error @ (WeightsError::Missing { .. } | WeightsError::Mismatch { .. })) => {
                misfit.get_or_insert(error);
            }
            loaded_or_damaged => return loaded_or_damaged,
        }
    }
    Err(misfit.expect("one network at least was tried"))
}

/// Whether `bytes`, which are no weights under the names that Tenfold gives, for the reason `error`, may be those of another
/// program, whose tensors have names of their own.
pub fn is_foreign(bytes: &[u8], error: &WeightsError) -> bool {
    let is_misfit = matches!(error, WeightsError::Missing { .. } | WeightsError::Mismatch { .. });
    is_misfit && metadata(bytes).is_ok_and(|metadata| !metadata.contains_key(NETWORK_KEY))
}

/// The SafeTensors file `bytes`.
pub(super) fn open(bytes: &[u8]) -> Result<SafeTensors<'_>, WeightsError> {
    SafeTensors::deserialize(bytes).map_err(|error| match Content::of(&bytes[..bytes.len().min(HEAD_LEN)]) {
        Content::Other(other) => WeightsError::Other(other),
        Content::Picture(_) | Content::Images(_) | Content::Unknown => WeightsError::NotTensors,
        Content::Tensors | Content::Empty => error.into(),
    })
}

/// The common prefix of the names in `file`; mostly empty.
fn prefix(file: &SafeTensors) -> String {
    let names = file.names();
    let prefixes = names.iter().filter_map(|name| name.strip_suffix(LAST_PARAMETER));
    let shared = prefixes.filter(|prefix| prefix.is_empty() || prefix.ends_with('.'));
    shared.min_by_key(|prefix| prefix.len()).unwrap_or_default().to_owned()
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
    let values = if view.dtype() == Dtype::I8 {
        let name = format!("{name}.scale");
        let columns = *shape.last().unwrap_or(&1);
        let scale = find(&name)?;
        check(&name, &scale, &[columns])?;
        let scales = floats(&name, &scale)?;
        let mut values = Vec::with_capacity(view.data().len());
        // Row by row with a known length, so that the compiler vectorises the loop.
        for row in view.data().chunks_exact(columns) {
            values.extend(row.iter().zip(&scales).map(|(&v, s)| f32::from(v as i8) * s));
        }
        values
    } else {
        floats(name, &view)?
    };
    let values = finite(name, values)?;
    let variances = if name.ends_with(STATISTICS) { &values[values.len() / 2..] } else { &[] };
    check_variances(name, variances)?;
    Ok(values)
}

/// The elements of the tensor `name`, if none is infinite or not a number.
pub(super) fn finite(name: &str, values: Vec<f32>) -> Result<Vec<f32>, WeightsError> {
    if values.iter().all(|v| v.is_finite()) {
        Ok(values)
    } else {
        Err(WeightsError::NotFinite { name: name.to_owned() })
    }
}

/// Refuses variances of which one is below 0.
pub(super) fn check_variances(name: &str, variances: &[f32]) -> Result<(), WeightsError> {
    if variances.iter().any(|&variance| variance < 0.0) {
        return Err(WeightsError::NegativeVariance { name: name.to_owned() });
    }
    Ok(())
}

/// The elements of a tensor of floating-point numbers.
pub(super) fn floats(name: &str, view: &TensorView) -> Result<Vec<f32>, WeightsError> {
    let bytes = view.data();
    Ok(match view.dtype() {
        Dtype::F64 => bytes.as_chunks().0.iter().map(|&v| f64::from_le_bytes(v) as f32).collect(),
        Dtype::F32 => bytes_f32(bytes),
        Dtype::F16 => bytes.as_chunks().0.iter().map(|&v| f16::from_le_bytes(v).to_f32()).collect(),
        Dtype::BF16 => bytes.as_chunks().0.iter().map(|&v| bf16::from_le_bytes(v).to_f32()).collect(),
        other => return Err(WeightsError::NumberType { name: name.to_owned(), found: format!("{other:?}") }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::tenfold2026;

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
        assert_eq!(read_normalisation(&bytes).expect("just written"), Some(normalisation));
        assert_eq!(read_normalisation(&file()).expect("just written"), None, "shipped weights have it on their card");
        let read = read_weights(&bytes, NETWORK, &device).expect("just written");
        for (a, b) in named_parameters(&network).into_iter().zip(named_parameters(&read)) {
            assert_eq!(a.values.into_data(), b.values.into_data(), "{}", a.name);
        }
    }

    #[test]
    fn a_truncated_file_is_refused() {
        let bytes = file();
        for len in [0, 100, bytes.len() - 1] {
            let error = read_weights(&bytes[..len], NETWORK, &Device::flex()).expect_err("cut short");
            assert!(matches!(error, WeightsError::Damaged(_)), "{error}");
        }
    }

    #[test]
    fn a_narrower_network_keeps_its_widths_and_impossible_ones_are_refused() {
        let device = Device::flex();
        let file = |widths| {
            let network = Network::fresh(&tenfold2026::spec(widths), 1, &device).expect("widths that can be");
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

        let error = read_weights(&file([16, 20, 64]), NETWORK, &device).expect_err("no multiple of 8");
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

    /// A file of a narrow network with new weights. `change` may change each tensor; `metadata` replaces the metadata.
    fn changed(change: impl Fn(&str, Stored) -> (String, Stored), metadata: &[(&str, &str)]) -> Vec<u8> {
        let network = Network::fresh(&tenfold2026::spec([8, 8, 8]), 1, &Device::flex()).expect("a narrow network");
        let normalisation = Normalisation { mean: [0.5; 3], std: [0.25; 3] };
        let bytes = pollster::block_on(export_weights(&network, &normalisation)).expect("the CPU does not fail");
        let file = SafeTensors::deserialize(&bytes).expect("just written");
        let stored: Vec<_> = file
            .tensors()
            .into_iter()
            .map(|(name, view)| change(&name, (view.dtype(), view.shape().to_vec(), view.data().to_vec())))
            .collect();
        let views = stored.iter().map(|(name, (dtype, shape, bytes))| {
            (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).expect("bytes fill the shape"))
        });
        let metadata = metadata.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        safetensors::serialize(views, Some(metadata)).expect("names are unique")
    }

    /// A tensor's type, shape and bytes.
    type Stored = (Dtype, Vec<usize>, Vec<u8>);

    /// Converts a tensor's numbers to `dtype` by `write`.
    fn cast(dtype: Dtype, write: impl Fn(f32) -> Vec<u8>) -> impl Fn(&str, Stored) -> (String, Stored) {
        move |name, (_, shape, bytes)| {
            let bytes = bytes_f32(&bytes).into_iter().flat_map(&write).collect();
            (name.to_owned(), (dtype, shape, bytes))
        }
    }

    /// Replaces the numbers of the tensor `wanted` by what `new` gives for each index, and leaves other tensors alone.
    fn set(wanted: &'static str, new: impl Fn(usize) -> f32) -> impl Fn(&str, Stored) -> (String, Stored) {
        move |name, (dtype, shape, bytes)| {
            let bytes = if name == wanted { f32_bytes(&Vec::from_iter((0..bytes.len() / 4).map(&new))) } else { bytes };
            (name.to_owned(), (dtype, shape, bytes))
        }
    }

    const NAMED: [(&str, &str); 1] = [(NETWORK_KEY, "tenfold2026")];

    fn same(name: &str, stored: Stored) -> (String, Stored) {
        (name.to_owned(), stored)
    }

    #[track_caller]
    fn refusal(bytes: &[u8]) -> String {
        read_weights(bytes, NETWORK, &Device::flex()).expect_err("it should be refused").to_string()
    }

    #[test]
    fn every_type_of_floating_point_numbers_is_read() {
        let files = [
            ("F64", 0.0, changed(cast(Dtype::F64, |v| f64::from(v).to_le_bytes().into()), &NAMED)),
            ("F32", 0.0, changed(same, &NAMED)),
            ("F16", 1e-3, changed(cast(Dtype::F16, |v| f16::from_f32(v).to_le_bytes().into()), &NAMED)),
            ("BF16", 1e-2, changed(cast(Dtype::BF16, |v| bf16::from_f32(v).to_le_bytes().into()), &NAMED)),
        ];
        let expected = read_weights(&files[1].2, NETWORK, &Device::flex()).expect("as it was exported");
        for (name, share, bytes) in files {
            let read = read_weights(&bytes, NETWORK, &Device::flex()).unwrap_or_else(|error| panic!("{name}: {error}"));
            for (a, b) in named_parameters(&expected).into_iter().zip(named_parameters(&read)) {
                let worst = (a.values.clone() - b.values).abs().max().into_scalar::<f32>();
                let highest = a.values.abs().max().into_scalar::<f32>();
                assert!(worst <= share * highest, "{name}, {}: {worst} of {highest}", a.name);
            }
        }
    }

    #[test]
    fn other_types_of_numbers_are_named() {
        let whole = changed(cast(Dtype::I32, |v| (v as i32).to_le_bytes().into()), &NAMED);
        let said = "whiten.weight holds numbers of the type I32, and Tenfold reads F64, F32, F16, BF16, and I8";
        assert!(refusal(&whole).starts_with(said), "{}", refusal(&whole));
        let without_scales = changed(cast(Dtype::I8, |v| vec![v as i8 as u8]), &NAMED);
        assert!(refusal(&without_scales).contains("they have no whiten.weight.scale"), "{}", refusal(&without_scales));
    }

    #[test]
    fn scales_may_be_of_any_type_of_floating_point_numbers() {
        let scale = f16::from_f32(0.5).to_le_bytes();
        let (weight, scale) =
            (TensorView::new(Dtype::I8, vec![2, 2], &[1, 2, 254, 4]).expect("four numbers"), [scale, scale].concat());
        let scale = TensorView::new(Dtype::F16, vec![2], &scale).expect("two numbers");
        let bytes = safetensors::serialize([("x", weight), ("x.scale", scale)], None).expect("two tensors");
        let file = SafeTensors::deserialize(&bytes).expect("just written");
        assert_eq!(read_tensor(&file, "x", &[2, 2]).expect("four weights"), [0.5, 1.0, -1.0, 2.0]);
    }

    #[test]
    fn impossible_numbers_are_refused_by_the_tensor_that_holds_them() {
        let with = |wanted, value: f32| changed(set(wanted, move |at| if at == 9 { value } else { 0.1 }), &NAMED);
        assert!(refusal(&with("conv3.statistics", -1.0)).contains("conv3.statistics holds negative variances"));
        read_weights(
            &changed(set("conv3.statistics", |at| if at == 7 { -1.0 } else { 0.1 }), &NAMED),
            NETWORK,
            &Device::flex(),
        )
        .expect("a mean may be negative");
        for value in [f32::NAN, f32::INFINITY] {
            assert!(refusal(&with("conv2.weight", value)).contains("conv2.weight holds numbers that are not finite"));
        }
        let too_large = changed(cast(Dtype::F64, |_| 1e300_f64.to_le_bytes().into()), &NAMED);
        assert!(refusal(&too_large).contains("whiten.weight holds numbers that are not finite"));
    }

    #[test]
    fn a_prefix_that_all_names_share_is_passed_over() {
        for prefix in ["model.", "module.", "_orig_mod.network."] {
            let bytes = changed(|name, stored| (format!("{prefix}{name}"), stored), &NAMED);
            read_weights(&bytes, NETWORK, &Device::flex()).unwrap_or_else(|error| panic!("{prefix}: {error}"));
        }
        let bytes = changed(|name, stored| (name.replace("conv", "model.conv"), stored), &NAMED);
        assert!(refusal(&bytes).contains("they have no conv1.weight"), "{}", refusal(&bytes));
    }

    #[test]
    fn tensors_say_which_network_they_are_of_where_nothing_else_does() {
        let read = |bytes: &[u8]| read_weights(bytes, NETWORK, &Device::flex());
        let read_unnamed = read(&changed(same, &[])).expect("the names are those of the other network");
        assert_eq!(read_unnamed.name(), NetworkName::Tenfold2026);
        assert!(refusal(&changed(same, &[(NETWORK_KEY, "cui2017")])).contains("they have no conv.weight"));
        let message = refusal(&changed(same, &[(NETWORK_KEY, "resnet18")]));
        assert!(message.contains("of a network called \"resnet18\""), "{message}");
    }

    #[test]
    fn a_normalisation_that_cannot_be_is_refused() {
        for said in ["{\"mean\":[0,0,0],\"std\":[0,1,1]}", "{\"mean\":[0,0,0],\"std\":[-1,1,1]}", "{}", "[NaN]"] {
            let bytes = changed(same, &[NAMED[0], (NORMALISATION_KEY, said)]);
            assert!(matches!(read_normalisation(&bytes), Err(WeightsError::Normalisation)), "{said}");
        }
    }

    #[test]
    fn files_that_are_something_else_are_named() {
        let pytorch = [&b"PK\x03\x04"[..], &[0; 22], b"\x10\0\0\0archive/data.pkl\x80\x02}q\0."].concat();
        let said = "it is a PyTorch file; save the weights as SafeTensors and choose that file";
        assert_eq!(refusal(&pytorch), said);
        assert!(refusal(b"<html>Not found</html>").starts_with("it is a web page; download the file itself"));
        assert!(refusal(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR").starts_with("it is not a SafeTensors file"));
        let cut = &changed(same, &NAMED)[..4000];
        assert!(refusal(cut).starts_with("the weights are damaged or incomplete"), "{}", refusal(cut));
    }
}

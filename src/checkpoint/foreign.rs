//! Weights that another program trained: which tensor of a file becomes which parameter of a network.
//!
//! PyTorch and Keras name tensors by their modules or layers, and each lays weights out in its own order. A layer gets the module
//! whose tensors have the dimensions that it needs. If several modules fit, it gets the first by name; numbers in names are compared
//! as numbers.

use super::{
    WeightsError,
    weights::{check_variances, finite, floats, open},
};
use crate::{
    domain::Pairing,
    model::Network,
    spec::{Shape, Spec, parameter::Role, shape::Order},
    takeaway::{
        part::{Flattened, Part, parts},
        turned::turned,
    },
};
use burn::tensor::Device;
use safetensors::{Dtype, SafeTensors};
use std::{cmp::Ordering, collections::BTreeMap};

/// The order in which a program lays weights out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Outputs first: `[outputs, inputs, rows, columns]` and `[outputs, inputs]`; flattened maps one after the other.
    PyTorch,
    /// Outputs last: `[rows, columns, inputs, outputs]` and `[inputs, outputs]`; the channels of a pixel side by side.
    Keras,
}

impl Layout {
    /// The program's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PyTorch => "PyTorch",
            Self::Keras => "Keras",
        }
    }
}

/// Why a file's tensors are not those of a network; each reads as a clause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A layer has no module.
    #[error("{layer} takes {needs}, and no tensors are left of these dimensions")]
    Lacking {
        /// The layer's name.
        layer: String,
        /// The dimensions that would fit, in both layouts.
        needs: String,
    },
    /// A module has no layer.
    #[error("no layer is left for {tensor}, {dimensions}")]
    Left {
        /// The first of its tensors.
        tensor: String,
        /// Its dimensions.
        dimensions: String,
    },
    /// A module has a scale, and its layer has none.
    #[error("{tensor} is a scale, and {layer} has none")]
    Scale {
        /// The tensor.
        tensor: String,
        /// The layer's name.
        layer: String,
    },
}

/// The parameters of a network, taken from the tensors of a file.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The order in which the file lays weights out.
    pub layout: Layout,
    /// Which tensor becomes which parameter, in the network's order.
    pub pairings: Vec<Pairing>,
    spec: Spec,
    /// The values of each parameter, by its name.
    values: BTreeMap<String, Vec<f32>>,
}

impl Fit {
    /// Fits the tensors in `bytes`, the content of a SafeTensors file, to the network of `spec`.
    ///
    /// # Errors
    /// If the file is damaged, holds impossible numbers, or its tensors do not fit.
    pub fn of(bytes: &[u8], spec: &Spec) -> Result<Self, WeightsError> {
        let file = open(bytes)?;
        let places =
            spec.check(1).and_then(|()| spec.places()).map_err(|error| WeightsError::Layers(error.to_string()))?;
        let (parts, modules) = (parts(&places), modules(&file));
        let assigned = |layout| assign(&parts, &modules, layout).map(|taken| (layout, taken));
        // If the dimensions fit both layouts, the names decide.
        let [first, second] =
            if has_names_of_keras(&file) { [Layout::Keras, Layout::PyTorch] } else { [Layout::PyTorch, Layout::Keras] };
        let (layout, taken) = assigned(first).or_else(|misfit| assigned(second).map_err(|_| misfit))?;
        let mut fit = Self { layout, pairings: Vec::new(), spec: spec.clone(), values: BTreeMap::new() };
        for (part, module) in taken {
            fit.take(&file, part, module)?;
        }
        Ok(fit)
    }

    /// The network on `device`.
    pub fn network(&self, device: &Device) -> Network {
        let values = |name: &str, _: &[usize]| Ok::<_, std::convert::Infallible>(self.values[name].clone());
        Network::load(&self.spec, device, values).unwrap_or_else(|never| match never {})
    }

    /// Makes the parameters of `part` from the tensors of `module`.
    fn take(&mut self, file: &SafeTensors, part: &Part, module: &Module) -> Result<(), WeightsError> {
        let read = |tensor: &Tensor| {
            let view = file.tensor(&tensor.name).expect("the file was listed");
            finite(&tensor.name, floats(&tensor.name, &view)?)
        };
        if part.place.has(Role::Statistics) {
            let norm = Norm::of(module, part).expect("it was found to fit");
            if let Some(scale) = norm.scale {
                let values = read(scale)?;
                if part.place.has(Role::Scale) {
                    self.pair(part, Role::Scale, scale, AS_IT_IS, values);
                } else if values.iter().any(|&value| value != 1.0) {
                    let (tensor, layer) = (scale.name.clone(), part.name());
                    return Err(Misfit::Scale { tensor, layer }.into());
                }
            }
            self.pair(part, Role::Shift, norm.shift, AS_IT_IS, read(norm.shift)?);
            let (means, variances) = (read(norm.mean)?, read(norm.variance)?);
            check_variances(&norm.variance.name, &variances)?;
            self.pair(part, Role::Statistics, norm.mean, "its means", means.clone());
            self.pair(part, Role::Statistics, norm.variance, "its variances", [means, variances].concat());
            return Ok(());
        }
        let (weight, bias) = module.weight_and_bias().expect("it was found to fit");
        let values = read(weight)?;
        let (shape, order) = turn(part, self.layout);
        let (change, values) = match order {
            [0, 1, 2, 3] => (AS_IT_IS, values),
            order => ("transposed", turned(&values, shape, order)),
        };
        self.pair(part, Role::Weight, weight, change, values);
        match (part.bias(), bias) {
            (Some(role), Some(bias)) => self.pair(part, role, bias, AS_IT_IS, read(bias)?),
            (Some(role), None) => self.pair_zeros(part, role),
            (None, _) => {}
        }
        Ok(())
    }

    /// Notes that `tensor`, after `change`, becomes the parameter of `part` with this role and these values.
    fn pair(&mut self, part: &Part, role: Role, tensor: &Tensor, change: &str, values: Vec<f32>) {
        self.note(part, role, format!("{}, {}", tensor.name, dimensions(&tensor.shape)), change, values);
    }

    /// Notes that no tensor becomes the parameter of `part` with this role. Zeros as biases change nothing.
    fn pair_zeros(&mut self, part: &Part, role: Role) {
        let [outputs, ..] = part.place.output.maps();
        self.note(part, role, "none".into(), "zeros", vec![0.0; outputs]);
    }

    fn note(&mut self, part: &Part, role: Role, tensor: String, change: &str, values: Vec<f32>) {
        let name = role.name(part.block());
        let parameter = part.place.parameters().into_iter().find(|parameter| parameter.role == role);
        let shape = parameter.expect("the layer has such a parameter").shape;
        self.pairings.push(Pairing {
            tensor,
            parameter: format!("{name}, {}", dimensions(&shape)),
            change: change.into(),
        });
        self.values.insert(name, values);
    }
}

/// The change of values that keep their order.
const AS_IT_IS: &str = "as it is";

/// A tensor of a file.
#[derive(Clone, Debug)]
struct Tensor {
    name: String,
    /// The last word of its name.
    role: String,
    shape: Vec<usize>,
}

/// Tensors whose names differ in the last word only.
#[derive(Clone, Debug)]
struct Module {
    name: String,
    tensors: Vec<Tensor>,
}

/// The modules of a file, in the order of their names. Tensors of integers count steps or keep a seed, and are left out.
fn modules(file: &SafeTensors) -> Vec<Module> {
    let mut modules: Vec<Module> = Vec::new();
    for (name, view) in file.tensors() {
        if !matches!(view.dtype(), Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16) {
            continue;
        }
        let (module, role) = name.rsplit_once(['.', '/']).unwrap_or(("", &name));
        let tensor = Tensor {
            role: role.strip_suffix(":0").unwrap_or(role).to_owned(),
            shape: view.shape().to_vec(),
            name: name.clone(),
        };
        match modules.iter_mut().find(|known| known.name == module) {
            Some(known) => known.tensors.push(tensor),
            None => modules.push(Module { name: module.to_owned(), tensors: vec![tensor] }),
        }
    }
    modules.sort_by(|a, b| by_name(&a.name, &b.name));
    modules
}

/// The order of two names. Numbers in them are compared as numbers.
fn by_name(a: &str, b: &str) -> Ordering {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (mut a, mut b) = (a, b);
    loop {
        let lengths = [digits(a), digits(b)];
        if lengths[0] > 0 && lengths[1] > 0 {
            let [x, y] = [&a[..lengths[0]], &b[..lengths[1]]].map(|number| number.trim_start_matches('0'));
            match x.len().cmp(&y.len()).then(x.cmp(y)) {
                Ordering::Equal => (a, b) = (&a[lengths[0]..], &b[lengths[1]..]),
                other => return other,
            }
            continue;
        }
        let (mut x, mut y) = (a.chars(), b.chars());
        match (x.next(), y.next()) {
            (Some(first), Some(second)) if first == second => (a, b) = (x.as_str(), y.as_str()),
            (first, second) => return first.cmp(&second),
        }
    }
}

/// Whether Keras gives such names.
fn has_names_of_keras(file: &SafeTensors) -> bool {
    file.names().iter().any(|name| name.contains('/') || name.contains("kernel"))
}

/// The module of each layer with parameters, if the file has this `layout`.
fn assign<'a>(
    parts: &'a [Part<'a>],
    modules: &'a [Module],
    layout: Layout,
) -> Result<Vec<(&'a Part<'a>, &'a Module)>, Misfit> {
    let mut left: Vec<&Module> = modules.iter().collect();
    let mut taken = Vec::new();
    for part in parts.iter().filter(|part| !part.place.parameters().is_empty()) {
        let Some(at) = left.iter().position(|module| fits(part, module, layout)) else {
            return Err(Misfit::Lacking { layer: part.name(), needs: needs(part) });
        };
        taken.push((part, left.remove(at)));
    }
    match left.first() {
        Some(module) => {
            let tensor = &module.tensors[0];
            Err(Misfit::Left { tensor: tensor.name.clone(), dimensions: dimensions(&tensor.shape) })
        }
        None => Ok(taken),
    }
}

/// Whether the tensors of `module` have the dimensions of the layer's parameters.
fn fits(part: &Part, module: &Module, layout: Layout) -> bool {
    if part.place.has(Role::Statistics) {
        return Norm::of(module, part).is_some_and(|norm| !part.place.has(Role::Scale) || norm.scale.is_some());
    }
    let Some((weight, bias)) = module.weight_and_bias() else { return false };
    let outputs = part.place.output.maps()[0];
    weight.shape == weight_shape(part, layout)
        && bias.is_none_or(|bias| part.bias().is_some() && bias.shape == [outputs])
}

impl Module {
    /// The weight and the bias, if the module is one tensor of two or more dimensions with at most one vector.
    fn weight_and_bias(&self) -> Option<(&Tensor, Option<&Tensor>)> {
        let is_weight = |tensor: &&Tensor| tensor.shape.len() > 1;
        let (weights, vectors): (Vec<&Tensor>, Vec<&Tensor>) = self.tensors.iter().partition(is_weight);
        match (&weights[..], &vectors[..]) {
            (&[weight], &[]) => Some((weight, None)),
            (&[weight], &[bias]) => Some((weight, Some(bias))),
            _ => None,
        }
    }
}

/// The tensors of a normalisation.
struct Norm<'a> {
    scale: Option<&'a Tensor>,
    shift: &'a Tensor,
    mean: &'a Tensor,
    variance: &'a Tensor,
}

impl<'a> Norm<'a> {
    /// The tensors of `module`, if it is a normalisation of as many channels as `part`.
    fn of(module: &'a Module, part: &Part) -> Option<Self> {
        let channels = part.channels();
        if module.tensors.iter().any(|tensor| tensor.shape != [channels]) {
            return None;
        }
        let find = |roles: [&str; 2]| module.tensors.iter().find(|tensor| roles.contains(&tensor.role.as_str()));
        let (scale, shift) = (find(["weight", "gamma"]), find(["bias", "beta"])?);
        let (mean, variance) = (find(["running_mean", "moving_mean"])?, find(["running_var", "moving_variance"])?);
        (module.tensors.len() == 3 + usize::from(scale.is_some())).then_some(Self { scale, shift, mean, variance })
    }
}

/// The inputs, outputs and kernel side of a layer with weights, and the maps that were flattened into its inputs.
fn sizes(part: &Part) -> ([usize; 3], Option<Flattened>) {
    let weight = part.place.parameters().into_iter().find(|parameter| parameter.role == Role::Weight);
    match (weight.expect("the layer has weights").shape[..].as_array::<4>(), part.has_filters_first()) {
        (Some(&[outputs, inputs, side, _]), true) => ([inputs, outputs, side], None),
        (Some(&[side, _, inputs, outputs]), false) => ([inputs, outputs, side], None),
        (None, _) => ([part.place.input.count(), part.place.output.count(), 1], part.flattened),
    }
}

/// The dimensions of the layer's weights in a file of this `layout`.
fn weight_shape(part: &Part, layout: Layout) -> Vec<usize> {
    let ([inputs, outputs, side], _) = sizes(part);
    match (part.place.input, layout) {
        (Shape::Values { .. }, Layout::PyTorch) => vec![outputs, inputs],
        (Shape::Values { .. }, Layout::Keras) => vec![inputs, outputs],
        (Shape::Maps { .. }, Layout::PyTorch) => vec![outputs, inputs, side, side],
        (Shape::Maps { .. }, Layout::Keras) => vec![side, side, inputs, outputs],
    }
}

/// The dimensions of the layer's weights in a file of this `layout`, as four, and the order in which the network has them.
fn turn(part: &Part, layout: Layout) -> ([usize; 4], [usize; 4]) {
    let ([inputs, outputs, side], flattened) = sizes(part);
    if let Shape::Maps { .. } = part.place.input {
        return match (layout, part.has_filters_first()) {
            (Layout::PyTorch, true) => ([outputs, inputs, side, side], [0, 1, 2, 3]),
            (Layout::PyTorch, false) => ([outputs, inputs, side, side], [2, 3, 1, 0]),
            (Layout::Keras, true) => ([side, side, inputs, outputs], [3, 2, 0, 1]),
            (Layout::Keras, false) => ([side, side, inputs, outputs], [0, 1, 2, 3]),
        };
    }
    let one = Flattened { channels: inputs, height: 1, width: 1, order: Order::Planes };
    let Flattened { channels, height, width, order } = flattened.unwrap_or(one);
    match (layout, order) {
        (Layout::PyTorch, Order::Planes) => ([outputs, channels, height, width], [1, 2, 3, 0]),
        (Layout::PyTorch, Order::Pixels) => ([outputs, channels, height, width], [2, 3, 1, 0]),
        // With one pixel, both orders are the same.
        (Layout::Keras, _) if height * width == 1 => ([height, width, channels, outputs], [0, 1, 2, 3]),
        (Layout::Keras, Order::Planes) => ([height, width, channels, outputs], [2, 0, 1, 3]),
        (Layout::Keras, Order::Pixels) => ([height, width, channels, outputs], [0, 1, 2, 3]),
    }
}

/// The dimensions that fit a layer, in both layouts.
fn needs(part: &Part) -> String {
    if part.place.has(Role::Statistics) {
        let vectors =
            if part.place.has(Role::Scale) { "scale, shift, mean and variance" } else { "shift, mean and variance" };
        return format!("{vectors} of {}", part.channels());
    }
    let [pytorch, keras] = [Layout::PyTorch, Layout::Keras].map(|layout| dimensions(&weight_shape(part, layout)));
    let bias = if part.bias().is_some() { "" } else { " without biases" };
    format!("weights of {pytorch} (PyTorch) or {keras} (Keras){bias}")
}

/// "16×3×5×5".
fn dimensions(shape: &[usize]) -> String {
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join("×")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["features.10", "features.9", "conv2d", "conv2d_1", "conv2d_10", "conv2d_2", "features.09"];
        names.sort_by(|a, b| by_name(a, b));
        let expected = ["conv2d", "conv2d_1", "conv2d_2", "conv2d_10", "features.9", "features.09", "features.10"];
        assert_eq!(names, expected);
    }
}

//! Parameters with their values on a device.

use super::tensors::{reshape, upload};
use crate::spec::parameter::{Initial, Learning, ParameterSpec, RateGroup};
use burn::{
    Tensor,
    tensor::{Device, Gradients},
};
use rand::{RngExt, rngs::ChaCha8Rng};

/// A parameter of a layer.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, such as `hidden.weight`.
    pub name: String,
    /// How training changes it.
    pub learning: Learning,
    values: Values,
}

/// A tensor with as many dimensions as the parameter has.
#[derive(Clone, Debug)]
enum Values {
    Vector(Tensor<1>),
    Matrix(Tensor<2>),
    Filters(Tensor<4>),
}

/// Evaluates `$body` with the tensor of `$values`, whatever its number of dimensions.
macro_rules! with_tensor {
    ($values:expr, $tensor:ident => $body:expr) => {
        match $values {
            Values::Vector($tensor) => $body,
            Values::Matrix($tensor) => $body,
            Values::Filters($tensor) => $body,
        }
    };
}

/// The values, with each tensor replaced by `$body`.
macro_rules! map_tensor {
    ($values:expr, $tensor:ident => $body:expr) => {
        match $values {
            Values::Vector($tensor) => Values::Vector($body),
            Values::Matrix($tensor) => Values::Matrix($body),
            Values::Filters($tensor) => Values::Filters($body),
        }
    };
}

/// A tensor of a network or its gradient, with its name.
pub struct NamedTensor {
    /// Its block and its role in the block, joined by a point: `hidden.weight`.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its elements, row by row, on the network's device and outside any graph.
    pub values: Tensor<1>,
    /// Whether its gradient changes it in training. False for frozen parameters and running statistics.
    pub is_trained: bool,
}

impl NamedTensor {
    fn new<const D: usize>(parameter: &Parameter, tensor: Tensor<D>) -> Self {
        let shape = tensor.dims().to_vec();
        let count = shape.iter().product::<usize>();
        let is_trained = parameter.group().is_some();
        Self { name: parameter.name.clone(), shape, values: reshape(tensor, [count]), is_trained }
    }
}

impl Parameter {
    /// The parameter that `spec` describes, with this name and these values, row by row, on `device`.
    ///
    /// # Panics
    /// If the number of values does not fit the shape, or the shape has not 1, 2 or 4 dimensions.
    pub fn new(name: String, spec: &ParameterSpec, values: Vec<f32>, device: &Device) -> Self {
        let values = match spec.shape[..] {
            [a] => Values::Vector(upload(values, [a], device)),
            [a, b] => Values::Matrix(upload(values, [a, b], device)),
            [a, b, c, d] => Values::Filters(upload(values, [a, b, c, d], device)),
            _ => panic!("{name} has as many dimensions as vectors, matrices or filters have, not {:?}", spec.shape),
        };
        let parameter = Self { name, learning: spec.learning, values };
        if device.is_autodiff() { parameter.train() } else { parameter }
    }

    /// Its learning-rate group. `None` if no gradient changes it.
    pub fn group(&self) -> Option<RateGroup> {
        match self.learning {
            Learning::Trained(group) => Some(group),
            Learning::Frozen | Learning::Statistics => None,
        }
    }

    /// The device that holds it.
    pub fn device(&self) -> Device {
        with_tensor!(&self.values, tensor => tensor.device())
    }

    /// The number of its values.
    pub fn count(&self) -> usize {
        with_tensor!(&self.values, tensor => tensor.dims().iter().product())
    }

    /// Its values, as a vector.
    ///
    /// # Panics
    /// If it is not a vector in its layer's spec.
    pub fn vector(&self) -> Tensor<1> {
        match &self.values {
            Values::Vector(values) => values.clone(),
            _ => panic!("{} is no vector", self.name),
        }
    }

    /// Its values, as a matrix.
    ///
    /// # Panics
    /// If it is not a matrix in its layer's spec.
    pub fn matrix(&self) -> Tensor<2> {
        match &self.values {
            Values::Matrix(values) => values.clone(),
            _ => panic!("{} is no matrix", self.name),
        }
    }

    /// Its values, as filters of four dimensions.
    ///
    /// # Panics
    /// If it is not filters in its layer's spec.
    pub fn filters(&self) -> Tensor<4> {
        match &self.values {
            Values::Filters(values) => values.clone(),
            _ => panic!("{} are no filters", self.name),
        }
    }

    /// Its values, with its name.
    pub fn named(&self) -> NamedTensor {
        with_tensor!(self.values.clone(), tensor => NamedTensor::new(self, tensor.inner()))
    }

    /// Its gradient, with its name, if there is one.
    pub fn named_gradient(&self, gradients: &Gradients) -> Option<NamedTensor> {
        with_tensor!(&self.values, tensor => tensor.grad(gradients).map(|gradient| NamedTensor::new(self, gradient)))
    }

    /// The parameter outside any graph.
    pub fn valid(self) -> Self {
        let values = map_tensor!(self.values, tensor => tensor.inner());
        Self { values, ..self }
    }

    /// The parameter in a graph, without a gradient.
    pub fn constant(self) -> Self {
        let values = map_tensor!(self.values, tensor => tensor.inner().autodiff());
        Self { values, ..self }
    }

    /// The parameter in a graph, with a gradient if gradients change it.
    pub fn train(self) -> Self {
        let is_trained = self.group().is_some();
        let values = map_tensor!(self.values, tensor => tensor.autodiff().set_require_grad(is_trained));
        Self { values, ..self }
    }

    /// The parameter after `update(name, group, values, gradient)`, if it has a gradient. Values and gradient are flat.
    /// The update happens in place if nobody else holds the values.
    pub fn updated(
        self,
        gradients: &mut Gradients,
        update: &mut impl FnMut(&str, RateGroup, Tensor<1>, Tensor<1>) -> Tensor<1>,
    ) -> Self {
        let Some(group) = self.group() else { return self };
        let Self { name, learning, values } = self;
        let values = map_tensor!(values, tensor => match tensor.grad_remove(gradients) {
            Some(gradient) => {
                let (shape, count) = (tensor.dims(), tensor.shape().num_elements());
                let updated = update(&name, group, reshape(tensor.inner(), [count]), reshape(gradient, [count]));
                reshape(updated, shape).autodiff().require_grad()
            }
            None => tensor,
        });
        Self { name, learning, values }
    }

    /// The parameter, running statistics, after `change`.
    ///
    /// # Panics
    /// If it is not a matrix.
    pub fn with_statistics(self, change: impl FnOnce(Tensor<2>) -> Tensor<2>) -> Self {
        match self.values {
            Values::Matrix(values) => Self { values: Values::Matrix(change(values)), ..self },
            _ => panic!("{} is no matrix of statistics", self.name),
        }
    }
}

impl Initial {
    /// The initial values of a parameter of this shape. Random ones are drawn from `random`.
    pub fn values(self, shape: &[usize], random: &mut ChaCha8Rng) -> Vec<f32> {
        let count = shape.iter().product();
        let mut uniform = |limit: f32| (0..count).map(|_| random.random_range(-limit..limit)).collect::<Vec<f32>>();
        match (self, shape) {
            (Self::Zeros, _) => vec![0.0; count],
            (Self::Ones, _) => vec![1.0; count],
            (Self::Uniform(limit), _) => uniform(limit),
            (Self::Identity(limit), &[height, width, inputs, outputs]) => {
                let mut weights = uniform(limit);
                let centre = height / 2 * width + width / 2;
                for (at, weight) in weights.iter_mut().enumerate() {
                    let (place, input, output) = (at / outputs / inputs, at / outputs % inputs, at % outputs);
                    if output < inputs {
                        *weight = if place == centre && input == output { 1.0 } else { 0.0 };
                    }
                }
                weights
            }
            (Self::Identity(_), _) => panic!("only filters, [k, k, inputs, outputs], hand their inputs on"),
            (Self::Statistics, _) => [vec![0.0; count / 2], vec![1.0; count / 2]].concat(),
            (Self::Fixed(values), _) => values(),
        }
    }
}

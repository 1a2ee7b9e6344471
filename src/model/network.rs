//! A network with its values: a sequence of layers made from a [`Spec`].

use super::{
    activations::Activations,
    layer::{Pass, PreparedLayer, Statistics},
    parameter::{NamedTensor, Parameter},
    tensors::most_values,
};
use crate::layers::{add::compute::sum, batch_norm::compute as batch_norm, dropout::compute::Masks};
use crate::spec::{
    Cost, LayerFacts, LayerSpec, NetworkName, Place, Shape, Spec, SpecError, facts,
    parameter::{Learning, ParameterSpec, RateGroup},
};
use burn::{
    Tensor,
    tensor::{Device, Gradients},
};
use rand::{SeedableRng, rngs::ChaCha8Rng};
use std::{collections::BTreeMap, convert::Infallible, ops::Range};

/// A network on a device.
#[derive(Clone, Debug)]
pub struct Network {
    name: NetworkName,
    layers: Vec<PlacedLayer>,
}

/// A layer with its values.
#[derive(Clone, Debug)]
struct PlacedLayer {
    place: Place,
    parameters: Vec<Parameter>,
}

/// What each layer has prepared so that the network answers faster; clones share it.
#[derive(Clone, Debug)]
pub struct Prepared(Vec<Option<PreparedLayer>>);

/// Is called with each layer and its output, in the order in which images pass through.
pub type Listener<'a> = dyn FnMut(&LayerSpec, &Activations) + 'a;

impl Network {
    /// The shipped network of this name on `device` with fresh weights; the same seed gives the same weights on every
    /// device.
    pub fn init(name: NetworkName, seed: u64, device: &Device) -> Self {
        Self::fresh(&Spec::shipped(name), seed, device).expect("the shipped networks can be")
    }

    /// The network of this `spec` on `device` with fresh weights. The same seed gives the same weights on every device.
    ///
    /// # Errors
    /// If `spec` describes no possible network.
    pub fn fresh(spec: &Spec, seed: u64, device: &Device) -> Result<Self, SpecError> {
        let places = spec.places()?;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let network = Self::made(spec.network, places, |name, parameter| {
            let values = parameter.initial.values(&parameter.shape, &mut random);
            Ok::<_, Infallible>(Parameter::new(name, parameter, values, device))
        });
        Ok(network.unwrap_or_else(|never| match never {}))
    }

    /// The network of this `spec` on `device`. `source` gives each parameter's values for its name and shape, row by
    /// row.
    ///
    /// # Errors
    /// The first error that `source` returns.
    ///
    /// # Panics
    /// If `spec` describes no possible network.
    pub fn load<E>(
        spec: &Spec,
        device: &Device,
        mut source: impl FnMut(&str, &[usize]) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        let places = spec.places().expect("the caller has asked whether the network can be");
        Self::made(spec.network, places, |name, parameter| {
            let values = source(&name, &parameter.shape)?;
            Ok(Parameter::new(name, parameter, values, device))
        })
    }

    /// The network of these layers. `make` is called for each parameter in turn.
    fn made<E>(
        name: NetworkName,
        places: Vec<Place>,
        mut make: impl FnMut(String, &ParameterSpec) -> Result<Parameter, E>,
    ) -> Result<Self, E> {
        let mut layers = Vec::with_capacity(places.len());
        for place in places {
            let block = &place.layer.block;
            let parameters = place.parameters();
            let parameters = parameters.iter().map(|parameter| make(parameter.role.name(block), parameter));
            layers.push(PlacedLayer { parameters: parameters.collect::<Result<_, E>>()?, place });
        }
        Ok(Self { name, layers })
    }

    /// The network's name.
    pub fn name(&self) -> NetworkName {
        self.name
    }

    /// The network's layers as data.
    pub fn spec(&self) -> Spec {
        Spec { network: self.name, layers: self.places().map(|place| place.layer.clone()).collect() }
    }

    /// The device that holds the parameters.
    pub fn device(&self) -> Device {
        self.parameters().next().expect("a network has parameters").device()
    }

    /// The parameters of all layers, in order.
    fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.layers.iter().flat_map(|layer| &layer.parameters)
    }

    /// The number of trainable parameters.
    pub fn parameter_count(&self) -> usize {
        self.parameters().filter(|parameter| parameter.group().is_some()).map(Parameter::count).sum()
    }

    /// The largest number of images at a time on this device. A GPU's adapter limits the size of a tensor.
    pub fn most_images(&self) -> usize {
        let any = self.parameters().next().expect("a network has parameters").named();
        let places: Vec<_> = self.places().cloned().collect();
        most_values(any.values).map_or(usize::MAX, |most_values| Cost::of(&places).most_images(most_values))
    }

    /// Each layer's description, output shape, parameters and cost, in the order in which an image passes through.
    pub fn layers(&self) -> Vec<LayerFacts> {
        let places: Vec<_> = self.layers.iter().map(|layer| layer.place.clone()).collect();
        facts(&places)
    }

    /// `[n, 3, 32, 32]` normalised images -> `[n, 10]` logits.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.answer(images, None)
    }

    /// The layers, each with its input and output shape.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.layers.iter().map(|layer| &layer.place)
    }

    /// The parameters of the layer at this place, in the spec's order.
    pub fn parameters_of(&self, layer: usize) -> Vec<NamedTensor> {
        self.layers[layer].parameters.iter().map(Parameter::named).collect()
    }

    /// As [`answer`](Self::answer); `listener` is called with each layer's output.
    pub fn forward_with(&self, images: Tensor<4>, prepared: Option<&Prepared>, listener: &mut Listener) -> Tensor<2> {
        self.pass(Activations::Planes(images), prepared, Pass::Answers, Some(listener)).values()
    }

    /// As [`forward`](Self::forward), for any input that the first layer takes. For a [part](Self::split_at) of a
    /// network whose last layer gives values in a row.
    pub fn forward_from(&self, x: Activations) -> Tensor<2> {
        self.pass(x, None, Pass::Answers, None).values()
    }

    /// Prepares [`answer`](Self::answer) for this many `images` at a time. `None` if no layer gains by it on this
    /// device, and always in a graph.
    ///
    /// This takes memory: as much again as the weights of `cui2017`, four times as much as those of `tenfold2026`.
    pub fn prepared_for_answers(&self, images: usize) -> Option<Prepared> {
        let prepared = self.layers.iter().map(|PlacedLayer { place, parameters }| {
            place.layer.kind.operation().prepare(place.input, parameters, images)
        });
        let prepared: Vec<_> = prepared.collect();
        prepared.iter().any(Option::is_some).then_some(Prepared(prepared))
    }

    /// As [`forward`](Self::forward), except for rounding. With what was `prepared` from this very network it can be
    /// faster.
    pub fn answer(&self, images: Tensor<4>, prepared: Option<&Prepared>) -> Tensor<2> {
        self.pass(Activations::Planes(images), prepared, Pass::Answers, None).values()
    }

    /// As [`forward`](Self::forward), but as in training. Also returns the batch's statistics, which
    /// [`with_statistics`](Self::with_statistics) takes after the step.
    pub fn forward_in_training(&self, images: Tensor<4>, masks: &mut Masks) -> (Tensor<2>, Statistics) {
        self.values_in_training(Activations::Planes(images), masks)
    }

    /// As [`forward_in_training`](Self::forward_in_training), for any input that the first layer takes. For a
    /// [part](Self::parted) of a network whose last layer gives values in a row.
    pub fn values_in_training(&self, x: Activations, masks: &mut Masks) -> (Tensor<2>, Statistics) {
        let mut statistics = Statistics::new();
        let values = self.pass(x, None, Pass::Training { masks, statistics: &mut statistics }, None).values();
        (values, statistics)
    }

    /// The output of these layers for `x`, in a pass for answers.
    ///
    /// # Panics
    /// If there are no such layers, or they take another kind of input.
    pub fn through(&self, layers: Range<usize>, x: Activations, prepared: Option<&Prepared>) -> Activations {
        self.walk(layers, x, |at, x| self.step(at, x, prepared, &mut Pass::Answers))
    }

    /// Passes `x` through these layers. `step` computes the output of the layer at a place from its input.
    ///
    /// # Panics
    /// If a residual connection begins before these layers.
    fn walk(
        &self,
        layers: Range<usize>,
        x: Activations,
        mut step: impl FnMut(usize, Activations) -> Activations,
    ) -> Activations {
        let reaches = |at: usize| Some(at - self.layers[at].place.layer.kind.layer().reaches_back()?);
        let reached: Vec<usize> = layers.clone().filter_map(reaches).collect();
        // Inputs of groups with a residual connection, by the place of the group's first layer.
        let mut entered = BTreeMap::new();
        layers.fold(x, |x, at| {
            if reached.contains(&at) {
                entered.insert(at, x.clone());
            }
            let x = match reaches(at) {
                Some(earlier) => sum(x, entered.get(&earlier).cloned().expect("a group is passed as a whole")),
                None => x,
            };
            step(at, x)
        })
    }

    /// The output of the layer at this place for `x`.
    fn step(&self, at: usize, x: Activations, prepared: Option<&Prepared>, pass: &mut Pass) -> Activations {
        let PlacedLayer { place, parameters } = &self.layers[at];
        let prepared = prepared.and_then(|Prepared(layers)| layers[at].as_ref());
        place.layer.kind.operation().forward(x, parameters, prepared, pass)
    }

    /// Passes `x` through all layers.
    fn pass(
        &self,
        x: Activations,
        prepared: Option<&Prepared>,
        mut pass: Pass,
        mut listener: Option<&mut Listener>,
    ) -> Activations {
        self.walk(0..self.layers.len(), x, |at, x| {
            let x = self.step(at, x, prepared, &mut pass);
            if let Some(listener) = &mut listener {
                listener(&self.layers[at].place.layer, &x);
            }
            x
        })
    }

    /// The network with its running statistics moved towards those of a batch, if it has any.
    pub fn with_statistics(self, batch: Statistics) -> Self {
        let mut batch = batch.into_iter();
        self.mapped(|parameter| match parameter.learning {
            Learning::Statistics => {
                let batch = batch.next().expect("statistics of every normalisation");
                parameter.with_statistics(|running| batch_norm::moved(running, batch))
            }
            Learning::Trained(_) | Learning::Frozen => parameter,
        })
    }

    /// The network after `update(name, group, values, gradient)` of each parameter that has a gradient. The gradients
    /// are taken out of `gradients`. Values and gradients are flat.
    pub fn updated(
        self,
        gradients: &mut Gradients,
        mut update: impl FnMut(&str, RateGroup, Tensor<1>, Tensor<1>) -> Tensor<1>,
    ) -> Self {
        self.mapped(|parameter| parameter.updated(gradients, &mut update))
    }

    /// The same network outside any graph: for answers.
    pub fn valid(&self) -> Self {
        self.clone().mapped(Parameter::valid)
    }

    /// The same network in a graph: for training.
    pub fn train(&self) -> Self {
        self.clone().mapped(Parameter::train)
    }

    /// The same network in a graph, as a constant: only its input has a gradient.
    pub fn constant(&self) -> Self {
        self.clone().mapped(Parameter::constant)
    }

    /// Two networks: the layers up to the first that gives values in a row, and the remaining layers.
    pub fn parted(self) -> [Self; 2] {
        let gives_values = |layer: &PlacedLayer| matches!(layer.place.output, Shape::Values { .. });
        let first = self.layers.iter().position(gives_values).expect("the last layer gives values");
        self.split_at(first + 1)
    }

    /// Two networks: the first `count` layers, and the remaining layers.
    ///
    /// # Panics
    /// If there are fewer layers.
    pub fn split_at(self, count: usize) -> [Self; 2] {
        let Self { name, mut layers } = self;
        let back = layers.split_off(count);
        [layers, back].map(|layers| Self { name, layers })
    }

    fn mapped(self, mut change: impl FnMut(Parameter) -> Parameter) -> Self {
        let layers = self.layers.into_iter().map(|PlacedLayer { place, parameters }| PlacedLayer {
            place,
            parameters: parameters.into_iter().map(&mut change).collect(),
        });
        Self { name: self.name, layers: layers.collect() }
    }
}

/// The parameters of `network`, in a fixed order.
pub fn named_parameters(network: &Network) -> Vec<NamedTensor> {
    network.parameters().map(Parameter::named).collect()
}

/// The gradients of the parameters of `network` that have one, in a fixed order.
pub fn named_gradients(network: &Network, gradients: &Gradients) -> Vec<NamedTensor> {
    network.parameters().filter_map(|parameter| parameter.named_gradient(gradients)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::tensors::{read_one, upload},
        spec::{Kind, tenfold2026},
    };

    fn images(count: usize, device: &Device) -> Tensor<4> {
        let pixels = (0..count * 3072).map(|at| (at as f32 * 0.71).sin()).collect();
        upload(pixels, [count, 3, 32, 32], device)
    }

    fn read<const D: usize>(x: Tensor<D>) -> Vec<f32> {
        pollster::block_on(read_one(x)).expect("the CPU does not fail")
    }

    #[test]
    fn the_layers_parameters_add_up_to_the_networks() {
        for name in NetworkName::ALL {
            let network = Network::init(name, 1, &Device::flex().autodiff());
            let sum: u64 = network.layers().iter().map(|layer| layer.parameters).sum();
            assert_eq!(sum, network.parameter_count() as u64, "{}", name.id());
        }
    }

    #[test]
    fn a_fresh_networks_logits_are_small() {
        let device = Device::flex();
        let network = Network::init(NetworkName::Tenfold2026, 1, &device);
        let count = 4;
        let pixels = (0..count * 3072).map(|at| (at as f32 * 0.71).sin()).collect();
        let images = upload(pixels, [count, 3, 32, 32], &device);
        let (logits, _) = network.forward_in_training(images, &mut Masks::new(0.0, 1, 0));
        let logits = pollster::block_on(read_one(logits)).expect("the CPU does not fail");
        assert!(logits.iter().all(|logit| logit.abs() < 1.0), "{logits:?}");
        assert!(logits.iter().any(|logit| logit.abs() > 0.01), "{logits:?}");
    }

    #[test]
    fn a_listener_hears_what_each_layer_gives_in_its_shape_and_changes_nothing() {
        let device = Device::flex();
        for name in NetworkName::ALL {
            let network = Network::init(name, 3, &device);
            let places = Spec::shipped(name).places().expect("a shipped network");
            let mut heard = Vec::new();
            let mut listener = |layer: &LayerSpec, x: &Activations| {
                let (dims, values) = match x.clone() {
                    Activations::Planes(x) | Activations::Pixels(x) => (x.dims().to_vec(), read(x)),
                    Activations::Values(x) => (x.dims().to_vec(), read(x)),
                };
                heard.push((layer.clone(), dims, values));
            };
            let logits = read(network.forward_with(images(2, &device), None, &mut listener));
            assert_eq!(heard.len(), places.len());
            for ((layer, dims, values), place) in heard.iter().zip(&places) {
                assert_eq!(*layer, place.layer);
                assert_eq!((dims[0], values.len()), (2, 2 * place.output.count()), "{layer:?}");
            }
            assert_eq!(heard.last().expect("there are layers").2, logits);
            assert_eq!(logits, read(network.forward(images(2, &device))));
        }
    }

    #[test]
    fn the_parts_of_a_network_compute_together_what_it_does_whole() {
        let device = Device::flex();
        for name in NetworkName::ALL {
            let network = Network::init(name, 3, &device);
            let masks = || Masks::new(0.5, 4, 5);
            let (whole, _) = network.forward_in_training(images(2, &device), &mut masks());
            let [front, back] = network.clone().parted();
            let mut masks = masks();
            let (features, _) = front.forward_in_training(images(2, &device), &mut masks);
            let (logits, _) = back.values_in_training(Activations::Values(features), &mut masks);
            assert_eq!(read(logits), read(whole), "{}", name.id());
            assert_eq!(front.parameter_count() + back.parameter_count(), network.parameter_count());
        }
    }

    #[test]
    fn only_what_gradients_change_is_updated_and_statistics_move_a_tenth_of_the_way() {
        let device = Device::flex().autodiff();
        let spec = tenfold2026::spec([8, 8, 8]);
        let network = Network::fresh(&spec, 3, &device).expect("a narrow network");
        let before = named_parameters(&network);
        let (logits, statistics) = network.forward_in_training(images(2, &device), &mut Masks::new(0.0, 4, 5));
        let batch: Vec<_> = statistics.iter().map(|batch| read(batch.clone())).collect();
        let mut gradients = logits.sum().backward();
        let mut updated = Vec::new();
        let network = network.updated(&mut gradients, |name, _, values, _| {
            updated.push(name.to_owned());
            values
        });
        let expected = before.iter().filter(|tensor| tensor.is_trained).map(|tensor| tensor.name.clone());
        assert_eq!(updated, expected.collect::<Vec<_>>());

        let norms = spec.layers.iter().filter(|layer| matches!(layer.kind, Kind::BatchNorm(_)));
        assert_eq!(norms.count(), batch.len());
        let network = network.with_statistics(statistics);
        let kept = named_parameters(&network).into_iter().filter(|tensor| tensor.name.ends_with(".statistics"));
        for (kept, batch) in kept.map(|tensor| read(tensor.values)).zip(batch) {
            for (at, (kept, batch)) in kept.iter().zip(&batch).enumerate() {
                // Running means begin at 0, running variances at 1.
                let begun = if at < 8 { 0.0 } else { 1.0 };
                assert!((kept - (0.9 * begun + 0.1 * batch)).abs() < 1e-6, "{kept} {batch}");
            }
        }
    }
}

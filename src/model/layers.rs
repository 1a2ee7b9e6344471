//! What each layer of a network gives, holds and costs, computed from the shapes of its parameters.

use super::{NamedTensor, Network, named_parameters};
use crate::protocol::{IMAGE_SIDE, LayerFacts};

impl Network {
    /// The layers in the order in which an image passes through them.
    pub fn layers(&self) -> Vec<LayerFacts> {
        let parameters = Parameters(named_parameters(self));
        match self {
            Self::Cui2017(_) => cui2017(&parameters),
            Self::Tenfold2026(_) => tenfold2026(&parameters),
        }
    }
}

/// The parameters of a network.
struct Parameters(Vec<NamedTensor>);

impl Parameters {
    /// The dimensions of the weights of `layer`.
    fn weights<const D: usize>(&self, layer: &str) -> [usize; D] {
        let name = format!("{layer}.weight");
        let weights = self.0.iter().find(|parameter| parameter.name == name).expect("every such layer has weights");
        weights.shape[..].try_into().expect("the number of dimensions belongs to the kind of layer")
    }

    /// The facts of `layer`, called `name`, that multiplies `multiply_adds` times; no parameters where there is no layer.
    fn facts(&self, layer: Option<&str>, name: &str, output: &[usize], multiply_adds: usize) -> LayerFacts {
        let is_its = |parameter: &&NamedTensor| {
            // By name, because a copy of a network that only answers no longer knows what is trained.
            let is_trained = parameter.name != "whiten.weight" && !parameter.name.ends_with(".statistics");
            is_trained && parameter.name.split('.').next() == layer
        };
        let lens = self.0.iter().filter(is_its).map(|parameter| parameter.shape.iter().product::<usize>());
        let output = output.iter().map(|&len| len as u32).collect();
        LayerFacts {
            name: name.into(),
            output,
            parameters: lens.sum::<usize>() as u64,
            multiply_adds: multiply_adds as u64,
        }
    }
}

fn cui2017(parameters: &Parameters) -> Vec<LayerFacts> {
    let [filters, channels, height, width] = parameters.weights("conv");
    let map = [filters, IMAGE_SIDE, IMAGE_SIDE];
    let map_len = map.iter().product::<usize>();
    let [inputs, hidden] = parameters.weights("hidden");
    let [_, outputs] = parameters.weights("output");
    vec![
        parameters.facts(Some("conv"), "Convolution 4×4, ReLU", &map, map_len * channels * height * width),
        parameters.facts(None, "Max pool 8×8", &map, 0),
        parameters.facts(Some("hidden"), "Dense, ReLU", &[hidden], inputs * hidden),
        parameters.facts(Some("output"), "Dense", &[outputs], hidden * outputs),
    ]
}

fn tenfold2026(parameters: &Parameters) -> Vec<LayerFacts> {
    let [patch, _, channels, whitened] = parameters.weights("whiten");
    // Without padding: [3, 32, 32] -> [24, 31, 31]
    let mut side = IMAGE_SIDE + 1 - patch;
    let map = [whitened, side, side];
    let multiply_adds = map.iter().product::<usize>() * patch * patch * channels;
    let mut layers = vec![parameters.facts(Some("whiten"), "Whitening 2×2, fixed; GELU", &map, multiply_adds)];
    for number in 1..=6 {
        let layer = format!("conv{number}");
        let [height, width, inputs, outputs] = parameters.weights(&layer);
        let multiply_adds = side * side * outputs * inputs * height * width;
        // The first of each pair is pooled.
        let is_pooled = number % 2 == 1;
        let name = if is_pooled {
            side /= 2;
            "Convolution 3×3, max pool 2×2, GELU"
        } else {
            "Convolution 3×3, GELU"
        };
        layers.push(parameters.facts(Some(&layer), name, &[outputs, side, side], multiply_adds));
    }
    let [inputs, outputs] = parameters.weights("output");
    layers.push(parameters.facts(None, "Maximum over all pixels", &[inputs], 0));
    layers.push(parameters.facts(Some("output"), "Dense", &[outputs], inputs * outputs));
    layers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Device, protocol::NetworkName};
    use burn::module::Module;

    #[test]
    fn the_layers_parameters_add_up_to_the_networks() {
        for name in NetworkName::ALL {
            let network = Network::init(name, 1, &Device::flex().autodiff());
            for copy in [network.clone(), network.valid()] {
                let sum: u64 = copy.layers().iter().map(|layer| layer.parameters).sum();
                assert_eq!(sum, network.parameter_count() as u64, "{}", name.id());
            }
        }
    }

    #[test]
    fn the_articles_layers_are_as_the_article_counts_them() {
        let layers = Network::init(NetworkName::Cui2017, 1, &Device::flex()).layers();
        let facts: Vec<_> = layers.iter().map(|l| (&l.output[..], l.parameters, l.multiply_adds)).collect();
        let expected: [(&[u32], u64, u64); 4] = [
            (&[18, 32, 32], 882, 884_736),
            (&[18, 32, 32], 0, 0),
            (&[384], 7_078_272, 7_077_888),
            (&[10], 3_850, 3_840),
        ];
        assert_eq!(facts, expected);
    }

    #[test]
    fn the_other_networks_maps_shrink_to_three_pixels_a_side() {
        let layers = Network::init(NetworkName::Tenfold2026, 1, &Device::flex()).layers();
        let outputs: Vec<_> = layers.iter().map(|layer| &layer.output[..]).collect();
        let expected: [&[u32]; 9] = [
            &[24, 31, 31],
            &[64, 15, 15],
            &[64, 15, 15],
            &[256, 7, 7],
            &[256, 7, 7],
            &[256, 3, 3],
            &[256, 3, 3],
            &[256],
            &[10],
        ];
        assert_eq!(outputs, expected);
        // The third convolution, by hand: 15 x 15 places, 9 weights each from 64 channels to 256.
        assert_eq!(layers[3].multiply_adds, 15 * 15 * 9 * 64 * 256);
    }
}

//! What each layer of a network gives, holds and costs, computed from the shapes of its parameters.

use super::{NamedTensor, named_parameters};
use crate::protocol::LayerFacts;
use burn::module::Module;

/// The parameters of a network.
pub struct Parameters(Vec<NamedTensor>);

impl Parameters {
    /// Those of `network`.
    pub fn of(network: &impl Module) -> Self {
        Self(named_parameters(network))
    }

    /// The dimensions of the weights of `layer`.
    pub fn weights<const D: usize>(&self, layer: &str) -> [usize; D] {
        let name = format!("{layer}.weight");
        let weights = self.0.iter().find(|parameter| parameter.name == name).expect("every such layer has weights");
        weights.shape[..].try_into().expect("the number of dimensions belongs to the kind of layer")
    }

    /// The facts of `layer`, called `name`, that multiplies `multiply_adds` times; no parameters where there is no layer.
    pub fn facts(&self, layer: Option<&str>, name: &str, output: &[usize], multiply_adds: usize) -> LayerFacts {
        let is_its = |parameter: &&NamedTensor| parameter.is_trained && parameter.name.split('.').next() == layer;
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

#[cfg(test)]
mod tests {
    use crate::{
        model::{Device, Network},
        protocol::NetworkName,
    };
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
            &[128, 15, 15],
            &[128, 15, 15],
            &[256, 7, 7],
            &[256, 7, 7],
            &[288, 3, 3],
            &[288, 3, 3],
            &[288],
            &[10],
        ];
        assert_eq!(outputs, expected);
        // The third convolution, by hand: 15 x 15 places, 9 weights each from 128 channels to 256.
        assert_eq!(layers[3].multiply_adds, 15 * 15 * 9 * 128 * 256);
    }
}

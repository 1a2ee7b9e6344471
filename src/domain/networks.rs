//! The settings with which each network learns best.

use super::{LearningRates, NetworkName, OptimiserChoice, Settings};

impl NetworkName {
    /// The settings that measurements favour for this network. Those for [`NetworkName::Own`] are common ones that were
    /// not measured.
    pub fn settings(self) -> Settings {
        let article = Settings {
            network: self,
            layers: (self == Self::Own).then(crate::spec::starts::softmax),
            epochs: 30,
            batch_size: 128,
            optimiser: OptimiserChoice::Adam,
            learning_rates: self.learning_rates(OptimiserChoice::Adam),
            warm_up_epochs: 1.0,
            weight_decay: 0.0,
            label_smoothing: 0.0,
            dropout_rate: 0.5,
            flip: true,
            shift_pixels: 0,
            cutout_pixels: 0,
            cutmix_share: 0.0,
            seed: 2017,
            train_images: 50_000,
            changes: String::new(),
        };
        match self {
            Self::Cui2017 => article,
            Self::Own => Settings { epochs: 20, seed: 1, ..article },
            Self::Tenfold2026 => Settings {
                epochs: 26,
                batch_size: 500,
                optimiser: OptimiserChoice::Momentum,
                learning_rates: self.learning_rates(OptimiserChoice::Momentum),
                warm_up_epochs: 3.0,
                weight_decay: 6e-3,
                label_smoothing: 0.2,
                dropout_rate: 0.0,
                shift_pixels: 3,
                cutmix_share: 0.5,
                seed: 2026,
                ..article
            },
        }
    }

    /// The settings that the page proposes. They make a run of minutes on a common GPU: fewer epochs, and 5,000 images
    /// left for validation.
    pub fn page_settings(self) -> Settings {
        let long = self.settings();
        match self {
            Self::Cui2017 => Settings { epochs: 20, train_images: 45_000, ..long },
            Self::Own => Settings { epochs: 10, train_images: 45_000, ..long },
            // A quarter of the batch size, so that each step is short. Rates and weight decay are scaled with it.
            Self::Tenfold2026 => Settings {
                epochs: 6,
                batch_size: 125,
                learning_rates: LearningRates { convolution: 0.125, dense: 0.0015 },
                warm_up_epochs: 1.0,
                weight_decay: 0.0015,
                // More augmentation prevents overfitting, which six epochs do not reach.
                shift_pixels: 2,
                cutmix_share: 0.0,
                train_images: 45_000,
                ..long
            },
        }
    }

    /// The highest learning rates that measurements favour. Those for [`NetworkName::Own`] are common ones that were
    /// not measured.
    ///
    /// The 882 parameters of the article's convolution learn too slowly at the rate that suits its dense layers. The
    /// first dense layer sums 18,432 inputs that are nearly copies of each other. So the convolution has a rate of its
    /// own.
    pub fn learning_rates(self, optimiser: OptimiserChoice) -> LearningRates {
        match (self, optimiser) {
            (Self::Cui2017, OptimiserChoice::Adam) => LearningRates { convolution: 5e-3, dense: 3e-4 },
            (Self::Cui2017, OptimiserChoice::Momentum) => LearningRates { convolution: 1e-2, dense: 1e-2 },
            (Self::Own, OptimiserChoice::Adam) => LearningRates { convolution: 2e-3, dense: 1e-3 },
            (Self::Own, OptimiserChoice::Momentum) => LearningRates { convolution: 1e-2, dense: 1e-2 },
            (Self::Tenfold2026, OptimiserChoice::Adam) => LearningRates { convolution: 3e-3, dense: 1e-3 },
            (Self::Tenfold2026, OptimiserChoice::Momentum) => LearningRates { convolution: 0.5, dense: 6e-3 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_is_found_by_its_identifier_and_has_possible_settings() {
        for network in NetworkName::ALL {
            assert_eq!(NetworkName::find(network.id()), Some(network));
            assert_eq!(serde_json::to_value(network).expect("a name"), network.id());
            assert_eq!(network.settings().check(), Ok(()));
            assert_eq!(network.settings().network, network);
        }
        assert_eq!(NetworkName::Own.settings().check(), Ok(()));
        assert_eq!(NetworkName::Own.page_settings().check(), Ok(()));
        assert_eq!(NetworkName::find("resnet"), None);
    }
}

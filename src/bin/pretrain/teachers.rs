//! Networks whose answers another learns from, beside the labels (Hinton et al., "Distilling the Knowledge in a Neural
//! Network", 2015).

use super::outcome;
use std::{error::Error, path::PathBuf};
use tenfold::{
    data::Normalisation,
    domain::{IMAGE_SIDE, Settings},
    infer::{Classifier, ExecutionError, softmax},
    model::Device,
    train::Teacher,
};

/// Trained networks.
pub struct Teachers {
    classifiers: Vec<Classifier>,
    /// How each was trained, for the model card.
    pub settings: Vec<Settings>,
}

impl Teachers {
    /// The teachers in `folders`, on `device`.
    ///
    /// # Errors
    /// If a folder lacks a file or has a damaged one, or a teacher's images were normalised in another way.
    pub fn read(folders: &[PathBuf], normalisation: Normalisation, device: &Device) -> Result<Self, Box<dyn Error>> {
        let mut teachers = Self { classifiers: Vec::new(), settings: Vec::new() };
        for folder in folders {
            let (classifier, card, _) = outcome::read(folder, device)?;
            if classifier.normalisation() != normalisation {
                return Err(format!("{} learnt from images that are normalised otherwise", folder.display()).into());
            }
            teachers.classifiers.push(classifier);
            teachers.settings.push(card.settings);
        }
        Ok(teachers)
    }
}

impl Teacher for Teachers {
    /// The answers of one teacher.
    ///
    /// The teachers take turns. The cross-entropy with the mean of their answers is the mean of the cross-entropies
    /// with each, so the same is learnt in less time. In every other round, a teacher that learnt from mirrored images
    /// sees the batch mirrored. Its answers to an image and to the mirror image are better together than either alone.
    async fn answers(&self, step: u64, images: &[f32]) -> Result<Option<Vec<f32>>, ExecutionError> {
        if self.classifiers.is_empty() {
            return Ok(None);
        }
        let count = self.classifiers.len() as u64;
        let (round, turn) = (step / count, (step % count) as usize);
        let mut images = images.to_vec();
        if self.settings[turn].flip && round % 2 == 1 {
            images.chunks_exact_mut(IMAGE_SIDE).for_each(<[f32]>::reverse);
        }
        let logits = self.classifiers[turn].logits_of(images).await?;
        Ok(Some(logits.iter().flat_map(softmax).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenfold::{
        data::IMAGE_LEN,
        model::{Device, Network},
        spec::cui2017::{self, Widths},
    };

    #[test]
    fn teachers_take_turns_and_those_that_learnt_from_mirrored_images_see_every_other_batch_in_the_mirror() {
        let normalisation = Normalisation { mean: [0.5; 3], std: [0.25; 3] };
        let spec = cui2017::spec(Widths { hidden: 16, ..Widths::default() });
        let network = |seed| Network::fresh(&spec, seed, &Device::flex()).expect("a narrow network");
        let classifiers: Vec<_> = [1, 2].map(|seed| Classifier::new(network(seed), normalisation)).into();
        let images: Vec<f32> = (0..2 * IMAGE_LEN).map(|at| (at as f32 * 0.7).sin()).collect();
        let in_the_mirror: Vec<f32> = (0..images.len())
            .map(|at| images[at / IMAGE_SIDE * IMAGE_SIDE + IMAGE_SIDE - 1 - at % IMAGE_SIDE])
            .collect();
        let settings = [true, false].map(|flip| Settings { flip, ..Settings::default() });
        let teachers = Teachers { classifiers, settings: settings.into() };
        let answers = |teachers: &Teachers, step| {
            pollster::block_on(teachers.answers(step, &images)).expect("the CPU does not fail")
        };
        // The second teacher learnt without mirrored images.
        for (step, teacher, images) in [(4, 0, &images), (5, 1, &images), (6, 0, &in_the_mirror), (7, 1, &images)] {
            let logits = pollster::block_on(teachers.classifiers[teacher].logits_of(images.clone()));
            let said: Vec<f32> = logits.expect("the CPU does not fail").iter().flat_map(softmax).collect();
            assert_eq!(answers(&teachers, step), Some(said), "step {step}");
        }

        let nobody = Teachers { classifiers: Vec::new(), settings: Vec::new() };
        assert_eq!(answers(&nobody, 0), None);
    }
}

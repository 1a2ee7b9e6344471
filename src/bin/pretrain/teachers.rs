//! Networks whose answers another learns from, beside the labels (Hinton et al., "Distilling the Knowledge in a Neural
//! Network", 2015).

use super::outcome;
use std::{error::Error, path::PathBuf};
use tenfold::{
    data::Normalisation,
    infer::{Classifier, ExecutionError, softmax},
    protocol::Settings,
    train::batches::Batch,
};

/// The share of a target that teachers give; the labels give the rest.
const SHARE: f32 = 0.8;

/// Trained networks.
pub struct Teachers {
    classifiers: Vec<Classifier>,
    /// How each was trained, for the model card.
    pub settings: Vec<Settings>,
}

impl Teachers {
    /// Those in `folders`.
    ///
    /// # Errors
    /// If a folder lacks a file or holds a damaged one, or its network takes images that are normalised otherwise.
    pub fn read(folders: &[PathBuf], normalisation: Normalisation) -> Result<Self, Box<dyn Error>> {
        let mut teachers = Self { classifiers: Vec::new(), settings: Vec::new() };
        for folder in folders {
            let (classifier, card, _) = outcome::read(folder)?;
            if classifier.normalisation() != normalisation {
                return Err(format!("{} learnt from images that are normalised otherwise", folder.display()).into());
            }
            teachers.classifiers.push(classifier);
            teachers.settings.push(card.settings);
        }
        Ok(teachers)
    }

    /// Moves the targets of `batch` towards the mean of what the teachers say of its images, as these are shown.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn teach(&self, batch: &mut Batch) -> Result<(), ExecutionError> {
        if self.classifiers.is_empty() {
            return Ok(());
        }
        batch.targets.iter_mut().for_each(|target| *target *= 1.0 - SHARE);
        for classifier in &self.classifiers {
            let logits = classifier.logits_of(batch.images.clone()).await?;
            for (target, answer) in batch.targets.iter_mut().zip(logits.iter().flat_map(softmax)) {
                *target += SHARE / self.classifiers.len() as f32 * answer;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenfold::{
        model::{Cui2017, Cui2017Config, Device},
        protocol::CLASS_COUNT,
    };

    #[test]
    fn a_target_is_a_fifth_the_label_and_the_rest_the_mean_of_what_the_teachers_say() {
        let settings = Settings::default();
        let normalisation = Normalisation { mean: [0.5; 3], std: [0.25; 3] };
        let config = Cui2017Config { hidden: 16, ..Cui2017Config::default() };
        let classifiers: Vec<_> =
            [1, 2].map(|seed| Classifier::new(Cui2017::init(config, seed, &Device::flex()), normalisation)).into();
        let images: Vec<f32> = (0..2 * 3072).map(|at| (at as f32 * 0.7).sin()).collect();
        let mut labels = vec![0.0; 2 * CLASS_COUNT];
        labels[3] = 1.0;
        labels[CLASS_COUNT + 8] = 1.0;
        let mut batch = Batch { images: images.clone(), targets: labels.clone(), len: 2 };
        let teachers = Teachers { classifiers, settings: vec![settings; 2] };
        pollster::block_on(teachers.teach(&mut batch)).expect("the CPU does not fail");

        let said = |classifier: &Classifier| -> Vec<f32> {
            let logits = pollster::block_on(classifier.logits_of(images.clone())).expect("the CPU does not fail");
            logits.iter().flat_map(softmax).collect()
        };
        let [first, second] = [0, 1].map(|teacher| said(&teachers.classifiers[teacher]));
        assert_ne!(first, second);
        for (at, target) in batch.targets.iter().enumerate() {
            let want = 0.2 * labels[at] + 0.4 * first[at] + 0.4 * second[at];
            assert!((target - want).abs() < 1e-6, "{at}: {target}, not {want}");
        }

        let nobody = Teachers { classifiers: Vec::new(), settings: Vec::new() };
        let before = batch.targets.clone();
        pollster::block_on(nobody.teach(&mut batch)).expect("nothing to fail");
        assert_eq!(batch.targets, before);
    }
}

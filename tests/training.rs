//! The training loop learns, repeats itself, and resumes where it stopped, bit for bit on the CPU.

#[path = "common/learning.rs"]
mod learning;
#[path = "common/noise.rs"]
mod noise;

use burn::{backend::ExecutionError, tensor::Device};
use learning::{Listener, go_on, narrow, settings};
use noise::noise;
use tenfold::spec::cui2017::{self, Widths};
use tenfold::{
    data::{IMAGE_LEN, Normalisation},
    domain::{CLASS_COUNT, LearningRates, NetworkName, OptimiserChoice, Settings},
    infer::Classifier,
    model::Network,
    train::{Run, Teacher, train, train_with},
};

#[test]
fn a_batch_of_64_is_learnt_by_heart() {
    pollster::block_on(learning::a_batch_of_64_is_learnt_by_heart(&Device::flex()));
}

#[test]
fn the_modern_network_learns_a_batch_by_heart() {
    pollster::block_on(learning::the_modern_network_learns_a_batch_by_heart(&Device::flex()));
}

#[test]
fn a_resumed_run_of_the_modern_network_continues_as_an_uninterrupted_one_would() {
    let settings = Settings {
        epochs: 3,
        batch_size: 8,
        learning_rates: LearningRates { convolution: 1e-2, dense: 1e-3 },
        ..NetworkName::Tenfold2026.settings()
    };
    let fresh = |device: &Device| Run::from_network(narrow(&device.clone().autodiff()), settings.clone());
    pollster::block_on(learning::resuming_changes_nothing(fresh, 7));
}

#[test]
fn a_resumed_run_continues_as_an_uninterrupted_one_would() {
    pollster::block_on(learning::a_resumed_run_continues_as_an_uninterrupted_one_would());
}

#[test]
fn a_resumed_run_with_momentum_continues_as_an_uninterrupted_one_would() {
    let optimiser = OptimiserChoice::Momentum;
    let settings = Settings { optimiser, learning_rates: NetworkName::Cui2017.learning_rates(optimiser), ..settings() };
    let fresh = |device: &Device| Run::new(settings.clone(), device);
    pollster::block_on(learning::resuming_changes_nothing(fresh, 8));
}

#[test]
fn equal_seeds_give_equal_curves_and_other_seeds_others() {
    pollster::block_on(learning::equal_seeds_give_equal_curves_and_other_seeds_others());
}

#[test]
fn a_run_begins_with_a_report_each_step_and_then_each_tenth_and_at_each_epochs_end() {
    let images = noise(104);
    let tiny = cui2017::spec(Widths { filters: 1, hidden: 1 });
    let network = Network::fresh(&tiny, 1, &Device::flex().autodiff()).expect("a tiny network");
    let mut run = Run::from_network(network, settings());
    let steps: Vec<_> =
        pollster::block_on(go_on(&mut run, &images, None)).iter().map(|progress| progress.step).collect();
    assert_eq!(steps, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 20, 26, 30, 39]);
}

#[test]
fn a_run_whose_loss_is_no_number_stops_and_says_what_to_lower() {
    let images = noise(16);
    let rates = LearningRates { convolution: 1e30, dense: 1e30 };
    let settings = Settings { learning_rates: rates, ..settings() };
    let mut run = Run::new(settings, &Device::flex());
    let mut listener = Listener::default();
    let normalisation = Normalisation::of(&images);
    let result = pollster::block_on(train(&mut run, &[(&images).into()], &normalisation, &mut listener));
    let error = result.expect_err("the weights overflow").to_string();
    assert!(error.contains("lower the learning rate"), "{error}");
}

/// A teacher that answers "ship" to every image.
struct Ships;

impl Teacher for Ships {
    async fn answers(&self, _: u64, images: &[f32]) -> Result<Option<Vec<f32>>, ExecutionError> {
        let ship = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0];
        Ok(Some(vec![ship; images.len() / IMAGE_LEN].concat()))
    }
}

#[test]
fn a_run_learns_what_its_teacher_says() {
    let images = noise(104);
    let normalisation = Normalisation::of(&images);
    let mut run = Run::new(settings(), &Device::flex());
    let mut listener = Listener::default();
    let views = [(&images).into()];
    let trained = train_with(&mut run, &views, &normalisation, &Ships, &mut listener);
    pollster::block_on(trained).expect("the loss stays finite");
    let classifier = Classifier::new(run.network().valid(), normalisation);
    let pictures: Vec<_> = (0..8).map(|index| images.interleaved(index)).collect();
    let logits = pollster::block_on(classifier.logits(&pictures)).expect("the CPU does not fail");
    for logits in logits {
        let highest = (0..CLASS_COUNT).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
        assert_eq!(highest, Some(8), "{logits:?}");
    }
}

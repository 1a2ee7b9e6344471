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
    checkpoint::write_weights,
    data::{IMAGE_LEN, Normalisation},
    domain::{CLASS_COUNT, LearningRates, NetworkName, OptimiserChoice, Settings, settings::table::SETTINGS},
    infer::Classifier,
    model::Network,
    train::{Control, Progress, Run, Sink, Teacher, train, train_with},
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

/// Changes settings of a run after some of its steps, as a visitor would.
struct Visitor(Vec<(u64, &'static str, &'static str)>);

impl Sink for Visitor {
    async fn progress(&mut self, _: &Run, _: Progress) -> Control {
        Control::Continue
    }

    async fn epoch_ended(&mut self, _: &Run) -> Control {
        Control::Continue
    }

    async fn step_ended(&mut self, run: &mut Run) -> Control {
        for (_, name, value) in self.0.iter().filter(|(step, ..)| *step == run.step) {
            run.settings.change(run.step, name, value).expect("a value");
        }
        Control::Continue
    }
}

/// What a run of these settings has changed of everything that may change, and in the middle of an epoch.
const CHANGES: [(u64, &str, &str); 10] = [
    (4, "dropout", "0.2"),
    (4, "conv-rate", "0.0001"),
    (5, "dense-rate", "0.0002"),
    (6, "weight-decay", "0.05"),
    (7, "label-smoothing", "0.3"),
    (7, "flip", "off"),
    (8, "shift", "3"),
    (9, "cutout", "8"),
    (9, "cutmix", "0.8"),
    (11, "dropout", "0"),
];

#[test]
fn a_run_that_was_changed_is_one_that_was_to_change_and_a_resumed_one_is_the_same_bit_for_bit() {
    let changes: Vec<_> = CHANGES.iter().map(|(step, name, value)| format!("{step}:{name}={value}")).collect();
    let planned = Settings { changes: changes.join(","), ..settings() };
    assert_eq!(planned.check(), Ok(()));
    let fresh = |device: &Device| Run::new(planned.clone(), device);
    for stop_at in [3, 4, 8, 12] {
        pollster::block_on(learning::resuming_changes_nothing(fresh, stop_at));
    }

    let images = noise(40);
    let normalisation = Normalisation::of(&images);
    let weights = |run: &Run| pollster::block_on(write_weights(run.network())).expect("the CPU does not fail");
    let mut visited = Run::new(settings(), &Device::flex());
    let mut visitor = Visitor(CHANGES.to_vec());
    let views = [(&images).into()];
    let trained = train(&mut visited, &views, &normalisation, &mut visitor);
    pollster::block_on(trained).expect("the loss stays finite");
    let mut repeated = fresh(&Device::flex());
    pollster::block_on(go_on(&mut repeated, &images, None));
    assert_eq!(visited.settings, repeated.settings);
    assert!(weights(&visited) == weights(&repeated));
}

#[test]
fn every_setting_that_may_change_has_an_effect_from_the_next_step_on_and_none_before() {
    let images = noise(40);
    let losses = |changes: &str| {
        let mut run = Run::new(Settings { changes: changes.into(), ..settings() }, &Device::flex());
        let heard = pollster::block_on(go_on(&mut run, &images, Some(8)));
        heard.iter().map(|progress| progress.loss).collect::<Vec<_>>()
    };
    let unchanged = losses("");
    let mut names: Vec<_> = CHANGES.iter().map(|(_, name, _)| *name).collect();
    names.dedup();
    let may_change = SETTINGS.iter().filter(|setting| setting.may_change);
    assert!(may_change.clone().all(|setting| names.contains(&setting.name)), "one is not tested");
    for setting in may_change {
        let (_, name, value) = CHANGES.iter().find(|(_, name, _)| *name == setting.name).expect("it is tested");
        let changed = losses(&format!("5:{name}={value}"));
        assert_eq!(changed[..5], unchanged[..5], "{name}");
        // A rate changes the loss of the step after the next.
        assert_ne!(changed[5..], unchanged[5..], "{name}");
    }
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

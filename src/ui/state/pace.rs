//! How fast this device trains, and what follows from it before a run begins.

use crate::domain::settings::{ALL_IMAGES, VALIDATION_IMAGES};
use crate::domain::{DeviceReport, NetworkName, Settings, Spec, StartingWeights};
use crate::ui::plan::Plan;
use crate::ui::view::View;

use super::{Phase, State, Wish};

/// The length of a quick run in seconds, roughly.
const QUICK_SECS: f64 = 120.0;

/// The most epochs of a run with a given time.
const MOST_EPOCHS: u32 = 1_000;

/// The fewest images, counted over all epochs, from which a quick run learns enough to be worth watching.
const WORTH: f64 = 20_000.0;

/// The share of training and validation in a run's time. The rest goes to the answers that the page shows during the
/// run.
const LEARNING_SHARE: f64 = 0.88;

/// The time of an answer to an image, as a share of a training image's time. Training takes three passes of about equal
/// length: forward, and backward to the values and to the weights. An answer takes the first.
const ANSWER_SHARE: f64 = 1.0 / 3.0;

/// How fast this device trains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaceState {
    /// Training images per second of each network that was measured; with the layers, if it is the visitor's own.
    known: Vec<(NetworkName, Option<Spec>, f32)>,
    /// Whether the worker was asked and has not answered.
    is_asked: bool,
    /// Whether a quick run is to begin once this device is measured.
    is_run_wanted: bool,
}

impl PaceState {
    /// The training images per second of this network, once measured.
    fn of(&self, network: NetworkName, layers: Option<&Spec>) -> Option<f64> {
        let is_it = |(name, spec, _): &&(NetworkName, Option<Spec>, f32)| *name == network && spec.as_ref() == layers;
        self.known.iter().find(is_it).map(|(.., pace)| f64::from(*pace))
    }

    pub(super) fn take(&mut self, settings: &Settings, images_per_sec: f32) {
        self.is_asked = false;
        self.known.push((settings.network, settings.layers.clone(), images_per_sec));
    }

    pub(super) fn ask(&mut self) {
        self.is_asked = true;
    }

    /// Stores whether a quick run is wanted.
    pub(super) fn want_run(&mut self, is_wanted: bool) {
        self.is_run_wanted = is_wanted;
    }

    /// Notes that the worker will not answer.
    pub(super) fn give_up(&mut self) {
        (self.is_asked, self.is_run_wanted) = (false, false);
    }

    /// Forgets all measurements, because another device may compute from now on.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

impl State {
    /// The settings that the worker is to time next. Trials with a given time come first, then the plan's network. If
    /// that network is too slow for a quick run, the article's network follows. None while something else goes on.
    ///
    /// For the plan, *Learn* must be in view. A GPU compiles programs before it can be timed, so it is timed only once
    /// a quick run is wanted.
    pub fn to_pace(&self) -> Option<Settings> {
        let is_free = self.phase == Phase::Ready
            && !self.training.is_under_way()
            && self.training.wish == Wish::None
            && self.results.testing.is_none()
            && !self.inside.is_gathering
            && !self.pace.is_asked;
        if !is_free {
            return None;
        }
        let is_known = |settings: &Settings| self.pace.of(settings.network, settings.layers.as_ref()).is_some();
        if let Some(settings) = self.several.to_time().filter(|settings| !is_known(settings)) {
            return Some(settings.clone());
        }
        let is_wanted = self.pace.is_run_wanted || matches!(self.device, Some(DeviceReport::Cpu { .. }));
        if !is_wanted || self.view != View::Learn || self.plan_error().is_some() {
            return None;
        }
        let Settings { network, layers, .. } = &self.plan.settings;
        match self.pace.of(*network, layers.as_ref()) {
            None => Some(self.plan.settings.clone()),
            Some(pace) if pace * QUICK_SECS < WORTH && self.pace.of(NetworkName::Cui2017, None).is_none() => {
                Some(NetworkName::Cui2017.page_settings())
            }
            Some(_) => None,
        }
    }

    /// Whether the quick run that is wanted can begin.
    pub fn is_to_run_quickly(&self) -> bool {
        self.pace.is_run_wanted && self.phase == Phase::Ready && self.quick_plan().is_some()
    }

    /// Whether a quick run waits for the measurement of this device.
    pub fn is_measuring(&self) -> bool {
        self.pace.is_run_wanted
    }

    /// About how many seconds a run of `settings` takes here. None before its network is measured.
    pub fn estimate_secs(&self, settings: &Settings) -> Option<f64> {
        let pace = self.pace.of(settings.network, settings.layers.as_ref())?;
        let images = settings.train_images as f64 + validation_cost(settings.train_images);
        Some(f64::from(settings.epochs) * images / pace / LEARNING_SHARE)
    }

    /// The plan of a run of about two minutes on this device, with the plan's network. If that network would hardly
    /// begin to learn in this time, the article's network is used. None before this device is measured.
    pub fn quick_plan(&self) -> Option<Plan> {
        let Settings { network, layers, .. } = &self.plan.settings;
        let images = |pace: f64| pace * QUICK_SECS * LEARNING_SHARE;
        let own = images(self.pace.of(*network, layers.as_ref())?);
        let (settings, images) = if own >= WORTH || *network == NetworkName::Cui2017 {
            (self.plan.defaults().settings, own)
        } else {
            (NetworkName::Cui2017.page_settings(), images(self.pace.of(NetworkName::Cui2017, None)?))
        };
        let most_epochs = settings.epochs;
        let settings = learning_from(settings, images, most_epochs);
        Some(Plan { settings, start: StartingWeights::Scratch, device: self.plan.device })
    }

    /// `settings`, changed so that the run takes about `secs` seconds on this device. None before its network is
    /// measured.
    pub fn lasting(&self, settings: &Settings, secs: f64) -> Option<Settings> {
        let pace = self.pace.of(settings.network, settings.layers.as_ref())?;
        Some(learning_from(settings.clone(), pace * secs * LEARNING_SHARE, MOST_EPOCHS))
    }
}

/// The time of the validation after an epoch of `train_images`, as a number of training images that take as long.
fn validation_cost(train_images: usize) -> f64 {
    ALL_IMAGES.saturating_sub(train_images).min(VALIDATION_IMAGES) as f64 * ANSWER_SHARE
}

/// `settings`, changed so that the run takes about as long as training on `images` images. It gets as few epochs as
/// possible, at most `most_epochs`.
fn learning_from(settings: Settings, images: f64, most_epochs: u32) -> Settings {
    let most = settings.train_images as f64;
    let validation = validation_cost(settings.train_images);
    let epochs = (images / (most + validation)).ceil().clamp(1.0, f64::from(most_epochs));
    let train_images = (images / epochs - validation).min(most).max(settings.batch_size as f64);
    // Whole hundreds are easier to read.
    let train_images = if train_images > 1_000.0 { (train_images / 100.0).floor() * 100.0 } else { train_images };
    Settings { epochs: epochs as u32, train_images: train_images as usize, ..settings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::state::{Action, Next, Several, reduce};
    use crate::ui::tasks::Task;
    use crate::{
        domain::{DeviceReport, NetworkSummary, WeightsOrigin},
        protocol::{Event, ImagesStatus, Kept, RequestKind},
    };

    fn heard(state: &State, event: Event) -> State {
        reduce(state, Action::Heard { event, at_ms: 0.0 })
    }

    fn learning() -> State {
        let device = DeviceReport::Cpu { because: String::new() };
        let (name, weights) = (NetworkName::Tenfold2026, WeightsOrigin::Trained { step: 3 });
        let network =
            NetworkSummary { name, title: String::new(), parameters: 1, layers: Spec::shipped(name), weights };
        let state = heard(&State::default(), Event::Ready { device, network });
        reduce(&state, Action::Went(View::Learn))
    }

    fn paced(state: &State, images_per_sec: f32) -> State {
        let settings = state.to_pace().expect("something is not measured");
        let state = reduce(state, Action::PaceAsked);
        assert_eq!(state.to_pace(), None, "one question at a time");
        heard(&state, Event::Paced { settings, images_per_sec })
    }

    #[test]
    fn a_fast_device_runs_the_plans_network_quickly_and_a_slow_one_the_articles() {
        assert_eq!(reduce(&learning(), Action::Went(View::Look)).to_pace(), None);
        let fast = paced(&learning(), 2_000.0);
        assert_eq!(fast.to_pace(), None);
        let quick = fast.quick_plan().expect("it was measured").settings;
        assert_eq!(quick.network, NetworkName::Tenfold2026);
        let secs = fast.estimate_secs(&quick).expect("it was measured");
        assert!((90.0..=125.0).contains(&secs), "{secs}");

        let slow = paced(&learning(), 30.0);
        assert_eq!(slow.quick_plan(), None, "the other is not measured yet");
        let slow = paced(&slow, 400.0);
        let quick = slow.quick_plan().expect("both are measured").settings;
        assert_eq!((quick.network, quick.epochs, quick.train_images), (NetworkName::Cui2017, 1, 40_500));
        assert!(slow.estimate_secs(&slow.plan.settings).is_some_and(|secs| secs > 3_600.0));
        // Of a few images, validation takes most of the time: 12 epochs of 250 images, and 5,000 others.
        let secs = slow.estimate_secs(&Task::Overfit.settings()).expect("it was measured");
        assert!((60.0..70.0).contains(&secs), "{secs}");
    }

    #[test]
    fn a_gpu_is_measured_once_a_quick_run_is_wanted_which_then_begins() {
        let device = DeviceReport::WebGpu { adapter: String::new() };
        let state = State { device: Some(device), ..learning() };
        assert_eq!(state.to_pace(), None);
        let state = reduce(&state, Action::QuickWanted(true));
        assert!(!state.is_to_run_quickly());
        let state = paced(&state, 5_000.0);
        assert!(state.is_to_run_quickly());
        assert!(!reduce(&state, Action::QuickWanted(false)).is_to_run_quickly());
    }

    #[test]
    fn trials_that_are_to_take_a_time_are_timed_first_and_learn_from_as_many_images_as_that_allows() {
        let kept = Kept::OnDevice;
        let present = ImagesStatus::Present { train: 50_000, test: 10_000, published: true, size_bytes: 1, kept };
        let mut state = reduce(&heard(&learning(), Event::Images(present)), Action::Went(View::Runs));
        for change in [
            Several::Choose("1:outputs".into()),
            Several::Write("64, 128".into()),
            Several::Last("2".into()),
            Several::Begin,
        ] {
            state = reduce(&state, Action::Several(change));
        }
        let Some(narrow) = state.to_pace() else { panic!("{:?}", state.several.error) };
        assert_eq!(state.next_trial(), None, "nobody knows how long it would take");
        let state = paced(&state, 1_000.0);
        let Some((0, Next::Train(settings))) = state.next_trial() else { panic!("it was timed") };
        assert_eq!(settings.spec(), narrow.spec());
        let secs = state.estimate_secs(&settings).expect("it was timed");
        assert!((secs / 120.0 - 1.0).abs() < 0.01, "{} epochs of {}", settings.epochs, settings.train_images);
        let state = reduce(&state, Action::Several(Several::Asked(0, settings.clone())));
        assert_eq!((state.several.to_time(), &state.several.trials[0].settings), (None, &*settings));

        let refused = Event::NotDone { asked: RequestKind::Pace, reason: "No.".into() };
        let state = reduce(&state, Action::Several(Several::Drop(0)));
        assert!(state.to_pace().is_some_and(|wide| wide.spec() != narrow.spec()));
        assert!(!heard(&state, refused).several.is_under_way(), "it would be asked for ever");
    }

    #[test]
    fn another_device_is_measured_anew() {
        let state = paced(&learning(), 5_000.0);
        let state = reduce(&state, Action::StartAsked);
        assert_eq!(state.quick_plan(), None);
    }
}

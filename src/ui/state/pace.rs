//! How fast this device trains, and what follows from it before a run begins.

use crate::domain::{DeviceReport, NetworkName, Settings, Spec, StartingWeights};
use crate::ui::plan::Plan;
use crate::ui::view::View;

use super::{Phase, State, Wish};

/// The length of a quick run in seconds, roughly.
const QUICK_SECS: f64 = 120.0;

/// The images that a run must train on before it is worth watching.
const WORTH: f64 = 20_000.0;

/// The share of training in a run's time. The rest goes to validation and to the answers that the page shows during the
/// run.
const TRAINING_SHARE: f64 = 0.85;

/// How fast this device trains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaceState {
    /// Training images per second, by network.
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

    /// Handles that the worker will not answer.
    pub(super) fn give_up(&mut self) {
        (self.is_asked, self.is_run_wanted) = (false, false);
    }

    /// Forgets all measurements, because another device may compute from now on.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

impl State {
    /// The settings that the worker is to time next: those of the plan's network. If that network is too slow for a
    /// quick run, then those of the article's network. None while the view is hidden or something else goes on. A GPU
    /// first compiles programs for it, so it is timed only for a quick run.
    pub fn to_pace(&self) -> Option<Settings> {
        let is_free = self.phase == Phase::Ready
            && !self.training.is_under_way()
            && self.training.wish == Wish::None
            && self.results.testing.is_none()
            && !self.inside.is_gathering
            && (self.pace.is_run_wanted || matches!(self.device, Some(DeviceReport::Cpu { .. })));
        if !is_free || self.view != View::Learn || self.pace.is_asked || self.plan_error().is_some() {
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

    /// The approximate seconds that a run of `settings` takes here, once measured.
    pub fn estimate_secs(&self, settings: &Settings) -> Option<f64> {
        let pace = self.pace.of(settings.network, settings.layers.as_ref())?;
        Some(f64::from(settings.epochs) * settings.train_images as f64 / pace / TRAINING_SHARE)
    }

    /// The plan of a run of about two minutes on this device, for the plan's network. If that network would hardly
    /// begin to learn, the plan is for the article's network. None before this device is measured.
    pub fn quick_plan(&self) -> Option<Plan> {
        let Settings { network, layers, .. } = &self.plan.settings;
        let images = |pace: f64| pace * QUICK_SECS * TRAINING_SHARE;
        let own = images(self.pace.of(*network, layers.as_ref())?);
        let (settings, images) = if own >= WORTH || *network == NetworkName::Cui2017 {
            (self.plan.defaults().settings, own)
        } else {
            (NetworkName::Cui2017.page_settings(), images(self.pace.of(NetworkName::Cui2017, None)?))
        };
        let most = settings.train_images as f64;
        let epochs = (images / most).floor().clamp(1.0, f64::from(settings.epochs));
        let train_images = (images / epochs).min(most).max(settings.batch_size as f64);
        // Whole hundreds are easier to read.
        let train_images = if train_images > 1_000.0 { (train_images / 100.0).floor() * 100.0 } else { train_images };
        let settings = Settings { epochs: epochs as u32, train_images: train_images as usize, ..settings };
        Some(Plan { settings, start: StartingWeights::Scratch, device: self.plan.device })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::state::{Action, reduce};
    use crate::{
        domain::{DeviceReport, NetworkSummary, WeightsOrigin},
        protocol::Event,
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
        assert_eq!((quick.network, quick.epochs, quick.train_images), (NetworkName::Cui2017, 1, 40_800));
        assert!(slow.estimate_secs(&slow.plan.settings).is_some_and(|secs| secs > 3_600.0));
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
    fn another_device_is_measured_anew() {
        let state = paced(&learning(), 5_000.0);
        let state = reduce(&state, Action::StartAsked);
        assert_eq!(state.quick_plan(), None);
    }
}

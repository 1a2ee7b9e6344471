//! "Try several": runs that differ in one number, trained one after the other, and their results.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::domain::settings::table::{SETTINGS, Setting, Values as SettingValues};
use crate::ui::cards::{Values, cards, knobs, turn};
use crate::ui::curve;
use crate::ui::scatter::Against;
use crate::ui::words;
use crate::{
    domain::{History, RunFacts, RunId, RunUse, Settings, Spec, decimal},
    protocol::{End, RunStatus},
};

use super::RunsState;

/// The most values in one series.
pub const TRIALS: usize = 5;

/// The points that are kept of a curve.
const POINTS: usize = 80;

/// The trials, and the form that starts them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeveralState {
    /// The name of the number that differs, as the visitor reads it.
    pub title: String,
    /// The number that is chosen in the form, or in which the trials differ: the name of a setting, or `layer:knob`.
    pub axis: String,
    /// The settings that all trials share, apart from that number; none before the first series.
    base: Option<Settings>,
    /// The trials.
    pub trials: Vec<Trial>,
    /// The time of each trial in minutes, about. None if each has the epochs of the settings.
    pub minutes: Option<f32>,
    /// The text in the form; none while the visitor has not written any.
    #[serde(skip)]
    pub text: Option<String>,
    /// The reason why the text cannot be tried, as a sentence.
    #[serde(skip)]
    pub error: Option<Rc<str>>,
    /// Whether the next trial begins by itself.
    #[serde(skip)]
    pub is_going: bool,
    /// The horizontal axis of the plot of all networks.
    #[serde(skip)]
    pub against: Against,
    /// Counts the changes that are to be stored.
    #[serde(skip)]
    pub revision: u32,
}

/// A run with one of the values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The value as the visitor wrote it.
    pub value: String,
    /// The run's settings.
    pub settings: Settings,
    /// The trial's status.
    pub stands: Stands,
    /// Pairs of epochs and training accuracy.
    pub points: Vec<(f32, f32)>,
    /// Pairs of epochs and accuracy on validation images.
    pub validations: Vec<(f32, f32)>,
    /// The kept run, once there is one.
    pub run: Option<RunId>,
    /// The accuracy in `0.0..=1.0`: on the test images once measured, and on validation images before that.
    pub accuracy: Option<f32>,
    /// The training time in seconds, steps only; 0 if it is not known.
    pub secs: f64,
}

/// The status of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stands {
    /// The trial has not begun.
    Waiting,
    /// The trial has begun.
    Begun,
    /// All epochs are done.
    Done,
    /// The visitor ended it.
    Stopped,
    /// The loss became NaN or infinite.
    Diverged,
}

/// An action of the visitor or the page on the series.
#[derive(Clone, Debug, PartialEq)]
pub enum Several {
    /// Vary this number.
    Choose(String),
    /// Try these values.
    Write(String),
    /// Give each trial this many minutes. Text that is no number means the epochs of the settings.
    Last(String),
    /// Start the series that the form describes.
    Begin,
    /// Add a value to the list.
    Add(String),
    /// Remove a trial from the list.
    Drop(usize),
    /// Go on after a stop, or after the page was loaded again.
    GoOn,
    /// Change the horizontal axis of the plot of all networks.
    Against(Against),
    /// Begin no further trial.
    Hold,
    /// Note that the worker was asked to train this trial with these settings.
    Asked(usize, Box<Settings>),
    /// Restore the series that an earlier visit stored.
    Restored(Box<SeveralState>),
}

/// The next step of a series.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Train a new run.
    Train(Box<Settings>),
    /// Resume a kept run.
    Resume(RunId),
}

/// A number that can be varied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Its name.
    pub name: String,
    /// The text that the visitor reads.
    pub label: String,
    /// Values to try, around the present one.
    pub suggested: String,
}

/// All numbers of `settings` that can be varied: first those of the layers, then those of the run.
pub fn axes(settings: &Settings) -> Vec<Axis> {
    let kinds = settings.spec().kinds();
    let mut axes = Vec::new();
    for (at, card) in cards(&kinds).iter().enumerate() {
        for knob in knobs(&kinds, card) {
            let suggested = match knob.values {
                // The last layer has one output for each class.
                Values::Number(_) if card.title == "output" => continue,
                Values::Number(most) if knob.name == "outputs" => scaled(&knob.text, 1.0, most as f64),
                Values::Number(most) => {
                    let value: usize = knob.text.parse().unwrap_or(1);
                    let values = [value.saturating_sub(1).max(1), value, (value + 1).min(most)];
                    listed(values.map(|value| value.to_string()))
                }
                Values::Percent => "30, 50, 70".into(),
                Values::Choice(_) => continue,
            };
            let label = format!("{} {}: {}", at + 1, card.title, knob.label);
            axes.push(Axis { name: format!("{}:{}", knob.layer, knob.name), label, suggested });
        }
    }
    for setting in SETTINGS.iter().filter(|setting| (setting.is_of)(settings)) {
        if let SettingValues::Numbers { range, .. } = setting.values {
            let suggested = scaled(&setting.text(settings), range.least, range.most);
            axes.push(Axis { name: setting.name.into(), label: setting.label.into(), suggested });
        }
    }
    axes
}

/// Half of a number, the number itself, and twice the number, each within its range.
fn scaled(text: &str, least: f64, most: f64) -> String {
    let value = decimal(text).unwrap_or(0.0);
    if value == 0.0 {
        return format!("0, {}", most.min(1.0));
    }
    let is_whole = value.fract() == 0.0;
    listed([0.5, 1.0, 2.0].map(|factor| {
        let scaled = (value * factor).clamp(least, most);
        if is_whole { scaled.ceil().to_string() } else { ((scaled * 1e6).round() / 1e6).to_string() }
    }))
}

/// The values without repetitions, as the form lists them.
fn listed(values: [String; 3]) -> String {
    let mut values = values.to_vec();
    values.dedup();
    values.join(", ")
}

/// `settings` with the value `text` for the number `axis`.
///
/// # Errors
/// A sentence, if no such run is possible.
fn varied(settings: &Settings, axis: &str, text: &str) -> Result<Settings, String> {
    let mut varied = settings.clone();
    if let Some((layer, name)) = axis.split_once(':') {
        let mut kinds = settings.spec().kinds();
        let layer: usize = layer.parse().unwrap_or(usize::MAX);
        let kind = kinds.get_mut(layer).ok_or("The network no longer has this layer.")?;
        turn(kind, name, text);
        let cards = cards(&kinds);
        let knobs = cards.iter().flat_map(|card| knobs(&kinds, card));
        let is_taken = knobs.filter(|knob| knob.layer == layer && knob.name == name).any(|knob| knob.text == text);
        if !is_taken {
            return Err(format!("{text} is not a value of this number."));
        }
        varied = varied.with_network(Spec::from(kinds));
    } else {
        let setting = Setting::find(axis).ok_or("There is no such setting.")?;
        setting.set(&mut varied, text).map_err(|refused| refused.to_string())?;
    }
    varied.check().map_err(|error| format!("With {text}: {error}."))?;
    Ok(varied)
}

impl SeveralState {
    /// Applies a change. `settings` are the settings of the next run.
    pub fn change(&mut self, change: Several, settings: &Settings) {
        self.revision += 1;
        match change {
            Several::Choose(axis) => {
                (self.axis, self.text, self.error) = (axis, None, None);
            }
            Several::Write(text) => (self.text, self.error) = (Some(text), None),
            Several::Last(text) => {
                self.minutes = decimal(&text).map(|minutes| minutes as f32).filter(|&minutes| minutes > 0.0)
            }
            Several::Begin => {
                self.error = self.begin(settings).err().map(Rc::from);
            }
            Several::Add(value) => self.error = self.add(value.trim()).err().map(Rc::from),
            Several::Drop(at) => {
                if at < self.trials.len() {
                    self.trials.remove(at);
                }
            }
            Several::GoOn => self.is_going = true,
            Several::Against(against) => self.against = against,
            Several::Hold => self.is_going = false,
            Several::Asked(at, settings) => {
                if let Some(trial) = self.trials.get_mut(at) {
                    (trial.stands, trial.settings) = (Stands::Begun, *settings);
                }
            }
            Several::Restored(kept) => {
                *self = *kept;
            }
        }
    }

    /// The chosen number, or else the first.
    pub fn chosen(&self, axes: &[Axis]) -> Option<Axis> {
        axes.iter().find(|axis| axis.name == self.axis).or(axes.first()).cloned()
    }

    fn begin(&mut self, settings: &Settings) -> Result<(), String> {
        let axis = self.chosen(&axes(settings)).ok_or("There is no number to vary.")?;
        let text = self.text.clone().unwrap_or(axis.suggested);
        let mut values: Vec<_> = text.split([',', ';', ' ']).map(str::trim).filter(|value| !value.is_empty()).collect();
        values.dedup();
        if !(2..=TRIALS).contains(&values.len()) {
            return Err(format!("Give two to {TRIALS} values with commas between them."));
        }
        let trials = values.into_iter().map(|value| Ok(Trial::new(value, varied(settings, &axis.name, value)?)));
        self.trials = trials.collect::<Result<_, String>>()?;
        (self.title, self.axis, self.base, self.is_going) = (axis.label, axis.name, Some(settings.clone()), true);
        Ok(())
    }

    fn add(&mut self, value: &str) -> Result<(), String> {
        let base = self.base.as_ref().ok_or("There is no list yet.")?;
        if self.trials.len() >= TRIALS {
            return Err(format!("The list has {TRIALS} values; remove one first."));
        }
        let settings = varied(base, &self.axis, value)?;
        if self.trials.iter().any(|trial| trial.settings == settings) {
            return Err(format!("{value} is already on the list."));
        }
        self.trials.push(Trial::new(value, settings));
        self.is_going = true;
        Ok(())
    }

    /// Whether a trial is waiting or has begun.
    pub fn has_more(&self) -> bool {
        self.trials.iter().any(|trial| matches!(trial.stands, Stands::Waiting | Stands::Begun))
    }

    /// Whether such a trial begins by itself.
    pub fn is_under_way(&self) -> bool {
        self.is_going && self.has_more()
    }

    /// The settings of the next trial, if trials have a given time.
    pub fn to_time(&self) -> Option<&Settings> {
        let is_next =
            self.is_going && self.minutes.is_some() && self.trials.iter().all(|trial| trial.stands != Stands::Begun);
        let next = self.trials.iter().find(|trial| trial.stands == Stands::Waiting).filter(|_| is_next)?;
        Some(&next.settings)
    }

    /// The worker's next task while it is free. A trial that has begun goes on first.
    pub fn next(&self, runs: &RunsState) -> Option<(usize, Next)> {
        let is_next = |stands| move |trial: &&Trial| trial.stands == stands;
        let trial =
            [Stands::Begun, Stands::Waiting].into_iter().find_map(|stands| self.trials.iter().find(is_next(stands)));
        let trial = trial.filter(|_| self.is_going)?;
        let at = self.trials.iter().position(|other| std::ptr::eq(other, trial))?;
        let is_it = |run: &&crate::domain::KeptRun| {
            run.usage == RunUse::Free && run.facts.settings == trial.settings && run.facts.step < run.facts.steps
        };
        let kept = runs.runs.iter().find(is_it).filter(|_| trial.stands == Stands::Begun);
        Some((at, kept.map_or_else(|| Next::Train(Box::new(trial.settings.clone())), |run| Next::Resume(run.id))))
    }

    /// Handles a new status of the run, with its curves.
    pub fn settle(&mut self, status: &RunStatus, curves: &History) {
        let RunStatus::Ended { facts, how } = status else { return };
        let Some(trial) = self.begun(&facts.settings) else { return };
        trial.draw(curves, facts.steps_per_epoch);
        match how {
            End::Completed => trial.stands = Stands::Done,
            End::Diverged { .. } => trial.stands = Stands::Diverged,
            End::Stopped => {
                trial.stands = Stands::Stopped;
                self.is_going = false;
            }
            // The run goes on by itself on another device.
            End::DeviceLost { .. } => {}
        }
        self.revision += 1;
    }

    /// Stores the curves of the run in progress.
    pub fn follow(&mut self, facts: &RunFacts, curves: &History) {
        if let Some(trial) = self.begun(&facts.settings) {
            trial.draw(curves, facts.steps_per_epoch);
        }
    }

    /// Handles a new list of kept runs.
    pub fn take_runs(&mut self, runs: &RunsState) {
        for trial in self.trials.iter_mut().filter(|trial| trial.stands != Stands::Waiting) {
            let Some(run) = runs.runs.iter().find(|run| run.facts.settings == trial.settings) else { continue };
            let tested = run.tested.filter(|(step, _)| *step == run.facts.step).map(|(_, share)| share);
            (trial.run, trial.accuracy, trial.secs) = (Some(run.id), tested.or(run.accuracy), run.trained_secs);
            // The run ended before this page could hear of it.
            if trial.stands == Stands::Begun && run.usage == RunUse::Free && run.facts.step == run.facts.steps {
                trial.stands = Stands::Done;
            }
            self.revision += 1;
        }
    }

    /// The trial that has begun with these settings.
    fn begun(&mut self, settings: &Settings) -> Option<&mut Trial> {
        self.trials.iter_mut().find(|trial| trial.stands == Stands::Begun && trial.settings == *settings)
    }
}

impl Trial {
    fn new(value: &str, settings: Settings) -> Self {
        Self {
            value: value.into(),
            settings,
            stands: Stands::Waiting,
            points: Vec::new(),
            validations: Vec::new(),
            run: None,
            accuracy: None,
            secs: 0.0,
        }
    }

    /// Stores the curves of the trial's run. An epoch has `steps_per_epoch` steps.
    pub fn draw(&mut self, curves: &History, steps_per_epoch: u64) {
        let epochs = steps_per_epoch.max(1) as f64;
        let points: Vec<_> =
            curves.points.iter().map(|point| (point.step as f64 / epochs, f64::from(point.accuracy))).collect();
        let point = |(epoch, share): (f64, f64)| (epoch as f32, share as f32);
        self.points = curve::thin(&points, POINTS).into_iter().map(point).collect();
        let validations = curves.validations.iter();
        self.validations = validations.map(|one| ((one.step as f64 / epochs) as f32, one.accuracy)).collect();
    }

    /// The status in words.
    pub fn words(&self) -> &'static str {
        match self.stands {
            Stands::Waiting => "Waiting",
            Stands::Begun => "Training",
            Stands::Done => "Done",
            Stands::Stopped => "Stopped",
            Stands::Diverged => "Diverged",
        }
    }

    /// The accuracy and the training time in words.
    pub fn figures(&self) -> [String; 2] {
        let nothing = || "–".to_owned();
        let accuracy = self.accuracy.map_or_else(nothing, |share| words::percent(share.into()));
        [accuracy, if self.secs > 0.0 { words::duration(self.secs) } else { nothing() }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{KeptRun, NetworkName, StartingWeights, Validation};

    fn tried(axis: &str, text: &str) -> SeveralState {
        let settings = NetworkName::Cui2017.page_settings();
        let mut several = SeveralState::default();
        for change in [Several::Choose(axis.into()), Several::Write(text.into()), Several::Begin] {
            several.change(change, &settings);
        }
        several
    }

    fn ended(settings: &Settings, how: End) -> RunStatus {
        let facts = RunFacts {
            settings: settings.clone(),
            start: StartingWeights::Scratch,
            step: 20,
            steps_per_epoch: 10,
            steps: 20,
        };
        RunStatus::Ended { facts, how }
    }

    fn kept(settings: &Settings, step: u64) -> RunsState {
        let facts = RunFacts {
            settings: settings.clone(),
            start: StartingWeights::Scratch,
            step,
            steps_per_epoch: 10,
            steps: 20,
        };
        let run = KeptRun {
            id: RunId(7),
            name: None,
            facts,
            accuracy: Some(0.5),
            tested: Some((20, 0.6)),
            trained_secs: 12.5,
            kept_at_ms: 0,
            size_bytes: 0,
            usage: RunUse::Free,
            passed_over: None,
            not_kept: None,
        };
        RunsState { runs: Rc::new(vec![run]), ..RunsState::default() }
    }

    #[test]
    fn a_number_of_a_layer_or_of_the_run_is_tried_at_several_values_with_everything_else_equal() {
        let several = tried("0:outputs", "8, 18, 36");
        let seen: Vec<_> =
            several.trials.iter().map(|trial| (trial.value.as_str(), trial.settings.spec().to_string())).collect();
        assert_eq!(seen[0], ("8", "conv8k4r-max8s1p-flat-drop-dense384r-drop-dense10".into()));
        assert_eq!(several.trials[1].settings, NetworkName::Cui2017.page_settings(), "18 is the article's");
        assert!(several.trials.iter().all(|trial| trial.settings.seed == 2017 && trial.settings.epochs == 20));
        assert_eq!(several.title, "1 conv2d_maxpool: outputs");
        let several = tried("dropout", "0.3 0.7");
        assert_eq!(several.trials.iter().map(|trial| trial.settings.dropout_rate).collect::<Vec<_>>(), [0.3, 0.7]);
    }

    #[test]
    fn what_cannot_be_tried_is_said_and_nothing_begins() {
        for (axis, text, why) in [
            ("0:outputs", "8", "two to 5 values"),
            ("0:outputs", "1,2,3,4,5,6", "two to 5 values"),
            ("0:outputs", "8, many", "many is not a value"),
            ("0:kernel", "3, 12", "1 to 11, not 12"),
            ("dropout", "0.3, 1.5", "Dropout must be 0 to 0.95"),
        ] {
            let several = tried(axis, text);
            assert!(several.error.as_deref().is_some_and(|error| error.contains(why)), "{text}: {:?}", several.error);
            assert!(several.trials.is_empty() && !several.is_going);
        }
    }

    #[test]
    fn every_suggestion_can_be_tried_but_for_what_takes_too_much_memory() {
        for network in NetworkName::ALL {
            let settings = network.page_settings();
            for axis in axes(&settings) {
                let mut several = SeveralState::default();
                several.change(Several::Choose(axis.name.clone()), &settings);
                several.change(Several::Begin, &settings);
                let is_too_large = several.error.as_ref().is_some_and(|error| error.contains(" MB"));
                assert!(is_too_large || several.trials.len() >= 2, "{axis:?}: {:?}", several.error);
            }
        }
    }

    #[test]
    fn trials_come_one_after_the_other_and_a_stop_holds_them() {
        let mut several = tried("0:outputs", "8, 18");
        let runs = RunsState::default();
        let Some((0, Next::Train(first))) = several.next(&runs) else { panic!("the first begins") };
        several.change(Several::Asked(0, first.clone()), &first);
        let mut curves = History::default();
        curves.validations.push(Validation { step: 20, loss: 1.0, accuracy: 0.5, images: 100 });
        several.settle(&ended(&first, End::Completed), &curves);
        assert_eq!((several.trials[0].stands, &several.trials[0].validations), (Stands::Done, &vec![(2.0, 0.5)]));
        let Some((1, Next::Train(second))) = several.next(&runs) else { panic!("the second begins") };
        several.change(Several::Asked(1, second.clone()), &second);
        several.settle(&ended(&second, End::Stopped), &curves);
        assert!(several.next(&runs).is_none() && !several.has_more() && !several.is_under_way());
        several.change(Several::Add("36".into()), &second);
        assert!(matches!(several.next(&runs), Some((2, Next::Train(_)))));
        several.change(Several::Drop(2), &second);
        assert!(!several.has_more());
    }

    #[test]
    fn a_list_survives_a_reload_and_goes_on_where_its_run_is_kept() {
        let mut several = tried("0:outputs", "8, 18");
        let settings = several.trials[0].settings.clone();
        several.change(Several::Asked(0, Box::new(settings.clone())), &settings);
        let bytes = crate::protocol::encode(&several);
        let mut again: SeveralState = crate::protocol::decode(&bytes).expect("just encoded");
        assert_eq!(again.trials, several.trials);
        assert_eq!(again.next(&kept(&settings, 10)), None, "it waits for the visitor");
        again.change(Several::GoOn, &settings);
        assert_eq!(again.next(&kept(&settings, 10)), Some((0, Next::Resume(RunId(7)))));
        assert!(matches!(again.next(&RunsState::default()), Some((0, Next::Train(_)))), "it is not kept");
        again.take_runs(&kept(&settings, 20));
        let trial = &again.trials[0];
        assert_eq!(
            (trial.stands, trial.accuracy, trial.secs, trial.run),
            (Stands::Done, Some(0.6), 12.5, Some(RunId(7)))
        );
        assert_eq!(trial.figures(), ["60.0%".to_owned(), "13 s".to_owned()]);
    }
}

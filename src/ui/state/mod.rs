//! The page's state, and the only function that changes it.

mod builder;
mod compare;
mod comparison;
mod heard;
mod images;
mod inside;
mod lapse;
mod pace;
mod pictures;
mod race;
mod results;
mod runs;
mod seen;
mod several;
mod training;

pub use builder::{BuilderState, Edit};
pub use compare::{Beside, Column, CompareState, epochs, tested, title};
pub use comparison::ComparisonState;
pub use images::{Fetch, ImagesState, Trouble};
pub use inside::{Change, Choice, InsideState, Method, Pane};
pub use lapse::{Lapse, LapseState};
pub use pace::PaceState;
pub use pictures::{Answer, Picture};
pub use race::{RacePhase, RaceState, SETUPS, article_run_secs};
pub use results::{Cell, Opened, ResultsState, SHOWN_LIMIT};
pub use runs::RunsState;
pub use several::{Axis, Next, Several, SeveralState, Stands, TRIALS, Trial, axes};
pub use training::{Pace, TrainingState, Wish};

use std::collections::HashMap;
use std::rc::Rc;

use crate::{
    domain::{DeviceReport, NetworkName, NetworkSummary, Pairing, RunFacts, WeightsOrigin, settings::table::Refused},
    protocol::{Event, ImagesStatus, Kept, PictureId, RunStatus},
};

use super::plan::{Field, Plan};
use super::progress::Progress;
use super::tasks::Task;
use super::view::View;
use super::words;
use heard::hear;

/// All that the page shows, except for the theme.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The view that is shown.
    pub view: View,
    /// The state of the worker.
    pub phase: Phase,
    /// The device that computes, or the last one that did.
    pub device: Option<DeviceReport>,
    /// The network that answers, or the last one that did.
    pub network: Option<NetworkSummary>,
    /// The test accuracy of each shipped network that has answered, in percent.
    pub shipped_accuracies: HashMap<&'static str, f32>,
    /// The pictures, in the order in which they came.
    pub pictures: Vec<Picture>,
    /// The picture on the stage; there is one whenever there are pictures.
    pub selected: Option<PictureId>,
    /// Whether there has been a picture.
    pub has_greeted: bool,
    /// Sentences about what could not be done. They stay until they are dismissed or more pictures come.
    pub notices: Vec<Rc<str>>,
    /// After the worker has died, pictures are sent one at a time, so that a picture that kills it can be found.
    pub is_careful: bool,
    /// CIFAR-10's images.
    pub images: ImagesState,
    /// The plan of the next run.
    pub plan: Plan,
    /// Texts in the form that are no value, by field. Each comes with a sentence about the values that the field takes.
    pub unreadable: HashMap<&'static str, (Rc<str>, Rc<str>)>,
    /// The state of the builder for the plan's network.
    pub builder: BuilderState,
    /// Whether the form is unfolded.
    pub is_form_open: bool,
    /// The guided task that is shown.
    pub task: Option<Task>,
    /// The training run.
    pub training: TrainingState,
    /// The kept runs.
    pub runs: RunsState,
    /// Weights of another program that wait for the visitor's word: what they are, and which tensor becomes which parameter.
    pub fitted: Option<Rc<(String, Vec<Pairing>)>>,
    /// Several runs that differ in one number.
    pub several: SeveralState,
    /// The results on the test images.
    pub results: ResultsState,
    /// The comparison of networks.
    pub comparison: ComparisonState,
    /// The comparison of kept runs.
    pub compare: CompareState,
    /// How fast this device trains.
    pub pace: PaceState,
    /// The experiment "GPU or CPU?".
    pub race: RaceState,
    /// The inside of the network.
    pub inside: InsideState,
}

/// The state of the worker.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The program or the weights are being downloaded.
    Loading(Option<Progress>),
    /// The worker can answer.
    Ready,
    /// The worker could not start. The reason is a sentence.
    Failed(Rc<str>),
    /// The worker stopped. The sentence says what that means for the run, if there was one.
    Died(Option<Rc<str>>),
}

impl Default for Phase {
    fn default() -> Self {
        Self::Loading(None)
    }
}

/// An event that changes the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The visitor went to another view.
    Went(View),
    /// Pictures came. The first of them is shown.
    Arrived {
        /// The new pictures.
        pictures: Vec<Picture>,
        /// A sentence for each file that was left out.
        notices: Vec<Rc<str>>,
    },
    /// The page shows this picture before the visitor brings one.
    Greeted(Picture),
    /// The worker was asked about these pictures.
    Asked(Vec<PictureId>),
    /// The worker sent an event.
    Heard {
        /// The event.
        event: Event,
        /// The time of the page's clock, in milliseconds.
        at_ms: f64,
    },
    /// Decoded pictures can be shown, each from its address.
    Decoded(Vec<(PictureId, Rc<str>)>),
    /// The worker stopped.
    Died,
    /// A new worker was started.
    Restarted,
    /// The same worker was asked to start again, on another device or with another network.
    StartAsked,
    /// The visitor chose a picture of the strip.
    Selected(PictureId),
    /// The visitor cleared the strip.
    Cleared,
    /// The page itself found that something cannot be done. The text is a sentence.
    Noticed(String),
    /// The visitor dismissed the notice of this index.
    Dismissed(usize),
    /// The visitor dismissed the reason why no images came.
    ImagesTroubleDismissed,
    /// The visitor dismissed the reason why a run ended early.
    RunTroubleDismissed,
    /// The plan that the address asks for, and a sentence about each value that a plan cannot have.
    Planned(Plan, Vec<String>),
    /// The visitor wrote or chose this text in the form.
    Set(Field, String),
    /// The visitor changed the plan's network.
    Built(Edit),
    /// The visitor or the page changed the series of runs.
    Several(Several),
    /// The visitor has said whether another program's weights are to be loaded.
    FittedSettled,
    /// The visitor opened or closed the form.
    FormFolded,
    /// The visitor opened a guided task, or closed them.
    TaskOpened(Option<Task>),
    /// The visitor pressed "Train", "Resume", or a button that leads there.
    Wished(Wish),
    /// The worker was asked to pause the run.
    PauseAsked,
    /// Another moment of the run is shown.
    Lapse(Lapse),
    /// The worker was asked to deal images with this seed.
    DealAsked(u64),
    /// The visitor asked for other images.
    Shuffled,
    /// The worker was asked to measure the network on the test images.
    TestAsked,
    /// The visitor opened a number of the results, or closed it.
    Opened(Option<Cell>),
    /// The visitor asked for the comparison of networks.
    CompareWished,
    /// The worker was asked to compare the networks on this picture, or on none.
    CompareAsked(Option<PictureId>),
    /// The worker was asked how fast this device trains.
    PaceAsked,
    /// A quick run is wanted, or no longer wanted.
    QuickWanted(bool),
    /// The visitor removed this picture.
    Removed(PictureId),
    /// The comparison of kept runs changes.
    Beside(Beside),
    /// The worker was asked to run the experiment.
    RaceAsked,
    /// The view of the network's inside changes.
    Inside(Change),
}

impl State {
    /// The value of `data-phase`.
    pub fn phase_name(&self) -> &'static str {
        match (&self.phase, &self.training.status) {
            (Phase::Loading(_), _) => "loading",
            (Phase::Failed(_) | Phase::Died(_), _) => "failed",
            (Phase::Ready, RunStatus::Running(_)) => "training",
            (Phase::Ready, RunStatus::Paused(_)) => "paused",
            (Phase::Ready, _) => "ready",
        }
    }

    /// The plan of the run that is under way, with the settings of its next step, which the form then shows and changes.
    pub fn changing(&self) -> Option<Plan> {
        let facts = self.training.facts().filter(|_| self.training.is_under_way())?;
        Some(Plan { settings: facts.settings.at(facts.step), start: facts.start, device: self.plan.device })
    }

    /// Sets `field` of the plan to the value that `text` names. The worker changes a setting of a run that is under way.
    fn set(&mut self, field: Field, text: &str) -> Result<(), Refused> {
        match (field, self.changing()) {
            (Field::Setting(setting), Some(mut now)) => setting.set(&mut now.settings, text),
            _ => self.plan.set(field, text),
        }
    }

    /// The reason why the form's settings cannot be trained, as a sentence.
    pub fn plan_error(&self) -> Option<String> {
        if let Some((_, (_, sentence))) = self.unreadable.iter().min_by_key(|(name, _)| **name) {
            return Some(sentence.to_string());
        }
        Some(words::sentence(&self.plan.settings.check().err()?.to_string()))
    }

    /// Whether the run that waits for its images can begin.
    pub fn is_to_train(&self) -> bool {
        self.training.wish == Wish::AfterImages && self.images.can_train() && self.phase == Phase::Ready
    }

    /// The next step for the series of runs, once nothing else goes on.
    pub fn next_trial(&self) -> Option<(usize, Next)> {
        let is_free =
            self.free_device().is_some() && self.training.wish == Wish::None && self.results.testing.is_none();
        let (at, next) = self.several.next(&self.runs).filter(|_| is_free && self.images.is_present())?;
        match (next, self.several.minutes) {
            (Next::Train(settings), Some(minutes)) if self.several.trials[at].stands == Stands::Waiting => {
                // None before it was timed.
                Some((at, Next::Train(Box::new(self.lasting(&settings, f64::from(minutes) * 60.0)?))))
            }
            (next, _) => Some((at, next)),
        }
    }

    /// Whether only a new worker can answer. A worker that failed while it holds a run in its memory only is asked
    /// again, so that the run is not lost.
    pub fn needs_new_worker(&self) -> bool {
        match self.phase {
            Phase::Died(_) => true,
            Phase::Failed(_) => self.runs.in_memory().next().is_none(),
            Phase::Loading(_) | Phase::Ready => false,
        }
    }

    /// The seed of the images to deal, once there are images and their view is shown.
    pub fn to_deal(&self) -> Option<u64> {
        let is_shown = self.view == View::Look && self.phase == Phase::Ready;
        self.images.to_deal().filter(|_| is_shown)
    }

    /// The name of the device that could time a training step now; none if none could.
    pub fn free_device(&self) -> Option<&'static str> {
        let is_free = self.phase == Phase::Ready && !self.training.is_under_way();
        self.device.as_ref().filter(|_| is_free).map(words::device_name)
    }

    /// Whether images are kept that the browser can be asked not to delete.
    pub fn has_kept_images(&self) -> bool {
        matches!(self.images.status, ImagesStatus::Present { kept: Kept::OnDevice, .. })
    }

    /// The network that answers, or the one that is being loaded.
    pub fn chosen_network(&self) -> NetworkName {
        match &self.network {
            Some(network) if self.phase == Phase::Ready => network.name,
            _ => self.plan.settings.network,
        }
    }

    /// Stores the network that answers. The plan follows it, unless the visitor has chosen another one that is still
    /// loading, or builds one.
    fn take_network(&mut self, network: NetworkSummary) {
        let is_own = [network.name, self.plan.settings.network].contains(&NetworkName::Own);
        if self.phase == Phase::Ready && !is_own && self.plan.settings.network != network.name {
            self.plan.turn_to(network.name);
            self.unreadable.clear();
        }
        if let WeightsOrigin::Shipped { test_accuracy, .. } = network.weights {
            self.shipped_accuracies.insert(network.name.id(), test_accuracy);
        }
        self.network = Some(network);
    }

    /// The document's title: the view's own title, after the progress of a run if one is under way.
    pub fn title(&self) -> String {
        let run = self.training.facts().filter(|_| self.training.is_under_way());
        match run {
            Some(facts) => {
                let epoch = words::epoch(facts, !self.training.is_running());
                format!("{epoch}{}: Tenfold", words::accuracy_so_far(&self.training.curves))
            }
            None => self.view.title().into(),
        }
    }

    /// The run that is under way here, or else the run that is offered first.
    pub fn current_run(&self) -> Option<&RunFacts> {
        let under_way = self.training.facts().filter(|_| self.training.is_under_way());
        under_way.or(self.runs.unfinished().map(|run| &run.facts))
    }

    fn notice(&mut self, sentence: String) {
        self.notices.push(sentence.into());
    }
}

impl yew::Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(reduce(&self, action))
    }
}

/// The state after `action`.
pub fn reduce(state: &State, action: Action) -> State {
    let mut next = state.clone();
    match action {
        Action::Went(view) => next.view = view,
        Action::Arrived { pictures, notices } => {
            if let Some(first) = pictures.first() {
                next.selected = Some(first.id);
                next.pictures.retain(|picture| !picture.is_greeting);
                next.has_greeted = true;
                // If the view shows no answers, the pictures lead to one that does.
                if !next.view.has_answer() {
                    next.view = View::Look;
                }
            }
            next.pictures.extend(pictures);
            next.notices = notices;
        }
        Action::Greeted(picture) => {
            next.has_greeted = true;
            next.selected = Some(picture.id);
            next.pictures.push(picture);
        }
        Action::Asked(ids) => next.mark_asked(&ids),
        Action::Heard { event, at_ms } => hear(&mut next, event, at_ms),
        Action::Decoded(urls) => urls.into_iter().for_each(|(id, url)| next.show(id, url)),
        Action::Died => die(&mut next),
        Action::Restarted => {
            start_anew(&mut next);
            next.training.wish = Wish::None;
            next.images.on_death();
            next.runs.on_death();
        }
        // A download of images goes on, and so does the run that waits for it.
        Action::StartAsked => {
            start_anew(&mut next);
            if next.training.wish == Wish::Asked {
                next.training.wish = Wish::None;
            }
        }
        Action::Selected(id) => next.selected = Some(id),
        Action::Cleared => {
            next.pictures.clear();
            next.inside.clear();
            next.notices.clear();
            next.selected = None;
        }
        Action::Dismissed(index) => {
            if index < next.notices.len() {
                next.notices.remove(index);
            }
        }
        Action::Noticed(sentence) => next.notice(sentence),
        Action::ImagesTroubleDismissed => next.images.trouble = None,
        Action::RunTroubleDismissed => next.training.trouble = None,
        Action::Planned(plan, notices) => {
            next.builder.is_open = plan.settings.network == NetworkName::Own;
            next.plan = plan;
            next.unreadable.clear();
            notices.into_iter().for_each(|notice| next.notice(notice));
        }
        Action::Built(edit) => {
            next.builder.edit(&mut next.plan, edit);
            if next.plan.settings.network != state.plan.settings.network {
                next.unreadable.clear();
            }
        }
        Action::Several(change) => next.several.change(change, &state.plan.settings),
        Action::Set(field, text) => match next.set(field, &text) {
            // All settings are now the defaults of the chosen network.
            Ok(()) if field == Field::Network => {
                next.unreadable.clear();
                if state.plan.settings.network == NetworkName::Own {
                    next.builder.remember(&state.plan);
                }
            }
            Ok(()) => {
                next.unreadable.remove(field.name());
            }
            Err(refused) => {
                next.unreadable.insert(field.name(), (text.into(), refused.to_string().into()));
            }
        },
        Action::FittedSettled => next.fitted = None,
        Action::TaskOpened(task) => next.task = task,
        Action::FormFolded => next.is_form_open = !next.is_form_open,
        Action::Wished(wish) => next.training.wish = wish,
        Action::Lapse(change) => next.training.change_lapse(change),
        Action::PauseAsked => next.training.is_pausing = true,
        Action::DealAsked(seed) => next.images.asked_seed = Some(seed),
        Action::Shuffled => next.images.deal_seed += 1,
        Action::TestAsked => next.results.testing = Some((0, 0)),
        Action::Opened(Some(cell)) => next.results.open(cell),
        Action::Opened(None) => next.results.opened = None,
        Action::CompareWished => next.comparison.is_wanted = true,
        Action::CompareAsked(about) => next.comparison.asked = Some(about),
        Action::PaceAsked => next.pace.ask(),
        Action::QuickWanted(is_wanted) => next.pace.want_run(is_wanted),
        Action::Removed(id) => {
            next.remove(id);
        }
        Action::Beside(change) => next.compare.change(change),
        Action::RaceAsked => next.race.begin(),
        Action::Inside(change) => next.change_inside(change),
    }
    next
}

fn start_anew(next: &mut State) {
    next.phase = Phase::default();
    next.fitted = None;
    next.training.trouble = None;
    next.race.phase = RacePhase::Idle;
    next.results.testing = None;
    next.builder.is_timing = false;
    next.pace.forget();
    next.comparison.doubt();
    next.compare.doubt();
    next.inside.doubt();
    next.ask_again();
}

fn die(next: &mut State) {
    let run = next.training.on_death();
    match next.phase {
        Phase::Loading(_) => next.phase = Phase::Failed("The network stopped while it was starting.".into()),
        Phase::Ready => next.phase = Phase::Died(run.map(Rc::from)),
        // The first reason why there is no network says most.
        Phase::Failed(_) | Phase::Died(_) => {}
    }
    next.fitted = None;
    next.pace.give_up();
    next.images.on_death();
    next.runs.on_death();
    next.race.phase = RacePhase::Idle;
    next.results.testing = None;
    next.builder.is_timing = false;
    next.comparison.doubt();
    next.compare.doubt();
    next.inside.doubt();
    next.suspect_pictures();
    next.ask_again();
}

#[cfg(test)]
mod tests;

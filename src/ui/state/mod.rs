//! The page's state, and the only function that changes it.

mod builder;
mod compare;
mod comparison;
mod heard;
mod images;
mod inside;
mod pace;
mod pictures;
mod race;
mod results;
mod runs;
mod several;
mod training;

pub use builder::{BuilderState, Edit};
pub use compare::{Beside, Column, CompareState, epochs, tested, title};
pub use comparison::ComparisonState;
pub use images::{Fetch, ImagesState, Trouble};
pub use inside::{Change, Choice, InsideState, Method, Pane};
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
    domain::{DeviceReport, NetworkName, NetworkSummary, RunFacts, WeightsOrigin},
    protocol::{Event, ImagesStatus, Kept, PictureId, RunStatus},
};

use super::plan::{Field, Plan};
use super::progress::Progress;
use super::view::View;
use super::words;
use heard::hear;

/// Everything that the page shows, but for the theme.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The view that is shown.
    pub view: View,
    /// What the worker is doing.
    pub phase: Phase,
    /// The device that computes, or last did.
    pub device: Option<DeviceReport>,
    /// The network that answers, or last did.
    pub network: Option<NetworkSummary>,
    /// The test accuracy of each shipped network that has answered, in percent.
    pub shipped_accuracies: HashMap<&'static str, f32>,
    /// The pictures, in the order in which they came.
    pub pictures: Vec<Picture>,
    /// The picture on the stage; there is one whenever there are pictures.
    pub selected: Option<PictureId>,
    /// Whether there has been a picture.
    pub has_greeted: bool,
    /// Sentences about what could not be done, until dismissed or until more pictures come.
    pub notices: Vec<Rc<str>>,
    /// After a death pictures go one at a time, so that one that kills the worker is known.
    pub is_careful: bool,
    /// CIFAR-10's images.
    pub images: ImagesState,
    /// What the next run will be.
    pub plan: Plan,
    /// Texts in the form that name no value, each with what its field takes.
    pub unreadable: HashMap<&'static str, (Rc<str>, Rc<str>)>,
    /// What is known of building the plan's network.
    pub builder: BuilderState,
    /// Whether the form is unfolded.
    pub is_form_open: bool,
    /// The run.
    pub training: TrainingState,
    /// The runs that are kept.
    pub runs: RunsState,
    /// Runs that differ in one number.
    pub several: SeveralState,
    /// The measurement on the test images.
    pub results: ResultsState,
    /// The networks beside each other.
    pub comparison: ComparisonState,
    /// Kept runs beside each other.
    pub compare: CompareState,
    /// How fast this device learns.
    pub pace: PaceState,
    /// The experiment.
    pub race: RaceState,
    /// The inside of the network.
    pub inside: InsideState,
}

/// What the worker is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Its program or the weights are on their way.
    Loading(Option<Progress>),
    /// It answers.
    Ready,
    /// It could not start, for a reason that is a sentence.
    Failed(Rc<str>),
    /// It stopped; the sentence says what that means for a run, if there was one.
    Died(Option<Rc<str>>),
}

impl Default for Phase {
    fn default() -> Self {
        Self::Loading(None)
    }
}

/// What can happen to the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Another view is to be shown.
    Went(View),
    /// Pictures came, the first of them to be shown, and `notices` about those that did not come in.
    Arrived {
        /// The new pictures.
        pictures: Vec<Picture>,
        /// Why others were left out.
        notices: Vec<Rc<str>>,
    },
    /// The page shows this picture by itself.
    Greeted(Picture),
    /// The worker was asked about these pictures.
    Asked(Vec<PictureId>),
    /// The worker said something, at a time of the page's clock.
    Heard {
        /// What it said.
        event: Event,
        /// When.
        at_ms: f64,
    },
    /// A picture can be shown as it was decoded.
    Decoded {
        /// Which.
        id: PictureId,
        /// Where the page shows it from.
        url: Rc<str>,
    },
    /// The worker stopped.
    Died,
    /// A new worker was started.
    Restarted,
    /// The same worker was asked to start anew, on another device or with another network.
    StartAsked,
    /// The visitor chose a picture of the strip.
    Selected(PictureId),
    /// The visitor cleared the strip.
    Cleared,
    /// Something cannot be done, which the page knows by itself: a sentence.
    Noticed(String),
    /// The visitor has read a notice.
    Dismissed(usize),
    /// The visitor has read why images did not come.
    ImagesTroubleDismissed,
    /// The visitor has read why a run ended before its time.
    RunTroubleDismissed,
    /// The plan that the address asks for, and a sentence about each value of it that no plan can have.
    Planned(Plan, Vec<String>),
    /// The visitor wrote or chose this in the form.
    Set(Field, String),
    /// The visitor changed the network of the plan.
    Built(Edit),
    /// The list of runs that differ in one number changes.
    Several(Several),
    /// The visitor unfolded the form, or folded it.
    FormFolded,
    /// The visitor pressed Train, Resume, or a button that leads there.
    Wished(Wish),
    /// The worker was asked to pause the run.
    PauseAsked,
    /// The worker was asked to deal with this seed.
    DealAsked(u64),
    /// The visitor wants other images.
    Shuffled,
    /// The worker was asked to measure the network on the test images.
    TestAsked,
    /// The visitor opened a number of the results, or closed what was open.
    Opened(Option<Cell>),
    /// The visitor wants the networks beside each other.
    CompareWished,
    /// The worker was asked to compare them on this picture, or on none.
    CompareAsked(Option<PictureId>),
    /// The worker was asked how fast this device learns.
    PaceAsked,
    /// A quick run is wanted, or has begun.
    QuickWanted(bool),
    /// The visitor wants this picture no more.
    Removed(PictureId),
    /// Kept runs are laid beside each other in another way.
    Beside(Beside),
    /// The worker was asked for the experiment.
    RaceAsked,
    /// Something of the network's inside is looked at, painted or asked for.
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

    /// Why the next run cannot be what the form says, as a sentence.
    pub fn plan_error(&self) -> Option<String> {
        if let Some((_, (_, sentence))) = self.unreadable.iter().min_by_key(|(name, _)| **name) {
            return Some(sentence.to_string());
        }
        Some(words::sentence(&self.plan.settings.check().err()?.to_string()))
    }

    /// Whether the run that waits for its images can begin.
    pub fn is_to_train(&self) -> bool {
        self.training.wish == Wish::AfterImages && self.images.is_present() && self.phase == Phase::Ready
    }

    /// What is to be trained next of the runs that differ in one number, once nothing else goes on.
    pub fn next_trial(&self) -> Option<(usize, Next)> {
        let is_free =
            self.free_device().is_some() && self.training.wish == Wish::None && self.results.testing.is_none();
        self.several.next(&self.runs).filter(|_| is_free && self.images.is_present())
    }

    /// Whether there is no worker that could do what it is asked, so that only a new one can. One that failed and has a run in
    /// its memory only can be asked once more, and the run stays.
    pub fn needs_new_worker(&self) -> bool {
        match self.phase {
            Phase::Died(_) => true,
            Phase::Failed(_) => self.runs.in_memory().next().is_none(),
            Phase::Loading(_) | Phase::Ready => false,
        }
    }

    /// The seed to have images dealt with, once there are images and the view that shows them is shown.
    pub fn to_deal(&self) -> Option<u64> {
        let is_shown = self.view == View::Look && self.phase == Phase::Ready;
        self.images.to_deal().filter(|_| is_shown)
    }

    /// What could time a training step now, in words; none while nothing could.
    pub fn free_device(&self) -> Option<&'static str> {
        let is_free = self.phase == Phase::Ready && !self.training.is_under_way();
        self.device.as_ref().filter(|_| is_free).map(words::device_name)
    }

    /// Whether images are kept that the browser could be asked not to clear away.
    pub fn has_kept_images(&self) -> bool {
        matches!(self.images.status, ImagesStatus::Present { kept: Kept::OnDevice, .. })
    }

    /// The network that answers, or that is on its way.
    pub fn chosen_network(&self) -> NetworkName {
        match &self.network {
            Some(network) if self.phase == Phase::Ready => network.name,
            _ => self.plan.settings.network,
        }
    }

    /// Takes in which network answers; the plan follows, unless the visitor has just chosen another, which is on its way, or
    /// builds one.
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

    /// The document's title: where a run is, while one is under way, before the view's own title.
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

    /// The run that is under way here, or else the one that is offered first.
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
                // Where no answer would be seen, they lead to it.
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
        Action::Decoded { id, url } => next.show(id, url),
        Action::Died => die(&mut next),
        Action::Restarted => {
            start_anew(&mut next);
            next.training.wish = Wish::None;
            next.images.on_death();
            next.runs.on_death();
        }
        // Images that are on its way still are, and who waits for them still does.
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
        Action::Set(field, text) => match next.plan.set(field, &text) {
            // All settings are the chosen network's own now.
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
        Action::FormFolded => next.is_form_open = !next.is_form_open,
        Action::Wished(wish) => next.training.wish = wish,
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
        // The first word on why there is no network is the one that says most.
        Phase::Failed(_) | Phase::Died(_) => {}
    }
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

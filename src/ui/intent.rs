//! The intents of the visitor, and how the page carries them out.

use std::rc::Rc;

use crate::platform::files::Offer;
use crate::platform::{clipboard, page, picture};
use crate::{
    domain::{DeviceChoice, RunFacts, RunId, Settings, ShelfItem, Split, StartingWeights},
    protocol::{DataImage, ExportFormat, PictureId, Request},
};

use super::csv;
use super::drawing;
use super::edge::Edge;
use super::intake::Kind;
use super::plan::{self, Field, Plan};
use super::state::{Action, Beside, Cell, Change, Edit, Lapse, Next, Pane, Phase, Several, State, Wish};
use super::tasks::Task;
use super::view::View;
use super::words;
use wasm_bindgen_futures::spawn_local;
use yew::UseReducerHandle;

/// An intent of the visitor.
#[derive(Clone)]
pub enum Intent {
    /// Take in chosen files: pictures, or what their content says they are.
    Take(Offer),
    /// Show the drawn scene of a class.
    TryScene(usize),
    /// Put this picture on the stage.
    Select(PictureId),
    /// Remove all pictures.
    Clear,
    /// Dismiss a message.
    Dismiss(usize),
    /// Train. If the images are missing, ask first, and then fetch them.
    Train,
    /// Pause the run.
    Pause,
    /// Show another moment of the run.
    Lapse(Lapse),
    /// Resume the paused run.
    Resume,
    /// Resume a kept run.
    ResumeRun(RunId),
    /// List the kept runs again.
    ListRuns,
    /// Rename a run.
    RenameRun(RunId, String),
    /// Export a run or an unreadable file.
    ExportItem(ShelfItem),
    /// Delete a run or an unreadable file.
    DeleteItem(ShelfItem),
    /// End the run.
    Stop,
    /// Use the shipped weights again.
    Reset,
    /// Measure the network on the validation images.
    Validate,
    /// Measure the network on the test images.
    Test,
    /// Export the network or the run as a file.
    Export(ExportFormat),
    /// Import the network or the run in a file.
    Import(Offer),
    /// Load another program's weights that fit, or leave them.
    Fitted(bool),
    /// Fetch the images without training.
    FetchImages,
    /// Read images from files.
    AddImages(Offer),
    /// Stop fetching images.
    CancelImages,
    /// Delete the images.
    DeleteImages,
    /// Show other images of each class.
    Shuffle,
    /// Put one of these test images on the stage.
    TryImage(Rc<Vec<DataImage>>, usize),
    /// Change the plan's network, or time a step of it.
    Build(Edit),
    /// Try several values of a number.
    Several(Several),
    /// Save the drawing of the plan's network as a file.
    SaveDrawing,
    /// Take the network and the settings of a run into the plan.
    BuildOn(Box<Settings>),
    /// Change a field of the form: of the run that is under way, if the form shows that, or else of the plan.
    Set(Field, String),
    /// Fold or unfold the form.
    FoldForm,
    /// Show a guided task, or fold the tasks.
    OpenTask(Option<Task>),
    /// Put the settings of the task's first run into the form. Nothing starts.
    PrepareTask(Task),
    /// Reset the form to the defaults.
    Defaults,
    /// Train a run of about two minutes.
    TrainQuickly,
    /// Copy an address that reproduces the run to the clipboard.
    CopyLink,
    /// Save the run's result as a picture.
    SaveCard,
    /// Share the run's result as a picture.
    ShareCard,
    /// Remove this picture.
    Remove(PictureId),
    /// Start a new worker, which tries the GPU again.
    Restart,
    /// Dismiss the error of the images.
    DismissImagesTrouble,
    /// Dismiss the error of the run.
    DismissRunTrouble,
    /// Show the images behind a number, or close them.
    Open(Option<Cell>),
    /// Compare the networks.
    Compare,
    /// Change the comparison of kept runs.
    Beside(Beside),
    /// Save this text as a CSV file of this name.
    Save(&'static str, String),
    /// Save the results on the test images as a CSV file.
    SaveResults,
    /// Start the experiment.
    Race,
    /// Stop the experiment.
    CancelRace,
    /// Look into the network, or paint.
    Inside(Change),
    /// Open an empty picture to paint on.
    EmptyCanvas,
}

/// Carries out `intent`.
pub fn carry_out(intent: Intent, state: &UseReducerHandle<State>, edge: &Rc<Edge>) {
    match intent {
        Intent::Take(offer) => edge.take(offer, Kind::Picture),
        Intent::TryScene(class) => edge.try_scene(class),
        Intent::Select(id) => state.dispatch(Action::Selected(id)),
        Intent::Clear => state.dispatch(Action::Cleared),
        Intent::Dismiss(index) => state.dispatch(Action::Dismissed(index)),
        Intent::Train => train(state, edge),
        Intent::Pause => {
            state.dispatch(Action::PauseAsked);
            edge.request(&Request::Pause);
        }
        Intent::Lapse(change) => state.dispatch(Action::Lapse(change)),
        Intent::Resume => {
            state.dispatch(Action::Wished(Wish::Asked));
            edge.request(&Request::Resume { run: None });
        }
        Intent::ResumeRun(run) => {
            state.dispatch(Action::Wished(Wish::Asked));
            state.dispatch(Action::Went(View::Learn));
            edge.request(&Request::Resume { run: Some(run) });
        }
        Intent::ListRuns => edge.request(&Request::ListRuns),
        Intent::RenameRun(run, name) => edge.request(&Request::RenameRun { run, name }),
        Intent::ExportItem(item) => edge.request(&Request::ExportItem(item)),
        Intent::DeleteItem(item) => edge.request(&Request::DeleteItem(item)),
        Intent::Stop => edge.request(&Request::Stop),
        Intent::Reset => edge.request(&Request::Reset),
        Intent::Validate => edge.request(&Request::Validate),
        Intent::Test => {
            state.dispatch(Action::TestAsked);
            edge.request(&Request::Test);
        }
        Intent::Export(format) => edge.request(&Request::Export { format }),
        Intent::Import(offer) => edge.take(offer, Kind::Network),
        Intent::Fitted(is_agreed) => {
            state.dispatch(Action::FittedSettled);
            if is_agreed {
                edge.request(&Request::LoadFitted);
            }
        }
        Intent::FetchImages => edge.request(&Request::FetchImages),
        Intent::AddImages(offer) => edge.take(offer, Kind::Images),
        Intent::CancelImages => edge.request(&Request::CancelImages),
        Intent::DeleteImages => edge.request(&Request::DeleteImages),
        Intent::Shuffle => state.dispatch(Action::Shuffled),
        Intent::TryImage(images, index) => {
            if let Some(image) = images.get(index) {
                edge.try_test_image(image);
            }
        }
        Intent::Set(field, text) => {
            state.dispatch(Action::Set(field, text.clone()));
            if let Field::Setting(setting) = field
                && let Some(now) = state.changing()
            {
                if setting.set(&mut now.settings.clone(), &text).is_ok() {
                    edge.request(&Request::Change { name: setting.name.into(), value: text });
                }
                return;
            }
            let mut plan = state.plan.clone();
            if matches!(field, Field::Device | Field::Network) && plan.set(field, &text).is_ok() {
                edge.choose_device(plan.device);
                edge.choose_network(plan.settings.network);
                if state.needs_new_worker() {
                    edge.start();
                } else {
                    edge.restart();
                }
            }
        }
        Intent::Build(edit) => {
            if edit == Edit::Time {
                edge.request(&Request::TimeStep(state.plan.settings.clone()));
            }
            state.dispatch(Action::Built(edit));
        }
        Intent::Several(change) => {
            let is_to_fetch = change == Several::Begin && !state.images.is_present() && state.images.fetch.is_none();
            state.dispatch(Action::Several(change));
            if is_to_fetch {
                edge.request(&Request::FetchImages);
            }
        }
        Intent::SaveDrawing => {
            let (places, _) = state.plan.settings.spec().outline();
            edge.save("network.svg", "image/svg+xml", &drawing::svg(&places));
        }
        Intent::BuildOn(settings) => {
            state.dispatch(Action::Built(Edit::Take(settings)));
            state.dispatch(Action::Went(View::Learn));
        }
        Intent::OpenTask(task) => state.dispatch(Action::TaskOpened(task)),
        Intent::PrepareTask(task) => {
            let plan = Plan { settings: task.settings(), device: state.plan.device, ..Plan::default() };
            state.dispatch(Action::Planned(plan, Vec::new()));
        }
        Intent::FoldForm => state.dispatch(Action::FormFolded),
        Intent::Defaults => state.dispatch(Action::Planned(state.plan.defaults(), Vec::new())),
        // The state measures the device first, if necessary.
        Intent::TrainQuickly => state.dispatch(Action::QuickWanted(true)),
        Intent::CopyLink => {
            let dispatcher = state.dispatcher();
            let plan = match state.training.facts() {
                Some(RunFacts { settings, start, .. }) => {
                    Plan { settings: settings.clone(), start: *start, device: state.plan.device }
                }
                None => state.plan.clone(),
            };
            let address = page::address(plan::names(), &plan.query()).unwrap_or_default();
            spawn_local(async move {
                let is_copied = clipboard::copy(&address).await;
                dispatcher.dispatch(Action::Noticed(words::link_copied(is_copied).into()));
            });
        }
        Intent::SaveCard => {
            if let Some(card) = super::card::svg(state) {
                picture::save_as_png(&card, super::card::SIZE, "tenfold-run.png");
            }
        }
        Intent::ShareCard => {
            if let Some(card) = super::card::svg(state) {
                picture::share_as_png(&card, super::card::SIZE, "tenfold-run.png");
            }
        }
        Intent::Remove(id) => state.dispatch(Action::Removed(id)),
        // A worker that failed and holds a run is asked to try again. A working one is replaced only if the visitor
        // agreed to that.
        Intent::Restart if state.phase != Phase::Ready && !state.needs_new_worker() => edge.restart(),
        Intent::Restart => edge.start(),
        Intent::DismissImagesTrouble => state.dispatch(Action::ImagesTroubleDismissed),
        Intent::DismissRunTrouble => state.dispatch(Action::RunTroubleDismissed),
        Intent::Open(cell) => {
            if cell.is_none() {
                // The focus returns to the number that was opened.
                page::focus_on(".results [aria-expanded=true]");
            }
            state.dispatch(Action::Opened(cell));
            if let (Some(cell), Some(report)) = (cell, &state.results.report) {
                let mut indices = cell.behind(report);
                indices.truncate(super::state::SHOWN_LIMIT);
                edge.request(&Request::Show { split: Split::Test, indices });
            }
        }
        // The state then asks for each picture.
        Intent::Compare => state.dispatch(Action::CompareWished),
        Intent::Beside(change) => state.dispatch(Action::Beside(change)),
        Intent::Save(file_name, text) => save_csv(edge, file_name, &text),
        Intent::SaveResults => {
            if let Some(report) = &state.results.report {
                save_csv(edge, "tenfold-results.csv", &csv::results(report));
            }
        }
        Intent::Race => {
            state.dispatch(Action::RaceAsked);
            edge.request(&Request::Race);
        }
        Intent::CancelRace => edge.request(&Request::CancelRace),
        Intent::Inside(change) => state.dispatch(Action::Inside(change)),
        Intent::EmptyCanvas => {
            edge.try_canvas();
            state.dispatch(Action::Inside(Change::Opened(Some(Pane::WhatIf))));
        }
    }
}

fn save_csv(edge: &Edge, file_name: &str, text: &str) {
    edge.save(file_name, "text/csv;charset=utf-8", text);
}

/// Starts a run of about two minutes. The form and the address show its settings.
pub fn train_quickly(state: &UseReducerHandle<State>, edge: &Rc<Edge>) {
    let Some(plan) = state.quick_plan() else { return };
    state.dispatch(Action::QuickWanted(false));
    state.dispatch(Action::Planned(plan.clone(), Vec::new()));
    if state.images.can_train() {
        state.dispatch(Action::Wished(Wish::Asked));
        edge.request(&Request::Train { settings: plan.settings, start: plan.start });
    } else {
        state.dispatch(Action::Wished(Wish::Confirm));
    }
}

fn train(state: &UseReducerHandle<State>, edge: &Rc<Edge>) {
    if state.plan_error().is_some() {
        return;
    }
    match (state.images.can_train(), state.training.wish) {
        (true, _) => begin(state, edge),
        (false, Wish::Confirm) => {
            state.dispatch(Action::Wished(Wish::AfterImages));
            if state.images.fetch.is_none() {
                edge.request(&Request::FetchImages);
            }
        }
        (false, _) => state.dispatch(Action::Wished(Wish::Confirm)),
    }
}

/// Asks the worker for the planned run.
pub fn begin(state: &UseReducerHandle<State>, edge: &Rc<Edge>) {
    state.dispatch(Action::Wished(Wish::Asked));
    edge.request(&Request::Train { settings: state.plan.settings.clone(), start: state.plan.start });
}

/// Asks the worker for the next trial run.
pub fn try_next(state: &UseReducerHandle<State>, edge: &Rc<Edge>) {
    let Some((at, next)) = state.next_trial() else { return };
    state.dispatch(Action::Wished(Wish::Asked));
    let settings = match &next {
        Next::Train(settings) => settings.clone(),
        Next::Resume(_) => Box::new(state.several.trials[at].settings.clone()),
    };
    state.dispatch(Action::Several(Several::Asked(at, settings)));
    edge.request(&match next {
        Next::Train(settings) => Request::Train { settings: *settings, start: StartingWeights::Scratch },
        Next::Resume(run) => Request::Resume { run: Some(run) },
    });
}

/// The intent of choosing the CPU in the form.
pub fn cpu() -> Intent {
    Intent::Set(Field::Device, plan::device_name(DeviceChoice::Cpu).into())
}

//! What the visitor can want, and what is done about it.

use std::rc::Rc;

use crate::platform::files::Offer;
use crate::platform::{page, picture};
use crate::{
    domain::{DeviceChoice, RunId, Settings, ShelfItem, Split, StartingWeights},
    protocol::{DataImage, ExportFormat, PictureId, Request},
};

use super::drawing;
use super::edge::Edge;
use super::intake::Kind;
use super::plan::Field;
use super::state::{Action, Beside, Cell, Change, Edit, Next, Pane, Phase, Several, State, Wish};
use super::view::View;
use yew::UseReducerHandle;

/// What the visitor wants.
pub enum Intent {
    /// To have what was chosen taken in: pictures, and what else their names say it is.
    Take(Offer),
    /// The scene drawn for a class.
    TryScene(usize),
    /// This picture on the stage.
    Select(PictureId),
    /// No pictures.
    Clear,
    /// To have read a notice.
    Dismiss(usize),
    /// To train; to fetch the images first, where they are not here and the visitor agreed.
    Train,
    /// That the run waits.
    Pause,
    /// That the run goes on that waits.
    Resume,
    /// That a run goes on that is kept.
    ResumeRun(RunId),
    /// To know which runs there are now.
    ListRuns,
    /// A run under another name.
    RenameRun(RunId, String),
    /// A file of something on the shelf.
    ExportItem(ShelfItem),
    /// That something on the shelf goes for good.
    DeleteItem(ShelfItem),
    /// That the run ends.
    Stop,
    /// The shipped weights back.
    Reset,
    /// To have the network measured on the validation images.
    Validate,
    /// To have the network measured on the test images.
    Test,
    /// A file of the network or the run.
    Export(ExportFormat),
    /// To have the network or run in a file taken.
    Import(Offer),
    /// To fetch the images and no more.
    FetchImages,
    /// To read images from files.
    AddImages(Offer),
    /// That no more images are fetched.
    CancelImages,
    /// That the images are forgotten.
    DeleteImages,
    /// Other images of each class.
    Shuffle,
    /// One of these test images on the stage.
    TryImage(Rc<Vec<DataImage>>, usize),
    /// To change the network of the plan, or to have a step of it timed.
    Build(Edit),
    /// To have several values of a number tried.
    Several(Several),
    /// The drawing of the plan's network as a file.
    SaveDrawing,
    /// The network and the settings of a run, to build on.
    BuildOn(Box<Settings>),
    /// To write or choose something in the form.
    Set(Field, String),
    /// The form unfolded, or folded.
    FoldForm,
    /// The page's own settings in the form.
    Defaults,
    /// A run that takes about two minutes.
    TrainQuickly,
    /// The address of the plan in the clipboard.
    CopyLink,
    /// The run's outcome as a picture.
    SaveCard,
    /// That this picture goes.
    Remove(PictureId),
    /// A new worker, which asks for the GPU anew.
    Restart,
    /// To have read why images did not come.
    DismissImagesTrouble,
    /// To have read why a run ended.
    DismissRunTrouble,
    /// To see the images behind a number, or to close them.
    Open(Option<Cell>),
    /// The networks beside each other.
    Compare,
    /// Kept runs beside each other in another way.
    Beside(Beside),
    /// This text as a file of this name.
    Save(&'static str, String),
    /// The experiment.
    Race,
    /// An end of the experiment.
    CancelRace,
    /// To look into the network, or to paint.
    Inside(Change),
    /// An empty picture to paint on.
    EmptyCanvas,
}

/// Does what `intent` says.
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
        Intent::FoldForm => state.dispatch(Action::FormFolded),
        Intent::Defaults => state.dispatch(Action::Planned(state.plan.defaults(), Vec::new())),
        // The state then measures this device first, where that was not done.
        Intent::TrainQuickly => state.dispatch(Action::QuickWanted(true)),
        Intent::CopyLink => {
            page::copy_address();
            state.dispatch(Action::Noticed(
                "The link is in the clipboard. Whoever opens it can train the same run.".into(),
            ));
        }
        Intent::SaveCard => {
            if let Some(card) = super::card::svg(state) {
                picture::save_as_png(&card, super::card::SIZE, "tenfold-run.png");
            }
        }
        Intent::Remove(id) => state.dispatch(Action::Removed(id)),
        // One that failed and holds a run tries again itself; one that works is replaced only where the visitor agreed to that.
        Intent::Restart if state.phase != Phase::Ready && !state.needs_new_worker() => edge.restart(),
        Intent::Restart => edge.start(),
        Intent::DismissImagesTrouble => state.dispatch(Action::ImagesTroubleDismissed),
        Intent::DismissRunTrouble => state.dispatch(Action::RunTroubleDismissed),
        Intent::Open(cell) => {
            if cell.is_none() {
                // The keyboard goes back to the number that it came from.
                page::focus_on(".results [aria-expanded=true]");
            }
            state.dispatch(Action::Opened(cell));
            if let (Some(cell), Some(report)) = (cell, &state.results.report) {
                let mut indices = cell.behind(report);
                indices.truncate(super::state::SHOWN_LIMIT);
                edge.request(&Request::Show { half: Split::Test, indices });
            }
        }
        // The state then asks for it, for each picture anew.
        Intent::Compare => state.dispatch(Action::CompareWished),
        Intent::Beside(change) => state.dispatch(Action::Beside(change)),
        Intent::Save(file_name, text) => edge.save(file_name, "text/csv;charset=utf-8", &text),
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

/// Begins a run of about two minutes, whose settings the form and the address then say.
pub fn train_quickly(state: &UseReducerHandle<State>, edge: &Rc<Edge>) {
    let Some(plan) = state.quick_plan() else { return };
    state.dispatch(Action::QuickWanted(false));
    state.dispatch(Action::Planned(plan.clone(), Vec::new()));
    if state.images.is_present() {
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
    match (state.images.is_present(), state.training.wish) {
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

/// Asks the worker for the run that the plan says.
pub fn begin(state: &UseReducerHandle<State>, edge: &Rc<Edge>) {
    state.dispatch(Action::Wished(Wish::Asked));
    edge.request(&Request::Train { settings: state.plan.settings.clone(), start: state.plan.start });
}

/// Asks the worker for the next of the runs that differ in one number.
pub fn try_next(state: &UseReducerHandle<State>, edge: &Rc<Edge>) {
    let Some((at, next)) = state.next_trial() else { return };
    state.dispatch(Action::Wished(Wish::Asked));
    state.dispatch(Action::Several(Several::Asked(at)));
    edge.request(&match next {
        Next::Train(settings) => Request::Train { settings: *settings, start: StartingWeights::Scratch },
        Next::Resume(run) => Request::Resume { run: Some(run) },
    });
}

/// What a choice of the CPU in the form would say.
pub fn cpu() -> Intent {
    Intent::Set(Field::Device, super::plan::device_name(DeviceChoice::Cpu).into())
}

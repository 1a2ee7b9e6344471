//! The whole page: its state, the requests that follow from the state, the bar, and the current view.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use crate::platform::gestures::{self, Gesture};
use crate::platform::{offline, page};
use crate::{
    domain::{DeviceReport, NetworkName},
    protocol::{self, Request, RunStatus},
};

use super::components::{bar, notices, run_bar, use_settled};
use super::edge::Edge;
use super::intake::{Kind, PICTURE_LIMIT};
use super::intent::{self, Intent};
use super::plan::{self, Field, Plan};
use super::state::{Action, Beside, Change, Phase, Several, State};
use super::view::View;
use super::views;
use super::words;

/// The page.
#[component]
pub fn App() -> Html {
    let state = use_reducer(|| State { view: View::find(&page::fragment()), ..State::default() });
    let edge = use_memo((), |()| Edge::new(state.dispatcher()));
    let is_hovering = use_state(|| false);
    // Callbacks that outlive many states read the newest state here.
    let newest = use_mut_ref(|| state.clone());
    newest.replace(state.clone());

    {
        let (edge, dispatcher) = (edge.clone(), state.dispatcher());
        use_effect_with((), move |()| {
            let (plan, notices) = Plan::from_query(page::query);
            edge.choose_device(plan.device);
            if let Some(network) = page::query(Field::Network.name()).and_then(|id| NetworkName::find(id.trim())) {
                edge.choose_network(network);
            }
            edge.start();
            dispatcher.dispatch(Action::Planned(plan, notices));
        });
    }
    use_effect_with((), |()| {
        let watch = page::watch_menus();
        move || drop(watch)
    });
    use_gestures(&newest, &edge, is_hovering.setter());
    use_update_notice(state.dispatcher());
    {
        let edge = edge.clone();
        use_effect_with(state.clone(), move |state| follow(state, &edge));
    }
    use_address(&state.plan, &edge);
    use_settled(&state.builder);
    use_view(state.view, state.dispatcher());
    use_kept_trials(&state);
    use_effect_with(state.title(), |title| page::set_title(title));

    let on_intent = {
        let edge = edge.clone();
        use_callback((), move |intent: Intent, ()| {
            let state = newest.borrow().clone();
            intent::carry_out(intent, &state, &edge);
        })
    };

    html! {
        <>
            { bar(&state, &on_intent) }
            <main>{ views::shown(&Rc::new((*state).clone()), &on_intent) }</main>
            { run_bar(&state, &on_intent) }
            { notices(&state.notices, &on_intent) }
            if *is_hovering {
                <div class="veil" aria-hidden="true"><p>{ "Drop to classify" }</p></div>
            }
        </>
    }
}

/// Does what the new state asks for.
fn follow(state: &UseReducerHandle<State>, edge: &Rc<Edge>) {
    if state.is_to_greet() {
        edge.greet();
    }
    let ids = state.to_ask();
    if !ids.is_empty() {
        edge.ask(&ids);
        state.dispatch(Action::Asked(ids));
    }
    edge.keep_only(&state.pictures);
    // After a network has answered, a restarted worker loads it again, also if a run or a file brought it.
    if state.phase == Phase::Ready {
        edge.choose_network(state.plan.settings.network);
    }
    if let Some(seed) = state.to_deal() {
        edge.request(&Request::Deal { seed });
        state.dispatch(Action::DealAsked(seed));
    }
    if let Some(id) = state.to_compare() {
        edge.request(&Request::Compare { id });
        state.dispatch(Action::CompareAsked(id));
    }
    if let Some(question) = state.to_inspect() {
        edge.request(&Request::Inspect(question.clone()));
        state.dispatch(Action::Inside(Change::Asked(question)));
    }
    if state.is_to_run_quickly() {
        intent::train_quickly(state, edge);
    }
    if let Some(settings) = state.to_pace() {
        edge.request(&Request::Pace { settings });
        state.dispatch(Action::PaceAsked);
    }
    if let Some((run, step)) = state.to_draw() {
        edge.request(&Request::Curves { run });
        state.dispatch(Action::Beside(Beside::Asked(run, step)));
    }
    if state.is_to_train() {
        intent::begin(state, edge);
    }
    intent::try_next(state, edge);
    if state.has_kept_images() {
        edge.persist();
    }
    edge.keep_awake(matches!(state.training.status, RunStatus::Running(_)) && state.phase == Phase::Ready);
    announce(state);
}

/// Keeps the address in step with the plan, so that a link to the page reproduces a run, and the network that files are tried on.
#[hook]
fn use_address(plan: &Plan, edge: &Rc<Edge>) {
    // The first plan is the default, from before the address was read.
    let is_first = use_mut_ref(|| true);
    let edge = edge.clone();
    use_effect_with(plan.clone(), move |plan| {
        edge.choose_layers(&plan.settings);
        if !is_first.replace(false) {
            page::replace_query(plan::names(), &plan.query());
        }
    });
}

/// Keeps the trial runs on this device, so that they are there after a reload.
#[hook]
fn use_kept_trials(state: &UseReducerHandle<State>) {
    const KEY: &str = "tenfold-several";
    let dispatcher = state.dispatcher();
    use_effect_with((), move |()| {
        // Another build may have kept them in another format; then they are dropped.
        if let Some(kept) = page::kept(KEY).and_then(|kept| protocol::decode(&kept).ok()) {
            dispatcher.dispatch(Action::Several(Several::Restored(Box::new(kept))));
        }
    });
    let several = state.several.clone();
    use_effect_with(several.revision, move |&revision| {
        if revision > 0 {
            page::keep(KEY, &protocol::encode(&several));
        }
    });
}

/// Keeps the address and the keyboard focus in step with the view, and the view with the address.
#[hook]
fn use_view(view: View, dispatcher: UseReducerDispatcher<State>) {
    use_effect_with((), move |()| {
        let watch = page::watch_fragment(move |name| dispatcher.dispatch(Action::Went(View::find(&name))));
        move || drop(watch)
    });
    let is_first = use_mut_ref(|| true);
    use_effect_with(view, move |&view| {
        if !is_first.replace(false) {
            if View::find(&page::fragment()) != view {
                page::set_fragment(view.name());
            }
            page::go_to_top();
            page::focus_on(".view-title");
        }
        // Last, so that programs that wait for the view find the other attributes in place.
        page::set_root_attribute("data-view", Some(view.name()));
    });
}

/// Listens for drops, pastes and arrow keys while the page is open.
#[hook]
fn use_gestures(newest: &Rc<RefCell<UseReducerHandle<State>>>, edge: &Rc<Edge>, hovering: UseStateSetter<bool>) {
    let (newest, edge) = (newest.clone(), edge.clone());
    use_effect_with((), move |()| {
        let watch = gestures::watch(PICTURE_LIMIT, move |gesture| match gesture {
            Gesture::Hovering(now) => hovering.set(now),
            Gesture::Dropped(offer) | Gesture::Pasted(offer) => edge.take(offer, Kind::Picture),
            Gesture::Linked(link) => edge.take_link(&link),
            Gesture::Step(step) => {
                let state = newest.borrow().clone();
                if let Some(id) = state.neighbour(step) {
                    state.dispatch(Action::Selected(id));
                }
            }
        });
        move || drop(watch)
    });
}

/// Tells when a newer build of the page is ready. It is never loaded without a click, because a run may be in progress.
#[hook]
fn use_update_notice(dispatcher: UseReducerDispatcher<State>) {
    use_effect_with((), move |()| {
        let watch = offline::watch_updates(move || dispatcher.dispatch(Action::Noticed(words::UPDATE.into())));
        move || drop(watch)
    });
}

/// Sets the root's attributes that scripts and tests read.
fn announce(state: &State) {
    let device = state.device.as_ref().map(|device| match device {
        DeviceReport::WebGpu { .. } => "webgpu",
        DeviceReport::Cpu { .. } => "cpu",
    });
    page::set_root_attribute("data-device", device);
    page::set_root_attribute("data-network", state.network.as_ref().map(|network| network.name.id()));
    page::set_root_attribute("data-images", Some(state.images.name()));
    let step = state.training.facts().map(|facts| facts.step.to_string());
    page::set_root_attribute("data-step", step.as_deref());
    // Last, so that programs that wait for the phase find the other attributes in place.
    page::set_root_attribute("data-phase", Some(state.phase_name()));
}

//! The whole page: the state, what it asks of the edge, and the components that show it.

use std::rc::Rc;

use yew::prelude::*;

use crate::platform::gestures::{self, Gesture};
use crate::platform::page;
use crate::protocol::DeviceReport;

use super::components::{About, Bar, Notices, Stage, Strip, Ten};
use super::edge::Edge;
use super::intake::PICTURE_LIMIT;
use super::state::{Action, State};
use super::words;

/// The page.
#[component]
pub fn App() -> Html {
    let state = use_reducer(State::default);
    let edge = use_memo((), |()| Edge::new(state.dispatcher()));
    let is_hovering = use_state(|| false);

    {
        let edge = edge.clone();
        use_effect_with((), move |()| edge.start());
    }
    use_gestures(&state, &edge, is_hovering.setter());
    {
        let edge = edge.clone();
        use_effect_with(state.clone(), move |state| {
            let ids = state.to_ask();
            if !ids.is_empty() {
                edge.ask(&ids);
                state.dispatch(Action::Asked(ids));
            }
            edge.keep_only(&state.pictures);
            announce(state);
        });
    }

    let on_offer = use_callback(edge.clone(), |offer, edge| edge.take(offer));
    let on_scene = use_callback(edge.clone(), |class, edge| edge.try_scene(class));
    let on_retry = use_callback(edge, |(), edge| edge.start());
    let on_select = use_callback(state.dispatcher(), |id, to| to.dispatch(Action::Selected(id)));
    let on_clear = use_callback(state.dispatcher(), |(), to| to.dispatch(Action::Cleared));
    let on_dismiss = use_callback(state.dispatcher(), |index, to| to.dispatch(Action::Dismissed(index)));
    let prediction = state.prediction().cloned();

    html! {
        <>
            <Bar
                winner={prediction.as_deref().map(words::winner)}
                phase={state.phase.clone()}
                device={state.device.clone()}
                network={state.network.as_ref().map(|network| AttrValue::from(network.title.clone()))}
            />
            <main>
                <Stage
                    picture={state.selected_picture().cloned()}
                    phase={state.phase.clone()}
                    network={state.network.clone()}
                    on_offer={on_offer.clone()}
                    {on_retry}
                />
                <Strip pictures={state.pictures.clone()} selected={state.selected} {on_offer} {on_select} {on_clear} />
                <Ten {prediction} {on_scene} />
                <About />
            </main>
            <Notices notices={state.notices.clone()} {on_dismiss} />
            if *is_hovering {
                <div class="veil" aria-hidden="true"><p>{ "Drop to classify" }</p></div>
            }
        </>
    }
}

/// Listens for drops, pastes and arrow keys for as long as the page is there.
#[hook]
fn use_gestures(state: &UseReducerHandle<State>, edge: &Rc<Edge>, hovering: UseStateSetter<bool>) {
    // The listener outlives many states; it reads the newest one here.
    let newest = use_mut_ref(|| state.clone());
    newest.replace(state.clone());
    let edge = edge.clone();
    use_effect_with((), move |()| {
        let watch = gestures::watch(PICTURE_LIMIT, move |gesture| match gesture {
            Gesture::Hovering(now) => hovering.set(now),
            Gesture::Dropped(offer) | Gesture::Pasted(offer) => edge.take(offer),
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

/// Writes on the root what scripts and tests read there.
fn announce(state: &State) {
    let device = state.device.as_ref().map(|device| match device {
        DeviceReport::WebGpu { .. } => "webgpu",
        DeviceReport::Cpu { .. } => "cpu",
    });
    page::set_root_attribute("data-device", device);
    page::set_root_attribute("data-network", state.network.as_ref().map(|network| network.name.as_str()));
    // Last, so that whoever waits for the phase finds the others in place.
    page::set_root_attribute("data-phase", Some(words::phase(&state.phase)));
}

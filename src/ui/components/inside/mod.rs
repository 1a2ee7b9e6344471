//! The inside of the network: what its layers see, why it gives this answer, and its answers to changed pictures.

mod arithmetic;
mod canvas;
mod filters;
mod layers;
mod nearest;
mod patches;
mod plane;
mod tell;
mod unit;
mod what_if;
mod why;

use std::rc::Rc;

use yew::prelude::*;

use crate::platform::page;
use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;
use crate::ui::state::{Change, Pane, State};
use filters::filters;
use layers::Layers;
use nearest::Nearest;
use plane::PlaneView;
use what_if::WhatIf;
use why::Why;

/// The properties of [`Inside`] and of each of its panes.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The page's state.
    pub state: Rc<State>,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The name of a pane for scripts, and its title.
fn names(pane: Pane) -> [&'static str; 2] {
    match pane {
        Pane::Layers => ["layers", "Layers"],
        Pane::Why => ["why", "Why this answer?"],
        Pane::WhatIf => ["what-if", "What if?"],
        Pane::Filters => ["filters", "Filters"],
        Pane::Nearest => ["nearest", "Similar images"],
        Pane::Plane => ["plane", "Where does it lie?"],
    }
}

/// The section "Look inside". Its panes are closed at first.
#[component]
pub fn Inside(props: &Props) -> Html {
    let Props { state, on_intent } = props;
    let open = state.inside.pane;
    let tab = |pane: Pane| {
        let [name, title] = names(pane);
        let is_open = open == Some(pane);
        let onclick = on_click(on_intent, Intent::Inside(Change::Opened((!is_open).then_some(pane))));
        html! {
            <button
                type="button"
                class={classes!("button", is_open.then_some("is-open"))}
                data-action={format!("inside-{name}")}
                aria-expanded={is_open.to_string()}
                {onclick}
            >
                { title }
            </button>
        }
    };
    let section = use_node_ref();
    {
        let section = section.clone();
        // An opened pane scrolls into view, because the click may have been far above it.
        use_effect_with(open, move |open| {
            if let Some(section) = section.cast().filter(|_| open.is_some()) {
                page::reveal(&section);
            }
        });
    }
    let (state, on_intent) = (state.clone(), on_intent.clone());
    let has_picture = state.studied().is_some();
    html! {
        <section ref={section} class="inside" aria-labelledby="inside-title" data-inside={open.map(|pane| names(pane)[0])}>
            <div class="inside-head">
                <h2 id="inside-title">{ "Look inside" }</h2>
                <div class="buttons">{ for Pane::ALL.into_iter().map(tab) }</div>
            </div>
            if open.is_some() && !has_picture {
                <p class="quiet">{ "Choose a picture first." }</p>
            } else if let Some(reason) = state.inside.trouble().filter(|_| open.is_some()) {
                <p>{ &**reason }</p>
            } else {
                { match open {
                    None => html! {},
                    Some(Pane::Layers) => html! { <Layers {state} {on_intent} /> },
                    Some(Pane::Why) => html! { <Why {state} {on_intent} /> },
                    Some(Pane::WhatIf) => html! { <WhatIf {state} {on_intent} /> },
                    Some(Pane::Filters) => filters(&state),
                    Some(Pane::Nearest) => html! { <Nearest {state} {on_intent} /> },
                    Some(Pane::Plane) => html! { <PlaneView {state} {on_intent} /> },
                } }
            }
        </section>
    }
}

//! The builder: a network as a drawing and as a column of cards, one for each layer.

mod card;
mod sum;

use yew::prelude::*;

use crate::platform::{gestures, page};
use crate::spec::{Kind, Place, Spec, SpecError, starts};
use crate::ui::cards::{self, Card};
use crate::ui::components::button::{button, on_click};
use crate::ui::drawing;
use crate::ui::intent::Intent;
use crate::ui::state::{BuilderState, Edit, State};

/// The network that the builder shows.
struct Shown<'a> {
    state: &'a State,
    on_intent: &'a Callback<Intent>,
    spec: &'a Spec,
    kinds: &'a [Kind],
    cards: &'a [Card],
    /// The layers up to the first impossible one.
    places: &'a [Place],
    /// The error, if the network is impossible.
    error: Option<&'a SpecError>,
}

impl Shown<'_> {
    /// A callback that makes `edit`.
    fn edit<E: 'static>(&self, edit: impl Fn(E) -> Edit + 'static) -> Callback<E> {
        self.on_intent.reform(move |event| Intent::Build(edit(event)))
    }

    /// A button of the builder.
    fn button(&self, action: &'static str, label: &'static str, is_disabled: bool, edit: Edit) -> Html {
        button("small-button", action, label, is_disabled, on_click(self.on_intent, Intent::Build(edit)))
    }
}

/// The builder, closed until the visitor opens it.
///
/// It is a function and not a component, because each component adds code. [`use_settled`] changes the document after
/// it has been drawn.
pub fn builder(state: &State, on_intent: &Callback<Intent>) -> Html {
    let is_open = state.builder.is_open;
    // The state opens and closes it, so that the two always agree.
    let onclick = on_intent.reform(|event: MouseEvent| {
        event.prevent_default();
        Intent::Build(Edit::Open)
    });
    html! {
        <div class="plan builder">
            <details open={is_open}>
                <summary data-action="build" {onclick}>{ "Build the network" }</summary>
                if is_open {
                    { opened(state, on_intent) }
                }
            </details>
        </div>
    }
}

/// Makes the builder's lists show the chosen options, and moves the keyboard focus to where the last edit sends it.
#[hook]
pub fn use_settled(builder: &BuilderState) {
    // A list that the visitor has used ignores the `selected` attributes of its options.
    use_effect(|| page::choose_options(".builder select"));
    use_effect_with(builder.focus.clone(), |(count, selector)| {
        if *count > 0 {
            page::focus_on(selector);
        }
    });
}

fn opened(state: &State, on_intent: &Callback<Intent>) -> Html {
    let spec = state.plan.settings.spec();
    let (kinds, (places, error)) = (spec.kinds(), spec.outline());
    let cards = cards::cards(&kinds);
    let shown =
        Shown { state, on_intent, spec: &spec, kinds: &kinds, cards: &cards, places: &places, error: error.as_ref() };
    let on_intent = on_intent.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let is_undo = (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("z");
        // A text field undoes its own changes.
        if is_undo && !gestures::is_in_field(&event) {
            event.prevent_default();
            on_intent.emit(Intent::Build(if event.shift_key() { Edit::Redo } else { Edit::Undo }));
        }
    });
    html! {
        <div class="builder-body" {onkeydown}>
            { tools(&shown) }
            <div class="drawing" tabindex="0" role="group" aria-label="Drawing of the network">
                { Html::from_html_unchecked(drawing::svg(&places).into()) }
            </div>
            <ol class="layer-cards" role="list">
                { for (0..cards.len()).map(|at| card::card(&shown, at)) }
                if cards.is_empty() {
                    <li>{ card::gap(&shown, 0) }</li>
                }
            </ol>
            { sum::sum(&shown) }
            <p class="unseen" role="status">{ &*state.builder.said }</p>
        </div>
    }
}

/// Tools: the network to begin with, undo and redo, and saving the drawing.
fn tools(shown: &Shown) -> Html {
    let starts = starts::all();
    let chosen = starts.iter().find(|start| start.spec == *shown.spec).map_or("", |start| start.id);
    let is_own = chosen.is_empty();
    let option = |start: &starts::Start| {
        html! { <option value={start.id} selected={start.spec == *shown.spec}>{ start.title }</option> }
    };
    let onchange = shown.edit(|event: Event| Edit::Begin(page::field_value(&event)));
    let on_save = on_click(shown.on_intent, Intent::SaveDrawing);
    html! {
        <div class="builder-tools">
            <label for="builder-start">{ "Begin with" }</label>
            <select id="builder-start" name="start-from" data-chosen={chosen} {onchange}>
                <option value="" selected={is_own} disabled=true>{ "A network of your own" }</option>
                { for starts.iter().map(option) }
            </select>
            <div class="buttons">
                { shown.button("undo-edit", "Undo", !shown.state.builder.can_undo(), Edit::Undo) }
                { shown.button("redo-edit", "Redo", !shown.state.builder.can_redo(), Edit::Redo) }
                { button("small-button", "save-drawing", "Save the drawing", false, on_save) }
            </div>
        </div>
    }
}

//! A card of the builder: a layer with its numbers, its output and cost, and its error.

use std::ops::Range;

use yew::prelude::*;

use super::Shown;
use crate::platform::{canvas, page};
use crate::spec::{Kind, Place, SpecError};
use crate::ui::cards::{Addable, Knob, Values, addable, knobs};
use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;
use crate::ui::state::Edit;
use crate::ui::words;

/// The selector of all cards, in their order.
const CARDS: &str = "[data-card]";

/// The card `at`, and the gap after it, where another one can be added.
pub fn card(shown: &Shown, at: usize) -> Html {
    let card = &shown.cards[at];
    let title = card.title;
    let all = knobs(shown.kinds, card);
    let (choices, numbers): (Vec<_>, Vec<_>) = all.iter().partition(|knob| matches!(knob.values, Values::Choice(_)));
    let fault = fault(shown, at);
    // A single choice is not hidden in a fold.
    let is_folded = choices.len() > 1;
    let dragged = shown.state.builder.dragged;
    let class = classes!(
        "layer-card",
        fault.is_some().then_some("is-wrong"),
        dragged.is_some_and(|(card, _)| card == at).then_some("is-dragged"),
    );
    let groups = groups(shown.kinds, &card.layers);
    let bracket = (!groups.is_empty()).then(|| format!("--groups:{}", groups.len()));
    let is_in = bracket.is_some();
    let begins = groups.iter().any(|group| card.layers.contains(&group.start));
    let ends = groups.iter().any(|group| card.layers.contains(&(group.end - 1)));
    let in_group = classes!(is_in.then_some("in-group"), begins.then_some("is-begin"), ends.then_some("is-end"));
    html! {
        <li key={at} class={in_group} style={bracket}>
            if at == 0 {
                { gap(shown, 0) }
            }
            <div {class} data-card={at.to_string()} data-title={title}>
                { grip(shown, at) }
                <h3>{ title }</h3>
                <div class="knobs">
                    { for numbers.iter().map(|knob| number(shown, knob)) }
                    if !is_folded {
                        { for choices.iter().map(|knob| choice(shown, knob)) }
                    }
                </div>
                { facts(shown, at) }
                <button
                    type="button"
                    class="icon-button"
                    data-action="remove-layer"
                    aria-label={format!("Remove {title}, card {}", at + 1)}
                    onclick={on_click(shown.on_intent, Intent::Build(Edit::Remove(at)))}
                >
                    { "×" }
                </button>
                if is_folded {
                    <details class="as-table more">
                        <summary>{ "More" }</summary>
                        <div class="knobs">{ for choices.iter().map(|knob| choice(shown, knob)) }</div>
                    </details>
                }
                if let Some(fault) = fault {
                    <p class="card-fault" translate="no">{ fault }</p>
                }
            </div>
            { gap(shown, at + 1) }
        </li>
    }
}

/// The groups with a residual connection around them that a card of these layers belongs to, the layer that adds included.
fn groups(kinds: &[Kind], layers: &Range<usize>) -> Vec<Range<usize>> {
    let group = |(at, kind): (usize, &Kind)| Some(at.saturating_sub(kind.layer().reaches_back()?)..at + 1);
    let groups = kinds.iter().enumerate().filter_map(group);
    groups.filter(|group| group.contains(&layers.start) || layers.contains(&group.start)).collect()
}

/// The handle that moves the card: by dragging, or with the arrow keys.
fn grip(shown: &Shown, at: usize) -> Html {
    let (title, count) = (shown.cards[at].title, shown.cards.len());
    let dragged = shown.state.builder.dragged;
    let on_intent = shown.on_intent.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let edit = match event.key().as_str() {
            "ArrowUp" if at > 0 => Edit::Move(at, at - 1),
            "ArrowDown" => Edit::Move(at, at + 2),
            "ArrowUp" => Edit::Drag(None),
            "Delete" | "Backspace" => Edit::Remove(at),
            _ => return,
        };
        event.prevent_default();
        on_intent.emit(Intent::Build(edit));
    });
    let onpointerdown = shown.edit(move |event: PointerEvent| {
        canvas::hold_pointer(&event, ".grip");
        Edit::Drag(Some((at, at)))
    });
    let on_intent = shown.on_intent.clone();
    let onpointermove = Callback::from(move |event: PointerEvent| {
        let gap = page::count_above(CARDS, event.client_y().into());
        if dragged.is_some_and(|(card, before)| card == at && before != gap) {
            on_intent.emit(Intent::Build(Edit::Drag(Some((at, gap)))));
        }
    });
    let onpointerup = dragged.map(|(card, gap)| shown.edit(move |_: PointerEvent| Edit::Move(card, gap)));
    html! {
        <button
            type="button"
            class="grip icon-button"
            aria-label={format!("Move {title}, card {} of {count}: arrow keys", at + 1)}
            {onkeydown}
            {onpointerdown}
            {onpointermove}
            {onpointerup}
            onpointercancel={shown.edit(|_: PointerEvent| Edit::Drag(None))}
        >
            <svg width="12" height="20" viewBox="0 0 12 20" aria-hidden="true">
                <path d="M3 4h0M9 4h0M3 10h0M9 10h0M3 16h0M9 16h0" />
            </svg>
        </button>
    }
}

/// A field with a number.
fn number(shown: &Shown, knob: &Knob) -> Html {
    let Knob { layer, name, label, text, values } = knob.clone();
    let (least, most) = if let Values::Number(most) = values { (1, most) } else { (5, 100) };
    // The percentage that the run's settings keep, if the layer has none of its own.
    let kept = 100.0 * (1.0 - shown.state.plan.settings.dropout_rate);
    let placeholder = (values == Values::Percent).then(|| format!("{kept:.0}"));
    let onchange = shown.edit(move |event: Event| Edit::Turn(layer, name, page::field_value(&event)));
    html! {
        <label class="knob" key={format!("{layer}-{name}")}>
            { label }
            <input
                type="number"
                inputmode="numeric"
                min={least.to_string()}
                max={most.to_string()}
                data-knob={name}
                {placeholder}
                value={text}
                {onchange}
            />
        </label>
    }
}

/// A choice between names.
fn choice(shown: &Shown, knob: &Knob) -> Html {
    let Knob { layer, name, label, text, values } = knob.clone();
    let Values::Choice(names) = values else { return Html::default() };
    let onchange = shown.edit(move |event: Event| Edit::Turn(layer, name, page::field_value(&event)));
    let option = |&(value, words): &(&'static str, &'static str)| {
        html! { <option {value} selected={value == text}>{ words }</option> }
    };
    html! {
        <label class="knob is-choice" key={format!("{layer}-{name}")}>
            { label }
            <select data-knob={name} data-chosen={text.clone()} {onchange}>{ for names.iter().map(option) }</select>
        </label>
    }
}

/// The output and the cost of the card's layers.
fn facts(shown: &Shown, at: usize) -> Html {
    let layers = shown.cards[at].layers.clone();
    let Some(places) = shown.places.get(layers) else {
        return html! { <p class="card-facts figures">{ "–" }</p> };
    };
    let Some(last) = places.last() else { return Html::default() };
    let sizes: Vec<u32> = last.output.sizes().into_iter().map(|len| len as u32).collect();
    let parameters: u64 = places.iter().map(Place::parameter_count).sum();
    let multiply_adds: u64 = places.iter().map(Place::multiply_adds).sum();
    let has_cost = parameters + multiply_adds > 0;
    html! {
        <p class="card-facts figures" data-output={sizes.iter().map(u32::to_string).collect::<Vec<_>>().join("x")}>
            <b>{ words::shape(&sizes) }</b>
            if has_cost {
                <span>{ format!("{} parameters ", words::count(parameters)) }</span>
                <span>{ format!("{} multiply-adds", words::multiply_adds(multiply_adds)) }</span>
            }
        </p>
    }
}

/// The card's error, as a sentence.
fn fault(shown: &Shown, at: usize) -> Option<String> {
    let error = shown.error?;
    let is_last = at + 1 == shown.cards.len();
    let is_here = error.at().map_or(is_last, |layer| shown.cards[at].layers.contains(&layer));
    let reason = if let SpecError::Layer { reason, .. } = error { reason.clone() } else { error.to_string() };
    is_here.then(|| words::sentence(&reason))
}

/// The gap before the card `at`: the menu of cards to add, and the mark of where a dragged card would go.
pub fn gap(shown: &Shown, at: usize) -> Html {
    let layer = shown.cards.get(at).map_or(shown.kinds.len(), |card| card.layers.start);
    let input = match layer.checked_sub(1) {
        None => Some(crate::spec::Shape::IMAGE),
        Some(before) => shown.places.get(before).map(|place| place.output),
    };
    let item = |addable: &'static Addable| {
        let onclick = shown.edit(move |event: MouseEvent| {
            page::close_menu(&event);
            Edit::Add(addable.name, layer)
        });
        html! { <button type="button" data-add={addable.name} {onclick}>{ addable.label }</button> }
    };
    let is_over = shown.state.builder.dragged.is_some_and(|(card, gap)| gap == at && gap != card && gap != card + 1);
    html! {
        <div class={classes!("gap", is_over.then_some("is-over"))} data-gap={at.to_string()}>
            <details class="menu">
                <summary aria-label={format!("Add a layer as card {}", at + 1)}>{ "+" }</summary>
                <div class="menu-items">{ for addable().filter(|addable| addable.fits(input)).map(item) }</div>
            </details>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    #[test]
    fn a_card_is_of_each_group_that_goes_around_its_layers() {
        let kinds = "conv8k3-conv8k3-conv8k3-add1-add3-gavg-dense10".parse::<Spec>().expect("layers").kinds();
        let of = |kinds: &[Kind], at: usize| -> Vec<_> {
            groups(kinds, &(at..at + 1)).into_iter().map(|group| (group.start, group.end)).collect()
        };
        let expected = [vec![], vec![(1, 5)], vec![(2, 4), (1, 5)], vec![(2, 4), (1, 5)], vec![(1, 5)], vec![]];
        assert_eq!([0, 1, 2, 3, 4, 5].map(|at| of(&kinds, at)), expected);
        let hostile = "add40-gavg-dense10".parse::<Spec>().expect("layers").kinds();
        assert_eq!(of(&hostile, 0), [(0, 1)]);
    }
}

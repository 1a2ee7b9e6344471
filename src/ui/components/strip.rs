//! The strip of pictures below the stage.

use yew::prelude::*;

use super::button::{button, on_click};
use super::choose;
use crate::platform::page;
use crate::protocol::PictureId;
use crate::ui::intent::Intent;
use crate::ui::state::{Answer, Picture};
use crate::ui::words;

/// The properties of [`Strip`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The pictures, in the order of their arrival.
    pub pictures: Vec<Picture>,
    /// The picture on the stage.
    pub selected: Option<PictureId>,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The strip: a list box. Only the selected picture is a stop of the tab key.
#[component]
pub fn Strip(props: &Props) -> Html {
    let on_intent = &props.on_intent;
    let row = use_node_ref();
    {
        let row = row.clone();
        use_effect_with(props.selected, move |_| {
            let Some(row) = row.cast() else { return };
            let Some(current) = page::find_in(&row, "[aria-selected=true]") else { return };
            page::reveal_in_row(&row, &current);
            // The button that opened the file dialogue may have disappeared with the invitation.
            if page::has_focus_within(&row) || page::has_no_focus() {
                page::focus(&current);
            }
        });
    }
    let draw = html! {
        <button type="button" class="button" data-action="draw" onclick={on_click(on_intent, Intent::EmptyCanvas)}>
            { "Draw" }<span class="wide">{ "\u{a0}one" }</span>
        </button>
    };
    if props.pictures.is_empty() {
        return html! {
            <section class="strip" aria-label="Your pictures">
                <p class="quiet">{ words::NO_PICTURES }</p>
                <div class="strip-actions">{ draw }</div>
            </section>
        };
    }
    let add = html! { <>{ "Add" }<span class="wide">{ "\u{a0}pictures" }</span></> };
    let is_only_one = props.pictures.len() == 1;
    let item = |picture: &Picture| {
        let is_selected = Some(picture.id) == props.selected;
        html! {
            <Item key={picture.id.0} picture={picture.clone()} {is_selected} {is_only_one} on_intent={on_intent.clone()} />
        }
    };
    html! {
        <section class="strip" aria-label="Your pictures">
            <div class="strip-row" translate="no" role="listbox" aria-label="Your pictures" aria-orientation="horizontal" ref={row}>
                { for props.pictures.iter().map(item) }
            </div>
            <div class="strip-actions">
                { choose::pictures("button", add, on_intent) }
                { draw }
                { button("button", "clear", "Clear", false, on_click(on_intent, Intent::Clear)) }
            </div>
        </section>
    }
}

/// The properties of [`Item`].
#[derive(PartialEq, Properties)]
struct ItemProps {
    picture: Picture,
    is_selected: bool,
    is_only_one: bool,
    on_intent: Callback<Intent>,
}

/// A picture of the strip. It is a component, so that an event about one of two hundred pictures draws only that one.
#[component]
fn Item(props: &ItemProps) -> Html {
    let ItemProps { picture, is_selected, on_intent, .. } = props;
    let (id, is_only_one) = (picture.id, props.is_only_one);
    let on_remove = on_intent.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Delete" | "Backspace") {
            event.prevent_default();
            on_remove.emit(Intent::Remove(id));
            if is_only_one {
                // Nothing in the strip can take the focus any more.
                page::focus_on("[data-action=choose]");
            }
        }
    });
    let prediction = picture.prediction();
    let winner = prediction.map(|prediction| words::winner(prediction));
    let is_none = prediction.is_some_and(|prediction| prediction.is_none);
    let label = match (&picture.answer, winner) {
        (_, Some(_)) if is_none => "None of these".into(),
        (_, Some(class)) => words::title(class),
        (Answer::Asked, None) => "Looking…".into(),
        _ => "Waiting".into(),
    };
    html! {
        <div
            class="strip-item"
            role="option"
            tabindex={if *is_selected { "0" } else { "-1" }}
            aria-selected={is_selected.to_string()}
            aria-label={format!("{}: {label}", picture.name)}
            title={format!("{}. Delete removes it", picture.name)}
            data-picture={picture.name.to_string()}
            data-winner={winner.map(|class| crate::domain::CLASSES[class])}
            data-none={is_none.then_some("true")}
            data-milliseconds={prediction.map(|prediction| format!("{:.1}", prediction.milliseconds))}
            onclick={on_click(on_intent, Intent::Select(id))}
            {onkeydown}
        >
            <img src={picture.url.as_deref().map(String::from)} alt="" width="64" height="64" decoding="async" loading="lazy" />
            <span>{ label }</span>
        </div>
    }
}

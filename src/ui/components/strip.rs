//! The strip of pictures below the stage.

use yew::prelude::*;

use super::choose::Choose;
use crate::platform::{files::Offer, page};
use crate::protocol::PictureId;
use crate::ui::state::{Answer, Picture};
use crate::ui::words;

/// The properties of [`Strip`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The pictures, in the order of their arrival.
    pub pictures: Vec<Picture>,
    /// The picture on the stage.
    pub selected: Option<PictureId>,
    /// Called with the chosen files.
    pub on_offer: Callback<Offer>,
    /// Called when the visitor asks for an empty picture to draw on.
    pub on_draw: Callback<()>,
    /// Called with the chosen picture.
    pub on_select: Callback<PictureId>,
    /// Called with the picture to remove.
    pub on_remove: Callback<PictureId>,
    /// Called when the visitor clears the strip.
    pub on_clear: Callback<()>,
}

/// The strip: a list box. Only the selected picture is a stop of the tab key.
#[component]
pub fn Strip(props: &Props) -> Html {
    let row = use_node_ref();
    let current = use_node_ref();
    {
        let (row, current) = (row.clone(), current.clone());
        use_effect_with(props.selected, move |_| {
            let (Some(row), Some(current)) = (row.cast(), current.cast()) else { return };
            page::reveal_in_row(&row, &current);
            // The button that opened the file dialogue may have disappeared with the invitation.
            if page::has_focus_within(&row) || page::has_no_focus() {
                page::focus(&current);
            }
        });
    }
    let draw = html! {
        <button type="button" class="button" data-action="draw" onclick={props.on_draw.reform(|_| ())}>{ "Draw" }<span class="wide">{ "\u{a0}one" }</span></button>
    };
    if props.pictures.is_empty() {
        return html! {
            <section class="strip" aria-label="Your pictures">
                <p class="quiet">{ words::NO_PICTURES }</p>
                <div class="strip-actions">{ draw }</div>
            </section>
        };
    }
    let option = |picture: &Picture| {
        let is_selected = Some(picture.id) == props.selected;
        let node = if is_selected { current.clone() } else { NodeRef::default() };
        let id = picture.id;
        let on_remove = props.on_remove.clone();
        let is_only_one = props.pictures.len() == 1;
        let onkeydown = Callback::from(move |event: KeyboardEvent| {
            if matches!(event.key().as_str(), "Delete" | "Backspace") {
                event.prevent_default();
                on_remove.emit(id);
                if is_only_one {
                    // Nothing in the strip can take the focus any more.
                    page::focus_on("[data-action=choose]");
                }
            }
        });
        option(picture, is_selected, node, props.on_select.reform(move |_| id), onkeydown)
    };
    html! {
        <section class="strip" aria-label="Your pictures">
            <div class="strip-row" translate="no" role="listbox" aria-label="Your pictures" aria-orientation="horizontal" ref={row}>
                { for props.pictures.iter().map(option) }
            </div>
            <div class="strip-actions">
                <Choose class="button" on_offer={props.on_offer.clone()}>{ "Add" }<span class="wide">{ "\u{a0}pictures" }</span></Choose>
                { draw }
                <button type="button" class="button" data-action="clear" onclick={props.on_clear.reform(|_| ())}>
                    { "Clear" }
                </button>
            </div>
        </section>
    }
}

fn option(
    picture: &Picture,
    is_selected: bool,
    node: NodeRef,
    onclick: Callback<MouseEvent>,
    onkeydown: Callback<KeyboardEvent>,
) -> Html {
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
            key={picture.id.0}
            ref={node}
            class="strip-item"
            role="option"
            tabindex={if is_selected { "0" } else { "-1" }}
            aria-selected={is_selected.to_string()}
            aria-label={format!("{}: {label}", picture.name)}
            title={format!("{}. Delete removes it", picture.name)}
            data-picture={picture.name.to_string()}
            data-winner={winner.map(|class| crate::domain::CLASSES[class])}
            data-none={is_none.then_some("true")}
            data-milliseconds={prediction.map(|prediction| format!("{:.1}", prediction.milliseconds))}
            {onclick}
            {onkeydown}
        >
            <img src={picture.url.as_deref().map(String::from)} alt="" width="64" height="64" decoding="async" loading="lazy" />
            <span>{ label }</span>
        </div>
    }
}

//! A file that cannot be read, and the button that deletes what is on the shelf after asking.

use yew::prelude::*;

use crate::protocol::{ShelfItem, UnreadableFile};
use crate::ui::intent::Intent;
use crate::ui::words;

/// What [`Unreadable`] shows and calls.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The file.
    pub file: UnreadableFile,
    /// Called with what the visitor wants.
    pub on_intent: Callback<Intent>,
}

/// The file as an item of a list.
#[component]
pub fn Unreadable(props: &Props) -> Html {
    let UnreadableFile { file, reason, size_bytes } = &props.file;
    let item = ShelfItem::File(file.clone());
    let on_export = props.on_intent.reform({
        let item = item.clone();
        move |_: MouseEvent| Intent::ExportItem(item.clone())
    });
    html! {
        <li class="run-row" data-unreadable={file.clone()}>
            <div>
                <h3>{ "A run that cannot be read" }</h3>
                <p class="quiet">{ format!("{file}, {}: {reason}.", words::bytes(*size_bytes)) }</p>
            </div>
            <div class="buttons">
                <button type="button" class="button" data-action="export-raw" onclick={on_export}>
                    { "Export the raw file" }
                </button>
                <Delete {item} is_disabled=false on_intent={props.on_intent.clone()} />
            </div>
        </li>
    }
}

/// What [`Delete`] deletes and calls.
#[derive(PartialEq, Properties)]
pub struct DeleteProps {
    /// What is to go.
    pub item: ShelfItem,
    /// Whether it cannot be deleted now.
    pub is_disabled: bool,
    /// Called once the visitor agreed.
    pub on_intent: Callback<Intent>,
}

/// A button that asks first.
#[component]
pub fn Delete(props: &DeleteProps) -> Html {
    let is_asking = use_state(|| false);
    let ask = |now: bool| {
        let is_asking = is_asking.clone();
        Callback::from(move |_: MouseEvent| is_asking.set(now))
    };
    if !*is_asking {
        return html! {
            <button type="button" class="button" data-action="delete-run" disabled={props.is_disabled} onclick={ask(true)}>
                { "Delete" }
            </button>
        };
    }
    let on_delete = {
        let (item, is_asking) = (props.item.clone(), is_asking.clone());
        props.on_intent.reform(move |_: MouseEvent| {
            is_asking.set(false);
            Intent::DeleteItem(item.clone())
        })
    };
    html! {
        <>
            <button type="button" class="button" data-action="confirm-delete" onclick={on_delete}>
                { "Delete for good" }
            </button>
            <button type="button" class="button" data-action="keep-run" onclick={ask(false)}>{ "Keep" }</button>
        </>
    }
}

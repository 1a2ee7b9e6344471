//! A file that cannot be read.

use yew::prelude::*;

use crate::domain::{ShelfItem, UnreadableFile};
use crate::ui::components::ask::Ask;
use crate::ui::intent::Intent;
use crate::ui::words;

/// The properties of [`Unreadable`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The file.
    pub file: UnreadableFile,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// The file as a list item.
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
                <Ask
                    action="delete-run"
                    label="Delete"
                    question={format!("Delete the file, {}", words::bytes(*size_bytes))}
                    on_agree={props.on_intent.reform(move |()| Intent::DeleteItem(item.clone()))}
                />
            </div>
        </li>
    }
}

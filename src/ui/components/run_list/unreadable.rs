//! A file that cannot be read.

use yew::prelude::*;

use crate::domain::{ShelfItem, UnreadableFile};
use crate::ui::components::ask::Ask;
use crate::ui::components::button::{button, on_click};
use crate::ui::intent::Intent;
use crate::ui::words;

/// The file as a list item.
pub fn unreadable(file: &UnreadableFile, on_intent: &Callback<Intent>) -> Html {
    let UnreadableFile { file, reason, size_bytes } = file;
    let item = ShelfItem::File(file.clone());
    let on_export = on_click(on_intent, Intent::ExportItem(item.clone()));
    html! {
        <li key={file.clone()} class="run-row" data-unreadable={file.clone()}>
            <div>
                <h3>{ "A run that cannot be read" }</h3>
                <p class="quiet">{ format!("{file}, {}: {reason}.", words::bytes(*size_bytes)) }</p>
            </div>
            <div class="buttons">
                { button("button", "export-raw", "Export the raw file", false, on_export) }
                <Ask
                    action="delete-run"
                    label="Delete"
                    question={format!("Delete the file, {}", words::bytes(*size_bytes))}
                    on_agree={on_intent.reform(move |()| Intent::DeleteItem(item.clone()))}
                />
            </div>
        </li>
    }
}

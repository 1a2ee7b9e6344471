//! A small menu of what can be saved to a file.

use yew::prelude::*;

use crate::platform::page;
use crate::protocol::ExportFormat;
use crate::ui::intent::Intent;

/// What [`Export`] shows and calls.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// Whether there is a run to save.
    pub has_run: bool,
    /// Whether nothing can be saved now.
    pub is_disabled: bool,
    /// Called with what the visitor wants.
    pub on_intent: Callback<Intent>,
}

/// The menu.
#[component]
pub fn Export(props: &Props) -> Html {
    let item = |format: ExportFormat, name: &'static str, label: &'static str, is_disabled: bool| {
        let onclick = props.on_intent.reform(move |event: MouseEvent| {
            page::close_menu(&event);
            Intent::Export(format)
        });
        html! {
            <button type="button" data-action="export" data-format={name} disabled={is_disabled} {onclick}>
                { label }
            </button>
        }
    };
    html! {
        <details class="menu">
            <summary class="button">{ "Export" }</summary>
            <div class="menu-items">
                { item(ExportFormat::Weights, "weights", "Weights (SafeTensors)", props.is_disabled) }
                { item(ExportFormat::Run, "run", "Run (to resume elsewhere)", props.is_disabled || !props.has_run) }
            </div>
        </details>
    }
}

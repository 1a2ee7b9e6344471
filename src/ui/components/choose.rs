//! Buttons that open the browser's file dialogue.

use yew::prelude::*;

use crate::platform::files::Offer;
use crate::platform::page;
use crate::ui::intake::PICTURE_LIMIT;
use crate::ui::intent::Intent;

/// A button that takes files.
struct Chooser {
    /// The class in the style sheet.
    class: &'static str,
    /// The action in `data-action`.
    action: &'static str,
    /// The name of the file input, for screen readers.
    label: &'static str,
    /// The types of files that the dialogue shows.
    accept: &'static str,
    is_disabled: bool,
    /// The intent of choosing files.
    intent: fn(Offer) -> Intent,
}

/// A button of this `class` in the style sheet that takes pictures.
pub fn pictures(class: &'static str, content: Html, on_intent: &Callback<Intent>) -> Html {
    let (action, label, accept) = ("choose", "Pictures", "image/*");
    drawn(Chooser { class, action, label, accept, is_disabled: false, intent: Intent::Take }, content, on_intent)
}

/// The button "Import", which takes weights or a run.
pub fn import(is_disabled: bool, on_intent: &Callback<Intent>) -> Html {
    let (action, label, accept) = ("import", "Weights or a run", ".safetensors,.tenfold");
    let chooser = Chooser { class: "button", action, label, accept, is_disabled, intent: Intent::Import };
    drawn(chooser, "Import".into(), on_intent)
}

/// A button that takes files of CIFAR-10.
pub fn images(content: &'static str, on_intent: &Callback<Intent>) -> Html {
    let (action, label, accept) = ("add-images", "Files of CIFAR-10", ".gz,.tgz,.tar,.parquet,.bin");
    let chooser = Chooser { class: "button", action, label, accept, is_disabled: false, intent: Intent::AddImages };
    drawn(chooser, content.into(), on_intent)
}

/// The button and its hidden file input.
fn drawn(chooser: Chooser, content: Html, on_intent: &Callback<Intent>) -> Html {
    let Chooser { class, action, label, accept, is_disabled, intent } = chooser;
    let onclick = Callback::from(|event: MouseEvent| page::click_beside(&event));
    let onchange = on_intent.reform(move |event: Event| intent(Offer::from_input(&event, PICTURE_LIMIT)));
    html! {
        <>
            <button type="button" {class} data-action={action} disabled={is_disabled} {onclick}>{ content }</button>
            <input type="file" {accept} multiple=true hidden=true aria-label={label} {onchange} />
        </>
    }
}

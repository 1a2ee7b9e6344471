//! A small menu: what can be exported as a file or copied as code.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::platform::{clipboard, page};
use crate::protocol::ExportFormat;
use crate::spec::{Spec, SpecError};
use crate::takeaway::{keras, pytorch};
use crate::ui::intent::Intent;

/// The properties of [`Export`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The layers of the network that answers, if there is one.
    pub layers: Option<Spec>,
    /// Whether there is a run to export.
    pub has_run: bool,
    /// Whether nothing can be exported now.
    pub is_disabled: bool,
    /// Called for each intent of the visitor.
    pub on_intent: Callback<Intent>,
}

/// A program that builds the network of these layers with this dropout rate.
type Code = fn(&Spec, f32) -> Result<String, SpecError>;

/// Identifier, title, and the function that writes the code.
const FRAMEWORKS: [(&str, &str, Code); 2] = [("keras", "Keras", keras::code), ("pytorch", "PyTorch", pytorch::code)];

/// The menu.
#[component]
pub fn Export(props: &Props) -> Html {
    // The last framework that was copied, and whether that worked.
    let copied = use_state(|| None::<(&'static str, bool)>);
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
    let copy = |(id, title, code): (&'static str, &'static str, Code)| {
        let (layers, copied) = (props.layers.clone(), copied.clone());
        let label = match *copied {
            Some((last, true)) if last == id => format!("Copied for {title}"),
            Some((last, false)) if last == id => "The browser does not let this page copy".to_owned(),
            _ => format!("Copy as {title}"),
        };
        let is_disabled = layers.is_none();
        let onclick = move |_: MouseEvent| {
            let code = layers.as_ref().and_then(|layers| code(layers, layers.network.settings().dropout_rate).ok());
            let copied = copied.clone();
            spawn_local(async move {
                let is_done = match code {
                    Some(code) => clipboard::copy(&code).await,
                    None => false,
                };
                copied.set(Some((id, is_done)));
            });
        };
        html! {
            <button type="button" data-action="copy-code" data-framework={id} disabled={is_disabled} {onclick}>
                <span aria-live="polite">{ label }</span>
            </button>
        }
    };
    html! {
        <details class="menu">
            <summary class="button">{ "Export" }</summary>
            <div class="menu-items">
                { item(ExportFormat::Weights, "weights", "Weights (SafeTensors)", props.is_disabled) }
                { item(ExportFormat::Onnx, "onnx", "Network and weights (ONNX)", props.is_disabled) }
                { item(ExportFormat::Run, "run", "Run (to resume elsewhere)", props.is_disabled || !props.has_run) }
                { for FRAMEWORKS.map(copy) }
            </div>
        </details>
    }
}

//! The stage: the picture, what the network sees of it, the answer, and the network.

use yew::prelude::*;

use super::choose::Choose;
use super::network_panel::NetworkPanel;
use super::photo::Photo;
use super::seen::Seen;
use super::verdict::Verdict;
use crate::domain::NetworkSummary;
use crate::platform::files::Offer;
use crate::ui::state::{Phase, Picture};

/// The properties of [`Stage`] and of `Glance`.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The picture; none shows the invitation.
    pub picture: Option<Picture>,
    /// The state of the worker.
    pub phase: Phase,
    /// The network that answers.
    pub network: Option<NetworkSummary>,
    /// Whether a run is in progress, so that the answer changes all the time.
    pub is_learning: bool,
    /// The other network's answer, or a button that asks for it.
    #[prop_or_default]
    pub beside: Html,
    /// Called with the chosen files.
    pub on_offer: Callback<Offer>,
    /// Called when the visitor asks for a new worker.
    pub on_retry: Callback<()>,
}

/// The stage.
#[component]
pub fn Stage(props: &Props) -> Html {
    let prediction = props.picture.as_ref().and_then(Picture::prediction).cloned();
    html! {
        <section class="stage" aria-label="Picture and answer">
            { match &props.picture {
                Some(picture) => shown(picture),
                None => invitation(&props.on_offer),
            } }
            <Seen {prediction} />
            <Verdict picture={props.picture.clone()} phase={props.phase.clone()} is_learning={props.is_learning} />
            <NetworkPanel
                phase={props.phase.clone()}
                network={props.network.clone()}
                has_pictures={props.picture.is_some()}
                beside={props.beside.clone()}
                on_retry={props.on_retry.clone()}
            />
        </section>
    }
}

fn shown(picture: &Picture) -> Html {
    html! {
        <figure class="picture" translate="no">
            <div class={classes!("frame", picture.label.map(|_| "is-pixels"))}>
                <Photo key={picture.id.0} picture={picture.clone()} />
            </div>
            <figcaption>{ if picture.is_greeting { "A drawing to begin with" } else { &picture.name } }</figcaption>
        </figure>
    }
}

fn invitation(on_offer: &Callback<Offer>) -> Html {
    html! {
        <div class="picture">
            <div class="frame invitation">
                <p><strong>{ "Your picture goes here" }</strong></p>
                <p class="quiet for-mouse">{ "Drop it anywhere, or paste it" }</p>
                <Choose class="button" on_offer={on_offer.clone()}>{ "Choose pictures" }</Choose>
            </div>
            <p class="caption" />
        </div>
    }
}

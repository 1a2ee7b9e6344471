//! The choice of the network that answers and learns.

use yew::prelude::*;

use crate::domain::NetworkName;
use crate::ui::intent::Intent;
use crate::ui::plan::Field;

/// What [`NetworkChoice`] shows and calls.
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The network that is chosen.
    pub chosen: NetworkName,
    /// Called with what the visitor wants.
    pub on_intent: Callback<Intent>,
}

/// A button for each network, the chosen one pressed.
#[component]
pub fn NetworkChoice(props: &Props) -> Html {
    let choice = |network: NetworkName| {
        let is_chosen = network == props.chosen;
        // Choosing what is chosen already would load it once more.
        let onclick =
            (!is_chosen).then(|| props.on_intent.reform(move |_| Intent::Set(Field::Network, network.id().into())));
        html! {
            <button
                type="button"
                data-action="network"
                data-choice={network.id()}
                aria-pressed={is_chosen.to_string()}
                {onclick}
            >
                { if network == NetworkName::Own { "Own" } else { network.title() } }
            </button>
        }
    };
    // One's own is there while it answers.
    let own = (props.chosen == NetworkName::Own).then_some(NetworkName::Own);
    html! {
        <div class="networks" role="group" aria-label="Network">
            { for NetworkName::ALL.into_iter().chain(own).map(choice) }
        </div>
    }
}

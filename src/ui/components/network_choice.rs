//! The choice of the network that answers and is trained.

use yew::prelude::*;

use crate::domain::NetworkName;
use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;
use crate::ui::plan::Field;

/// A button for each network. The chosen one is pressed.
pub fn network_choice(chosen: NetworkName, on_intent: &Callback<Intent>) -> Html {
    let choice = |network: NetworkName| {
        let is_chosen = network == chosen;
        // A click on the chosen network would load it again.
        let onclick = (!is_chosen).then(|| on_click(on_intent, Intent::Set(Field::Network, network.id().into())));
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
    // The visitor's own network has a button while it is the chosen one.
    let own = (chosen == NetworkName::Own).then_some(NetworkName::Own);
    html! {
        <div class="networks" role="group" aria-label="Network">
            { for NetworkName::ALL.into_iter().chain(own).map(choice) }
        </div>
    }
}

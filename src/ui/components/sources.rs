//! Where the page's data and network come from.

use yew::prelude::*;

/// The data set's own page.
const CIFAR_10: &str = "https://www.cs.toronto.edu/~kriz/cifar.html";

/// Keller Jordan's network, which the modern one follows.
const AIRBENCH: &str = "https://github.com/KellerJordan/cifar10-airbench";

/// A line of links.
#[component]
pub fn Sources() -> Html {
    html! {
        <p class="sources quiet">
            { "Learnt from " }<a href={CIFAR_10}>{ "CIFAR-10" }</a>{ ", with a network after " }
            <a href={AIRBENCH}>{ "airbench" }</a>{ "." }
        </p>
    }
}

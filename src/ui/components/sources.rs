//! The sources of the page's data and network.

use yew::prelude::*;

/// The web page of the data set.
const CIFAR_10: &str = "https://www.cs.toronto.edu/~kriz/cifar.html";

/// The network of Keller Jordan, which `tenfold2026` follows.
const AIRBENCH: &str = "https://github.com/KellerJordan/cifar10-airbench";

/// A line of links.
pub fn sources() -> Html {
    html! {
        <p class="sources quiet">
            { "Trained on " }<a href={CIFAR_10}>{ "CIFAR-10" }</a>{ ", with a network after " }
            <a href={AIRBENCH}>{ "airbench" }</a>{ "." }
        </p>
    }
}

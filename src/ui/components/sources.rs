//! The sources of the page's data and network.

use yew::prelude::*;

/// Xu Cui's article "Learning deep learning (project 2, image classification)", 2017.
const ARTICLE: &str = "https://www.alivelearn.net/?p=1967";

/// The web page of the data set.
const CIFAR_10: &str = "https://www.cs.toronto.edu/~kriz/cifar.html";

/// The network of Keller Jordan, which `tenfold2026` follows.
const AIRBENCH: &str = "https://github.com/KellerJordan/cifar10-airbench";

/// The address of this page's code: `repository` in Cargo.toml. Empty as long as that is not set.
const CODE: &str = env!("CARGO_PKG_REPOSITORY");

/// A line of links.
pub fn sources() -> Html {
    html! {
        <p class="sources quiet">
            { "Trained on " }<a href={CIFAR_10}>{ "CIFAR-10" }</a>{ ", with the network of " }
            <a href={ARTICLE}>{ "Xu Cui’s article" }</a>{ " and one after " }<a href={AIRBENCH}>{ "airbench" }</a>{ "." }
            if !CODE.is_empty() {
                { " Made from " }<a href={CODE}>{ "this code" }</a>{ "." }
            }
        </p>
    }
}

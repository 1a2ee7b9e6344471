//! The wordmark: ten squares, in two rows of five as the class cards, and the name.

use yew::prelude::*;

use crate::domain::CLASS_COUNT;

/// The wordmark, with the winning class's square lit. Without a winner the fourth is lit, as on the favicon.
pub fn mark(winner: Option<usize>) -> Html {
    let lit = winner.unwrap_or(3);
    html! {
        <h1 class="mark">
            <svg viewBox="0 0 34 13" width="34" height="13" aria-hidden="true">
                { for (0..CLASS_COUNT).map(|class| square(class, class == lit)) }
            </svg>
            { "Tenfold" }
        </h1>
    }
}

fn square(class: usize, is_lit: bool) -> Html {
    let (x, y) = ((class % 5 * 7).to_string(), (class / 5 * 7).to_string());
    html! { <rect {x} {y} width="6" height="6" rx="1" class={classes!(is_lit.then_some("is-lit"))} /> }
}

//! The field's terms with their explanations, which a click, a tap or the Enter key opens.

use yew::prelude::*;

use super::table::text;
use crate::ui::terms::{Part, TERMS, Term, parts};

/// `words`, with the first place of each term as a button that explains it. Escape or a click elsewhere closes the
/// explanation.
pub fn explained(words: &str) -> Html {
    let part = |part| match part {
        Part::Words(words) => text(words.to_owned()),
        Part::Term(written, Term { meaning, .. }) => html! {
            <details class="menu term" name="term">
                <summary>{ written }</summary>
                <p>{ meaning }</p>
            </details>
        },
    };
    html! { <>{ for parts(words).into_iter().map(part) }</> }
}

/// All terms with their explanations.
pub fn terms() -> Html {
    let term = |Term { name, meaning, .. }: &Term| {
        html! { <div><dt>{ *name }</dt><dd>{ *meaning }</dd></div> }
    };
    html! {
        <section class="about terms" aria-labelledby="terms-title">
            <h2 id="terms-title">{ "Words" }</h2>
            <dl>{ for TERMS.iter().map(term) }</dl>
        </section>
    }
}

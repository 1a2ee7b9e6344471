//! Rows of tables, made in one place: each made by itself would be code of its own.

use yew::prelude::*;
use yew::virtual_dom::VText;

/// The row of names above a table; an empty name heads nothing.
pub fn head(names: &[&'static str]) -> Html {
    let cell = |&name: &&'static str| {
        if name.is_empty() {
            html! { <td></td> }
        } else {
            html! { <th scope="col">{ name }</th> }
        }
    };
    html! { <thead><tr>{ for names.iter().map(cell) }</tr></thead> }
}

/// A row: what it is of, and what stands in its cells.
pub fn row(name: impl Into<AttrValue>, cells: impl IntoIterator<Item = Html>) -> Html {
    html! {
        <tr>
            <th scope="row">{ text(name) }</th>
            { for cells.into_iter().map(|cell| html! { <td>{ cell }</td> }) }
        </tr>
    }
}

/// A cell that is a text.
pub fn text(text: impl Into<AttrValue>) -> Html {
    VText::new(text).into()
}

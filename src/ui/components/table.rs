//! Rows of tables. One function makes all of them, which keeps the page small.

use yew::prelude::*;
use yew::virtual_dom::VText;

/// The head of a table. A column without a name gets an empty cell.
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

/// A row: its head and its cells.
pub fn row(name: impl Into<AttrValue>, cells: impl IntoIterator<Item = Html>) -> Html {
    html! {
        <tr>
            <th scope="row">{ text(name) }</th>
            { for cells.into_iter().map(|cell| html! { <td>{ cell }</td> }) }
        </tr>
    }
}

/// A cell with a text.
pub fn text(text: impl Into<AttrValue>) -> Html {
    VText::new(text).into()
}

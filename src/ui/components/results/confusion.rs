//! The confusion matrix: for each true class, how often the network gave each of the ten answers.

use yew::prelude::*;

use crate::domain::CLASS_COUNT;
use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;
use crate::ui::state::Cell;
use crate::ui::words;

/// A table in which each number except 0 is a button that shows its images. `opened` is the number whose images are shown.
pub fn confusion(
    confusion: &[[u32; CLASS_COUNT]; CLASS_COUNT],
    opened: Option<Cell>,
    on_intent: &Callback<Intent>,
) -> Html {
    // Shades of wrong answers are relative to the largest wrong count. Otherwise correct answers would make all of them
    // pale.
    let pairs = (0..CLASS_COUNT).flat_map(|label| (0..CLASS_COUNT).map(move |answer| (label, answer)));
    let most_wrong =
        pairs.filter(|(label, answer)| label != answer).map(|(label, answer)| confusion[label][answer]).max();
    let row = |label: usize| {
        let row = &confusion[label];
        let total: u32 = row.iter().sum();
        let cell = |answer: usize| {
            let most = if label == answer { total } else { most_wrong.unwrap_or(0) };
            cell((opened, on_intent), (label, answer), row[answer], f64::from(row[answer]) / f64::from(most.max(1)))
        };
        html! {
            <tr key={label}>
                <th scope="row">{ words::title(label) }</th>
                { for (0..CLASS_COUNT).map(cell) }
            </tr>
        }
    };
    html! {
        <>
            <h3 id="confusion-title">{ "Confusion matrix" }</h3>
            <p class="quiet">{ "Choose a number to see the images behind it." }</p>
            <div class="matrix" translate="no" role="region" aria-labelledby="confusion-title" tabindex="0">
                <table>
                    <thead>
                        <tr>
                            <td />
                            <th scope="colgroup" colspan="10">{ "The network said" }</th>
                        </tr>
                        <tr>
                            <th scope="col">{ "True class" }</th>
                            { for (0..CLASS_COUNT).map(|class| html! { <th scope="col">{ words::title(class) }</th> }) }
                        </tr>
                    </thead>
                    <tbody>{ for (0..CLASS_COUNT).map(row) }</tbody>
                </table>
            </div>
        </>
    }
}

fn cell(
    (opened, on_intent): (Option<Cell>, &Callback<Intent>),
    (label, answer): (usize, usize),
    count: u32,
    shade: f64,
) -> Html {
    let cell = Cell::Pair { label: label as u8, answer: answer as u8 };
    let kind = if label == answer { "is-right" } else { "is-wrong" };
    if count == 0 {
        return html! { <td class={kind}><span class="quiet">{ "0" }</span></td> };
    }
    html! {
        <td class={kind} style={format!("--shade:{:.1}%", shade * 45.0)}>
            <button
                type="button"
                data-cell={format!("{label}-{answer}")}
                aria-label={format!("{count}: {}", cell.title())}
                aria-expanded={(opened == Some(cell)).to_string()}
                onclick={on_click(on_intent, Intent::Open(Some(cell)))}
            >
                { count }
            </button>
        </td>
    }
}

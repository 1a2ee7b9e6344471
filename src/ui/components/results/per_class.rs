//! The accuracy of each class, in the order of the class cards.

use yew::prelude::*;

use crate::domain::{CLASS_COUNT, CLASSES};
use crate::ui::components::button::on_click;
use crate::ui::intent::Intent;
use crate::ui::state::Cell;
use crate::ui::words;

/// Ten bars. Each is a button that shows the wrongly answered images. `opened` is the number whose images are shown.
pub fn per_class(
    confusion: &[[u32; CLASS_COUNT]; CLASS_COUNT],
    opened: Option<Cell>,
    on_intent: &Callback<Intent>,
) -> Html {
    let row = |class: usize| {
        let count: u32 = confusion[class].iter().sum();
        let share = f64::from(confusion[class][class]) / f64::from(count.max(1));
        let wrong = count - confusion[class][class];
        html! {
            <li key={class}>
                <button
                    type="button"
                    class="class-row"
                    data-result={CLASSES[class]}
                    data-accuracy={format!("{share:.4}")}
                    disabled={wrong == 0}
                    aria-expanded={(opened == Some(Cell::Wrong(class as u8))).to_string()}
                    title={format!("See the {wrong} that it gets wrong")}
                    onclick={on_click(on_intent, Intent::Open(Some(Cell::Wrong(class as u8))))}
                >
                    <span class="card-name">{ words::title(class) }</span>
                    <span class="meter"><span style={format!("transform:scaleX({share:.4})")} /></span>
                    <span class="card-figure" translate="no">{ words::percent(share) }</span>
                </button>
            </li>
        }
    };
    html! {
        <>
            <h3 id="per-class-title">{ "Accuracy by class" }</h3>
            <ul class="per-class" role="list" aria-labelledby="per-class-title">{ for (0..CLASS_COUNT).map(row) }</ul>
        </>
    }
}

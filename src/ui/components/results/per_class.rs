//! The accuracy of each class, in the order of the class cards.

use std::rc::Rc;

use yew::prelude::*;

use crate::ui::state::Cell;
use crate::ui::words;
use crate::{
    domain::{CLASS_COUNT, CLASSES},
    protocol::TestReport,
};

/// The properties of [`PerClass`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The measurement.
    pub report: Rc<TestReport>,
    /// The number whose images are shown.
    pub opened: Option<Cell>,
    /// Called with the number whose images the visitor wants to see.
    pub on_cell: Callback<Cell>,
}

/// Ten bars. Each is a button that shows the wrongly answered images.
#[component]
pub fn PerClass(props: &Props) -> Html {
    let confusion = use_memo(props.report.clone(), |report| report.confusion());
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
                    aria-expanded={(props.opened == Some(Cell::Wrong(class as u8))).to_string()}
                    title={format!("See the {wrong} that it gets wrong")}
                    onclick={props.on_cell.reform(move |_| Cell::Wrong(class as u8))}
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

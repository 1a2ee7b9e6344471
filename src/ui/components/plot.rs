//! A plot: a drawing in its frame, with marks along both axes.

use yew::prelude::*;

use crate::ui::components::train::Quantity;
use crate::ui::curve::{self, Frame, HEIGHT, WIDTH};

/// The plot of a quantity. The drawing is stretched to its space. Marks and labels are text of the page, so that they
/// are not stretched.
///
/// `label` describes the plot, `marks` are positions along the horizontal axis with their texts, `changes` are steps at
/// which something was changed, and what, and `end` is the text at the end of the axis.
pub fn plot(
    quantity: Quantity,
    frame: &Frame,
    label: String,
    drawn: Html,
    marks: &[(f64, String)],
    changes: &[(u64, String)],
    end: String,
) -> Html {
    let (value_marks, decimals) = curve::marks(frame.low, frame.high, 4);
    let (scale, decimals) = if quantity == Quantity::Accuracy { (100.0, 0) } else { (1.0, decimals) };
    let line = |&value: &f64| {
        let y = format!("{:.1}", frame.place((0.0, value)).1);
        html! { <line x1="0" x2={WIDTH.to_string()} y1={y.clone()} y2={y} /> }
    };
    let beside = |&value: &f64| {
        let top = frame.place((0.0, value)).1 / HEIGHT * 100.0;
        html! { <span style={format!("top:{top:.2}%")}>{ format!("{:.decimals$}", value * scale) }</span> }
    };
    let below = |(place, words): &(f64, String)| {
        html! { <span style={format!("left:{:.2}%", place / frame.steps * 100.0)}>{ words }</span> }
    };
    let changed = |(step, what): &(u64, String)| {
        let left = frame.place((*step as f64, frame.low)).0 / WIDTH * 100.0;
        // Beyond the middle, the label is before its line, where there is room.
        let side = if left > 50.0 { "is-before" } else { "" };
        html! { <span class={side} data-changed={step.to_string()} style={format!("left:{left:.2}%")}><b>{ what }</b></span> }
    };
    html! {
        <div class="plot">
            <div class="plot-y" aria-hidden="true">{ for value_marks.iter().map(beside) }</div>
            <svg viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none" role="img" aria-label={label}>
                <g class="plot-grid">{ for value_marks.iter().map(line) }</g>
                { drawn }
            </svg>
            if !changes.is_empty() {
                <div class="plot-changes" aria-hidden="true">{ for changes.iter().map(changed) }</div>
            }
            <div class="plot-x" aria-hidden="true">
                { for marks.iter().map(below) }
                <b>{ end }</b>
            </div>
        </div>
    }
}

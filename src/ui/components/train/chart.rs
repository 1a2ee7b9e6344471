//! A curve of a run in a plot that fits any width: training as a line, validation as points.

use std::rc::Rc;

use yew::prelude::*;

use super::chart_table::ChartTable;
use crate::domain::History;
use crate::ui::components::plot::plot;
use crate::ui::curve::{self, Frame, Point};
use crate::ui::words;

/// A quantity that a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// The mean cross-entropy.
    Loss,
    /// The accuracy.
    Accuracy,
}

impl Quantity {
    /// Its title, with its unit.
    pub fn title(self) -> &'static str {
        match self {
            Self::Loss => "Loss, nats",
            Self::Accuracy => "Accuracy, %",
        }
    }

    /// A value as text.
    pub fn words(self, value: f64) -> String {
        match self {
            Self::Loss => format!("{value:.3}"),
            Self::Accuracy => words::percent(value),
        }
    }

    /// The points of the training curve.
    pub fn training(self, curves: &History) -> Vec<Point> {
        let value = |loss: f32, accuracy: f32| f64::from(if self == Self::Loss { loss } else { accuracy });
        curves.points.iter().map(|point| (point.step as f64, value(point.loss, point.accuracy))).collect()
    }

    /// The measurements on the validation images.
    pub fn validation(self, curves: &History) -> Vec<Point> {
        let value = |loss: f32, accuracy: f32| f64::from(if self == Self::Loss { loss } else { accuracy });
        curves.validations.iter().map(|point| (point.step as f64, value(point.loss, point.accuracy))).collect()
    }

    /// The range of the vertical axis. For accuracy it is 0 to 1. For the loss it begins at 0 and ends at the highest
    /// value, within 2.5 to 4, so that outliers of the first steps are cut off.
    fn range(self, points: &[Point]) -> (f64, f64) {
        match self {
            Self::Accuracy => (0.0, 1.0),
            Self::Loss => {
                let highest = points.iter().map(|point| point.1).filter(|value| value.is_finite()).fold(0.0, f64::max);
                (0.0, highest.clamp(2.5, 4.0))
            }
        }
    }
}

/// The properties of [`Chart`].
#[derive(PartialEq, Properties)]
pub struct Props {
    /// The quantity.
    pub quantity: Quantity,
    /// The run's curves.
    pub curves: Rc<History>,
    /// The last step on the axis.
    pub steps: u64,
    /// What was changed during the run: after which step, and what.
    pub changes: Rc<[(u64, String)]>,
}

/// The curves of a run, with a table of their values.
#[component]
pub fn Chart(props: &Props) -> Html {
    let (quantity, steps) = (props.quantity, props.steps.max(1) as f64);
    let (training, validation) = (quantity.training(&props.curves), quantity.validation(&props.curves));
    let (low, high) = quantity.range(&training);
    let frame = Frame { steps, low, high };
    // The end of the axis has a label of its own.
    let marks = curve::marks(0.0, steps, 4).0.into_iter().filter(|step| *step < 0.75 * steps);
    let marks: Vec<_> = marks.map(|step| (step, words::count(step as u64))).collect();
    // A line of zero length with round ends is a disc, even if the plot is stretched.
    let dot = |&point: &Point| {
        let (x, y) = frame.place(point);
        html! { <path d={format!("M{x:.1} {y:.1}h0")} /> }
    };
    let drawn = html! {
        <>
            <path class="plot-line" d={frame.path(&training)} />
            <g class="plot-dots">{ for curve::sample(&validation, 200).iter().map(dot) }</g>
        </>
    };
    html! {
        <figure class="chart">
            <figcaption>
                <h3>{ quantity.title() }</h3>
                <span class="key is-line">{ "training" }</span>
                <span class="key is-dot">{ "validation" }</span>
            </figcaption>
            { plot(
                quantity,
                &frame,
                summary(quantity, &training, &validation),
                drawn,
                &marks,
                &props.changes,
                format!("{} steps", words::count(props.steps)),
            ) }
            <ChartTable {quantity} curves={props.curves.clone()} changes={props.changes.clone()} />
        </figure>
    }
}

fn summary(quantity: Quantity, training: &[Point], validation: &[Point]) -> String {
    let last = |name: &str, points: &[Point]| match points.last() {
        Some(&(step, value)) => format!("{name} {} at step {}", quantity.words(value), words::count(step as u64)),
        None => format!("no {name} yet"),
    };
    format!("{}: {}, {}", quantity.title(), last("training", training), last("validation", validation))
}

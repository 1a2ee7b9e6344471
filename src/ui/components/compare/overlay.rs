//! Curves of several runs in one plot, over epochs, so that runs with different batch sizes can be compared.

use std::rc::Rc;

use yew::prelude::*;

use crate::domain::History;
use crate::ui::components::{plot::plot, train::Quantity};
use crate::ui::curve::{self, Frame, Point};

/// The curve of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The index of its colour and dashes.
    pub place: usize,
    /// The title of the run.
    pub name: String,
    /// Steps in an epoch of the run.
    pub steps_per_epoch: u64,
    /// The curves of the run.
    pub curves: Rc<History>,
}

impl Line {
    /// The points (epoch, value): the validations, if there are at least two; otherwise the training curve.
    fn points(&self, quantity: Quantity) -> Vec<Point> {
        let validated = quantity.validation(&self.curves);
        let points = if validated.len() > 1 { validated } else { quantity.training(&self.curves) };
        let epochs = |(step, value): Point| (step / self.steps_per_epoch.max(1) as f64, value);
        points.into_iter().map(epochs).filter(|point| point.1.is_finite()).collect()
    }
}

/// The plot of `lines`, of which `wanted` are expected; the others are still being read.
pub fn overlay(quantity: Quantity, lines: &[Line], wanted: usize) -> Html {
    let curves: Vec<(&Line, Vec<Point>)> = lines.iter().map(|line| (line, line.points(quantity))).collect();
    let all = || curves.iter().flat_map(|(_, points)| points);
    let epochs = all().map(|point| point.0).fold(0.0, f64::max).max(1.0);
    let (low, high) = match quantity {
        Quantity::Accuracy => (0.0, 1.0),
        Quantity::Loss => (0.0, all().map(|point| point.1).fold(0.0, f64::max).clamp(0.5, 2.5)),
    };
    let frame = Frame { steps: epochs, low, high };
    let path = |(line, points): &(&Line, Vec<Point>)| {
        html! { <path key={line.place} class={format!("plot-line line-{}", line.place)} d={frame.path(points)} /> }
    };
    let last = |(line, points): &(&Line, Vec<Point>)| {
        points.last().map_or_else(String::new, |point| format!("{}: {}", line.name, quantity.words(point.1)))
    };
    let summary: Vec<String> = curves.iter().map(last).collect();
    let label = format!("{} over epochs, at the end. {}", quantity.title(), summary.join(". "));
    let drawn = curves.iter().map(path).collect();
    let (marks, decimals) = curve::marks(0.0, epochs, 4);
    let marks = marks.into_iter().filter(|epoch| *epoch < 0.8 * epochs);
    let marks: Vec<_> = marks.map(|epoch| (epoch, format!("{epoch:.decimals$}"))).collect();
    let end = if epochs.fract() == 0.0 { format!("{epochs} epochs") } else { format!("{epochs:.1} epochs") };
    html! {
        <figure class="chart">
            <figcaption>
                <h3>{ quantity.title() }</h3>
                if lines.len() < wanted {
                    <span>{ "Reading…" }</span>
                }
            </figcaption>
            { plot(quantity, &frame, label, drawn, &marks, &[], end) }
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CurvePoint, Validation};

    #[test]
    fn runs_of_other_batches_are_drawn_over_the_same_epochs_and_by_what_they_do_not_learn_from() {
        let validation = |step, accuracy| Validation { step, loss: 1.0, accuracy, images: 5_000 };
        let points =
            vec![CurvePoint { step: 10, loss: 2.0, accuracy: 0.2 }, CurvePoint { step: 20, loss: 1.0, accuracy: 0.9 }];
        let mut history = History { points, validations: vec![validation(100, 0.5)], ..History::default() };
        let line = |history: &History| Line {
            place: 0,
            name: "mine".into(),
            steps_per_epoch: 100,
            curves: Rc::new(history.clone()),
        };
        let near = |points: Vec<Point>| {
            points.iter().map(|&(x, y)| [x, y].map(|v| (v * 1e3).round() as i64)).collect::<Vec<_>>()
        };
        assert_eq!(near(line(&history).points(Quantity::Accuracy)), [[100, 200], [200, 900]], "one figure is no curve");
        history.validations.push(validation(200, 0.75));
        assert_eq!(near(line(&history).points(Quantity::Accuracy)), [[1000, 500], [2000, 750]]);
    }
}

//! The result of a run as a picture to save or send: a self-contained SVG.

use crate::{domain::StartingWeights, protocol::RunStatus};

use super::curve::{Frame, thin};
use super::state::State;
use super::words;

/// Width and height, as social networks expect for the picture of a link.
pub const SIZE: [u32; 2] = [1200, 630];

/// The picture; none unless a run has ended that was validated.
pub fn svg(state: &State) -> Option<String> {
    let training = &state.training;
    let RunStatus::Ended { facts, .. } = &training.status else { return None };
    let shipped = state.shipped_accuracies.get(facts.settings.network.id()).copied();
    let [headline, rest] =
        words::finale(&training.curves, training.took_secs, facts.start == StartingWeights::Scratch, shipped, true)?;
    let points: Vec<_> =
        training.curves.points.iter().map(|point| (point.step as f64, f64::from(point.accuracy))).collect();
    let frame = Frame { steps: facts.step.max(1) as f64, low: 0.0, high: 1.0 };
    let place = |point| {
        let (x, y) = frame.place(point);
        (80.0 + x * 1.04, 300.0 + y * 0.6)
    };
    let path: Vec<String> = thin(&points, 200)
        .into_iter()
        .map(|point| {
            let (x, y) = place(point);
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let dots = training.curves.validations.iter().map(|validation| {
        let (x, y) = place((validation.step as f64, f64::from(validation.accuracy)));
        format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"7\" fill=\"#17191e\"/>")
    });
    let dots: String = dots.collect();
    let network = facts.settings.network.title();
    let images = words::count(facts.settings.train_images as u64);
    let device = state.device.as_ref().map_or("", words::device_name);
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"system-ui, sans-serif\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fbfbfa\"/>\
         <text x=\"80\" y=\"110\" font-size=\"30\" fill=\"#5b616c\">Tenfold: a neural network, trained in a browser</text>\
         <text x=\"80\" y=\"190\" font-size=\"68\" font-weight=\"600\" fill=\"#17191e\">{}</text>\
         <text x=\"80\" y=\"240\" font-size=\"28\" fill=\"#5b616c\">{}</text>\
         <path d=\"M80 540H1120M80 420H1120M80 300H1120\" stroke=\"#e2e3e5\" stroke-width=\"2\"/>\
         <polyline points=\"{}\" fill=\"none\" stroke=\"#3346d3\" stroke-width=\"5\" stroke-linejoin=\"round\"/>{dots}\
         <text x=\"80\" y=\"592\" font-size=\"24\" fill=\"#5b616c\">{network}, {images} images, {} steps on {device}</text></svg>",
        SIZE[0],
        SIZE[1],
        escaped(&headline),
        escaped(rest.trim_end_matches(" Train on?")),
        path.join(" "),
        words::count(facts.step),
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{CurvePoint, History, RunFacts, Settings, Validation},
        protocol::End,
    };
    use std::rc::Rc;

    #[test]
    fn a_card_says_what_became_of_the_run_and_draws_its_curve() {
        let facts = RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step: 231,
            steps_per_epoch: 351,
            steps: 231,
        };
        let mut state = State::default();
        assert_eq!(svg(&state), None);
        state.training.status = RunStatus::Ended { facts, how: End::Completed };
        let validations = vec![Validation { step: 231, loss: 1.5, accuracy: 0.468, images: 5_000 }];
        let points = vec![
            CurvePoint { step: 100, loss: 2.0, accuracy: 0.25 },
            CurvePoint { step: 231, loss: 1.5, accuracy: 0.5 },
        ];
        state.training.curves = Rc::new(History { points, validations, ..History::default() });
        let card = svg(&state).expect("it is over");
        assert!(card.contains(">46.8% right.</text>") && card.contains("It began at 10%."), "{card}");
        assert!(
            card.contains("points=\"530.2,480.0 1120.0,420.0\"") && card.contains("cx=\"1120.0\" cy=\"427.7\""),
            "{card}"
        );
        assert!(!card.contains("Train on?"));
    }
}

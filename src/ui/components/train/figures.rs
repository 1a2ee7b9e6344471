//! The figures of a run, in a line of constant width.

use yew::prelude::*;

use crate::ui::components::term::explained;
use crate::ui::state::TrainingState;
use crate::ui::words;
use crate::{domain::RunFacts, protocol::RunStatus};

/// Each figure below its name, in a place of its own.
pub fn figures(training: &TrainingState) -> Html {
    // Before the run starts, each figure is a dash in the same space.
    let facts = training.facts();
    let nothing = || "–".to_owned();
    let epoch = |facts: &RunFacts| facts.step.saturating_sub(1) / facts.steps_per_epoch.max(1) + 1;
    let step = |facts: &RunFacts| format!("{} / {}", words::count(facts.step), words::count(facts.steps));
    let point = training.last_point();
    let pace = training.pace.filter(|_| matches!(training.status, RunStatus::Running(_)));
    let share = |accuracy: f32| words::percent(f64::from(accuracy));
    // The projector mode leaves out the minor ones.
    let figures = [
        ("Step", true, facts.map_or_else(nothing, step)),
        ("Epoch", false, facts.map_or_else(nothing, |facts| format!("{} / {}", epoch(facts), facts.settings.epochs))),
        ("Images a second", true, pace.map_or_else(nothing, |pace| words::count(pace.images_per_sec.round() as u64))),
        ("Time left", true, pace.map_or_else(nothing, |pace| words::duration(pace.secs_left.into()))),
        ("Loss", false, point.map_or_else(nothing, |point| format!("{:.3}", point.loss))),
        ("Accuracy", false, point.map_or_else(nothing, |point| share(point.accuracy))),
        ("Validation", false, training.last_validation().map_or_else(nothing, |validation| share(validation.accuracy))),
    ];
    let figure = |(name, is_minor, figure): &(&'static str, bool, String)| {
        html! { <div class={is_minor.then_some("is-minor")}><dt>{ explained(name) }</dt><dd>{ figure }</dd></div> }
    };
    html! { <dl class="run-figures figures">{ for figures.iter().map(figure) }</dl> }
}

//! The guided tasks, folded at first. Their steps are ticked from real runs.

use yew::prelude::*;

use super::term::explained;
use crate::ui::intent::Intent;
use crate::ui::state::State;
use crate::ui::tasks::Task;

/// The folded place, and the task that is shown.
pub fn tasks(state: &State, on_intent: &Callback<Intent>) -> Html {
    let shown = state.task;
    // The state opens and closes it, so that the two always agree.
    let onclick = on_intent.reform(move |event: MouseEvent| {
        event.prevent_default();
        Intent::OpenTask(if shown.is_none() { Some(Task::Overfit) } else { None })
    });
    html! {
        <div class="plan tasks">
            <details open={shown.is_some()}>
                <summary data-action="tasks" {onclick}>{ "Guided tasks" }</summary>
                { for shown.map(|task| opened(task, state, on_intent)) }
            </details>
        </div>
    }
}

fn opened(task: Task, state: &State, on_intent: &Callback<Intent>) -> Html {
    let (ticks, said) = task.check(&state.seen());
    let is_set = state.plan.settings == task.settings();
    let choice = |other: Task| {
        let onclick = on_intent.reform(move |_: MouseEvent| Intent::OpenTask(Some(other)));
        let is_shown = (other == task).to_string();
        html! {
            <button type="button" class="small-button" data-action={format!("task-{}", other.name())} aria-pressed={is_shown} {onclick}>
                { other.title() }
            </button>
        }
    };
    // A step that changes is another element, because a translator may have replaced its words.
    let step = |(place, (words, is_done)): (usize, (&&'static str, bool))| {
        let (mark, spoken) = if is_done { ("✓", "Done: ") } else { ("○", "To do: ") };
        html! {
            <li key={2 * place + usize::from(is_done)} data-tick={is_done.to_string()}>
                <span aria-hidden="true">{ mark }</span>
                <span class="unseen">{ spoken }</span>
                { *words }
            </li>
        }
    };
    let on_prepare = on_intent.reform(move |_: MouseEvent| Intent::PrepareTask(task));
    html! {
        <div class="task" key={task.name()} data-task={task.name()}>
            <div class="buttons">{ for Task::ALL.into_iter().map(choice) }</div>
            <div class="task-lead">{ explained(task.lead()) }</div>
            <div class="task-start">
                <button type="button" class="button" data-action="prepare-task" disabled={is_set} onclick={on_prepare}>
                    { "Set the first run" }
                </button>
                <p class="quiet" role="status" translate="no">
                    if is_set {
                        { format!("Set: {} Start it with “Train from scratch”.", state.plan.sentence()) }
                    } else {
                        { "Fills in the settings. Nothing starts by itself." }
                    }
                </p>
            </div>
            <ol class="task-steps" role="list">{ for task.steps().iter().zip(ticks).enumerate().map(step) }</ol>
            <p class="task-said" role="status" translate="no">{ said }</p>
        </div>
    }
}

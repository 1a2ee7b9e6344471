//! The parameters and costs of the whole network.

use yew::prelude::*;

use super::Shown;
use crate::domain::settings::ALL_IMAGES;
use crate::spec::Cost;
use crate::ui::state::Edit;
use crate::ui::words;

/// Parameters, memory for training, and the time of an epoch here, after it has been measured.
pub fn sum(shown: &Shown) -> Html {
    let (plan, builder) = (&shown.state.plan, &shown.state.builder);
    let settings = &plan.settings;
    let cost = Cost::of(shown.places);
    let is_possible = settings.check().is_ok();
    let figures = if shown.error.is_some() {
        "A card says what is wrong. Mend it, and the run can begin.".into()
    } else {
        format!(
            "{} parameters, {} multiply-adds an image. Training takes about {} of memory with {} images at a time.",
            words::count(cost.parameters),
            words::multiply_adds(cost.multiply_adds),
            words::bytes(cost.training_bytes(settings.batch_size)),
            settings.batch_size,
        )
    };
    let time = match (builder.step_ms(settings), shown.state.free_device()) {
        (Some(step_ms), Some(device)) => html! {
            <p class="figures" data-step-ms={format!("{step_ms:.3}")}>
                { epoch(step_ms, settings.steps_per_epoch(ALL_IMAGES), device) }
            </p>
        },
        (_, device) => {
            let label = if builder.is_timing { "Timing two steps…" } else { "Time an epoch" };
            shown.button("time-step", label, device.is_none() || !is_possible || builder.is_timing, Edit::Time)
        }
    };
    html! { <div class="builder-sum"><p class="figures">{ figures }</p>{ time }</div> }
}

/// "An epoch takes about 36 s: 351 steps of 104 ms on the CPU."
fn epoch(step_ms: f32, steps: u64, device: &str) -> String {
    let secs = f64::from(step_ms) * steps as f64 / 1_000.0;
    format!(
        "An epoch takes about {}: {} steps of {} on {device}.",
        words::duration(secs),
        words::count(steps),
        words::milliseconds(step_ms)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_an_epoch_is_that_of_its_steps() {
        assert_eq!(epoch(104.0, 351, "the CPU"), "An epoch takes about 37 s: 351 steps of 104 ms on the CPU.");
    }
}

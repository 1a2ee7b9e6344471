//! The time that a visitor waits for an accuracy, for `cargo xtask time-to-accuracy`. It counts from pressing Train,
//! with the page's default settings for the article's network, from scratch.

use crate::{browser::Kind, images::real_files, tab::Tab};
use std::{
    env,
    thread::sleep,
    time::{Duration, Instant},
};
use tenfold::domain::NetworkName;

/// The accuracies on the test images that the run is timed to, in percent.
const GOALS: [f64; 2] = [65.0, 70.0];

/// The steps on WebGPU that are timed, after the first ten.
const WEBGPU_STEPS: u64 = 60;

/// The figures of a run that the page shows.
struct Seen {
    step: u64,
    /// The accuracy on validation images in percent; none before the end of the first epoch.
    validation: Option<f64>,
}

/// The time at which an accuracy was reached.
struct Reached {
    goal: f64,
    minutes: f64,
    step: u64,
}

impl Tab {
    /// A tab on `device` with CIFAR-10, and the moment at which its run began.
    fn training_on(device: &str) -> Option<(Self, Instant)> {
        let around = real_files()?;
        let tab = Self::open(Kind::WebGpu);
        tab.server().serve_data(&around);
        tab.visit(&format!("?device={device}&network=cui2017#learn"));
        tab.wait_until_ready();
        assert_eq!(tab.attribute("data-device"), device);
        tab.click("[data-action=fetch]");
        tab.wait_for_images();
        tab.click("[data-action=train]");
        let began = Instant::now();
        tab.wait_until("a run", "document.documentElement.dataset.phase === 'training'");
        Some((tab, began))
    }

    fn seen(&self) -> Seen {
        let validation = self.evaluate("document.querySelector('.run-figures div:last-child dd')?.innerText ?? ''");
        let validation = validation.as_str().and_then(|text| text.trim_end_matches('%').parse().ok());
        Seen { step: self.attribute("data-step").parse().unwrap_or(0), validation }
    }

    /// The run's accuracy on all test images in percent, measured between two of its steps.
    fn accuracy_now(&self) -> f64 {
        self.click("[data-action=test]");
        self.accuracy_of_next_test()
    }

    fn accuracy_of_next_test(&self) -> f64 {
        let is_testing = "document.querySelector('[data-action=test]').disabled";
        self.wait_until("the test", is_testing);
        self.wait_until("the test's end", &format!("!{is_testing}"));
        self.text(".results .headline").trim_end_matches('%').parse().expect("a percentage")
    }
}

#[test]
#[ignore = "takes most of an hour, and prints instead of judging: `cargo xtask time-to-accuracy` runs it"]
fn time_to_accuracy() {
    let Some((tab, began)) = Tab::training_on("cpu") else { return };
    let settings = NetworkName::Cui2017.page_settings();
    let step_count = settings.steps_per_epoch(50_000) * u64::from(settings.epochs);
    let mut reached: Vec<Reached> = Vec::new();
    // The time of the measurements is subtracted, because a visitor does not wait for them.
    let mut tests = Duration::ZERO;
    let mut told = None;
    loop {
        let Seen { step, validation } = tab.seen();
        let minutes = (began.elapsed() - tests).as_secs_f64() / 60.0;
        let is_over = tab.attribute("data-phase") != "training";
        let accuracy = if is_over {
            // The page measures a complete run by itself.
            tab.accuracy_of_next_test()
        } else if validation == told || step >= step_count {
            sleep(Duration::from_millis(500));
            continue;
        } else {
            told = validation;
            let start = Instant::now();
            let accuracy = tab.accuracy_now();
            tests += start.elapsed();
            accuracy
        };
        println!(
            "{minutes:6.1} min, step {step:>5}: {:.1}% validated, {accuracy:.1}% tested",
            validation.unwrap_or(0.0)
        );
        let beyond = |goal: &f64| accuracy >= *goal && reached.iter().all(|reached| reached.goal != *goal);
        let new: Vec<_> = GOALS.into_iter().filter(beyond).map(|goal| Reached { goal, minutes, step }).collect();
        reached.extend(new);
        if is_over {
            break;
        }
    }
    for Reached { goal, minutes, step } in &reached {
        println!("CPU: {goal}% of the test images after {minutes:.1} min, {step} steps");
    }
    drop(tab);

    if env::var_os("TENFOLD_CPU_ALONE").is_some() {
        return;
    }
    let (tab, _) = Tab::training_on("webgpu").expect("the images were there");
    let wait = |step| loop {
        let seen = tab.seen();
        if seen.step >= step {
            return (Instant::now(), seen.step);
        }
        sleep(Duration::from_millis(100));
    };
    let ((first_at, first), (last_at, last)) = (wait(10), wait(10 + WEBGPU_STEPS));
    let step_secs = (last_at - first_at).as_secs_f64() / (last - first) as f64;
    println!("WebGPU: {step_secs:.3} s a step, measured over {} steps", last - first);
    for Reached { goal, step, .. } in &reached {
        println!("WebGPU: {goal}% after {:.0} min, extrapolated to {step} steps", step_secs * *step as f64 / 60.0);
    }
}

//! How long a visitor waits for an accuracy, as `cargo xtask time-to-accuracy` asks: from pressing Train, with the page's
//! own settings for the article's network, from scratch.

use crate::{browser::Kind, images::real_files, tab::Tab};
use std::{
    env,
    thread::sleep,
    time::{Duration, Instant},
};

/// The accuracies on the validation images that are waited for, in percent.
const GOALS: [f64; 2] = [65.0, 70.0];

/// Steps on WebGPU that are timed, after the first ten.
const WEBGPU_STEPS: u64 = 40;

/// What a run has shown so far.
struct Seen {
    at: Instant,
    step: u64,
    /// Percent; none before the first epoch's end.
    validation: Option<f64>,
}

impl Tab {
    /// A tab on `device` with CIFAR-10, and the moment when its run began.
    fn training_on(device: &str) -> Option<(Self, Instant)> {
        let around = real_files()?;
        let tab = Self::open(Kind::WebGpu);
        tab.server().serve_data(&around);
        tab.visit(&format!("?device={device}&network=cui2017"));
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
        Seen { at: Instant::now(), step: self.attribute("data-step").parse().unwrap_or(0), validation }
    }
}

fn minutes(from: Instant, to: Instant) -> f64 {
    (to - from).as_secs_f64() / 60.0
}

#[test]
#[ignore = "takes most of an hour, and prints instead of judging: `cargo xtask time-to-accuracy` runs it"]
fn time_to_accuracy() {
    let Some((tab, began)) = Tab::training_on("cpu") else { return };
    let mut goals = GOALS.iter().peekable();
    let mut reached = Vec::new();
    let mut told = None;
    let seen = loop {
        let seen = tab.seen();
        if seen.validation != told {
            told = seen.validation;
            println!("{:6.1} min, step {:>6}: {:.1}%", minutes(began, seen.at), seen.step, told.unwrap_or(0.0));
        }
        while let Some(goal) = goals.next_if(|goal| told.is_some_and(|accuracy| accuracy >= **goal)) {
            reached.push((goal, minutes(began, seen.at), seen.step));
        }
        if tab.attribute("data-phase") != "training" {
            break seen;
        }
        sleep(Duration::from_secs(1));
    };
    println!("CPU: {} steps in {:.1} min, then {}", seen.step, minutes(began, seen.at), tab.attribute("data-phase"));
    for (goal, minutes, step) in &reached {
        println!("CPU: {goal}% of the validation images after {minutes:.1} min, {step} steps");
    }
    tab.wait_until("the test", "document.querySelector('.results .headline')");
    println!("CPU: {} of the test images at the end", tab.text(".results .headline"));
    drop(tab);

    if env::var_os("TENFOLD_CPU_ALONE").is_some() {
        return;
    }
    let (tab, _) = Tab::training_on("webgpu").expect("the images were there");
    let wait = |step| loop {
        let seen = tab.seen();
        if seen.step >= step {
            return seen;
        }
        sleep(Duration::from_millis(100));
    };
    let (first, last) = (wait(10), wait(10 + WEBGPU_STEPS));
    let step_secs = (last.at - first.at).as_secs_f64() / (last.step - first.step) as f64;
    println!("WebGPU: {:.3} s a step, measured over {} steps", step_secs, last.step - first.step);
    for (goal, _, step) in &reached {
        println!("WebGPU: {goal}% after {:.0} min, extrapolated to {step} steps", step_secs * *step as f64 / 60.0);
    }
}

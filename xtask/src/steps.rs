//! Runs named steps one after another, measures their time, and prints a summary.

use crate::Result;
use std::time::{Duration, Instant};

/// The result of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    /// The reason, as a sentence.
    Failed(String),
    /// The earlier step that it needs and that did not pass.
    Skipped(&'static str),
}

/// The results so far.
#[derive(Default)]
pub struct Report {
    rows: Vec<(&'static str, Outcome, Duration)>,
}

impl Report {
    /// Runs `step` under a heading and records its result. Skips it if one of the steps that it `needs` did not pass.
    pub fn step(&mut self, name: &'static str, what: &str, needs: &[&'static str], step: impl FnOnce() -> Result) {
        println!("\n== {name}: {what}");
        let started = Instant::now();
        let missing = self.rows.iter().find(|row| needs.contains(&row.0) && row.1 != Outcome::Passed);
        let outcome = match missing.map(|row| row.0) {
            Some(earlier) => Outcome::Skipped(earlier),
            None => step().map_or_else(Outcome::Failed, |()| Outcome::Passed),
        };
        let took = started.elapsed();
        println!("== {name}: {}, {}", sentence(&outcome), readable(took));
        self.rows.push((name, outcome, took));
    }

    /// Prints the table, the `skipped` tests, and the totals on the last line.
    ///
    /// # Errors
    /// If a step failed.
    pub fn finish(self, skipped: &[String]) -> Result {
        println!("\n{:<14}{:>9}  outcome", "step", "time");
        for (name, outcome, took) in &self.rows {
            println!("{name:<14}{:>9}  {}", readable(*took), sentence(outcome));
        }
        println!("\ntests skipped: {}", skipped.len());
        skipped.iter().for_each(|line| println!("  {line}"));
        let count = |wanted: fn(&Outcome) -> bool| self.rows.iter().filter(|row| wanted(&row.1)).count();
        let passed = count(|outcome| *outcome == Outcome::Passed);
        let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
        let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
        let closing = match skipped {
            0 => format!("{passed} passed, {failed} failed"),
            _ => format!("{passed} passed, {failed} failed, {skipped} skipped"),
        };
        if failed > 0 {
            // This comes before the totals, which must be the last line.
            eprintln!("xtask: not every step passed");
        }
        println!("{closing}");
        if failed > 0 { std::process::exit(1) } else { Ok(()) }
    }
}

fn sentence(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed(why) => format!("FAILED: {why}"),
        Outcome::Skipped(earlier) => format!("skipped, because `{earlier}` did not pass"),
    }
}

/// `12.3 s`, or `4 min 05 s` from one minute on.
fn readable(duration: Duration) -> String {
    match duration.as_secs() {
        0..60 => format!("{:.1} s", duration.as_secs_f32()),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_skipped_when_one_that_it_needs_failed() {
        let mut report = Report::default();
        report.step("build", "fails", &[], || Err("no disk".to_owned()));
        report.step("visit", "needs the build", &["build"], || panic!("runs although its need failed"));
        report.step("format", "needs nothing", &[], || Ok(()));
        let outcomes: Vec<_> = report.rows.into_iter().map(|row| row.1).collect();
        assert_eq!(outcomes, [Outcome::Failed("no disk".to_owned()), Outcome::Skipped("build"), Outcome::Passed]);
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(readable(Duration::from_millis(1_250)), "1.2 s");
        assert_eq!(readable(Duration::from_secs(245)), "4 min 05 s");
    }
}

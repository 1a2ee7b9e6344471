//! A long use of the page, for `cargo xtask soak`: thousands of pictures, a thousand steps, hundreds of reloads and
//! kills. Its time is limited, and it prints a table.

use crate::{browser::Kind, files, tab::Tab};
use std::{
    env,
    time::{Duration, Instant},
};

/// The variable with the minutes that all parts may take together.
const MINUTES: &str = "TENFOLD_SOAK_MINUTES";

/// The time that is left for all parts.
struct Time {
    end: Instant,
    parts_left: u32,
}

impl Time {
    fn begin(parts: u32) -> Self {
        let minutes: u64 = env::var(MINUTES).map_or(20, |minutes| minutes.parse().expect("a number of minutes"));
        Self { end: Instant::now() + Duration::from_secs(60 * minutes), parts_left: parts }
    }

    /// The end of the next part. It gets an equal share of the time that earlier parts left.
    fn next_part(&mut self) -> Instant {
        let now = Instant::now();
        let share = self.end.saturating_duration_since(now) / self.parts_left;
        self.parts_left -= 1;
        now + share
    }
}

/// The pictures that are dropped at once, as many as the strip holds.
const AT_ONCE: usize = 200;

/// A run that lasts longer than any part, and is kept at the end of each of its short epochs.
const RUN: &str = "?device=cpu&network=cui2017&batch=16&epochs=1000&images=1000";

/// The result of a part.
struct Row {
    part: &'static str,
    done: usize,
    wanted: usize,
    /// The memory of page and worker at the beginning and at the end, if the part uses one of each.
    megabytes: Option<[f64; 2]>,
    runs_lost: usize,
    unexplained: usize,
}

impl Row {
    /// Prints the row.
    fn printed(self) -> Self {
        let [first, last] = self.megabytes.map_or(["-".into(), "-".into()], |both| both.map(|mb| format!("{mb:.1}")));
        println!(
            "{:32}{:>8}{:>8}{first:>12}{last:>12}{:>11}{:>13}",
            self.part, self.done, self.wanted, self.runs_lost, self.unexplained
        );
        self
    }
}

/// Pseudorandom numbers, the same in each soak (Knuth's MMIX generator).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

impl Tab {
    /// Whether the page has stopped without saying why.
    fn is_unexplained(&self) -> bool {
        self.attribute("data-phase") == "failed" && self.alerts().is_empty()
    }

    /// Whether the page offers a kept run within the time that it takes to look at the shelf.
    fn offers_a_kept_run(&self) -> bool {
        let seen = self.evaluate(
            "new Promise(resolve => {
                const end = performance.now() + 30000;
                const look = () => {
                    const isOffered = Boolean(document.querySelector('main .controls [data-action=resume]'));
                    if (isOffered || performance.now() > end) resolve(isOffered); else setTimeout(look, 20);
                };
                look();
            })",
        );
        seen == true
    }

    /// Begins or resumes the run, whichever the page offers, and waits until it trains.
    fn go_on(&self) {
        let button =
            "document.querySelector('main .controls [data-action=resume], main .controls [data-action=train]')";
        self.wait_until("a way to train", &format!("{button} && !{button}.disabled"));
        self.evaluate(&format!("{button}.click()"));
        self.wait_until("a run", "document.documentElement.dataset.phase === 'training'");
    }

    /// The memory of the page and its `worker` while the run is paused. The browser counts nothing in a busy worker.
    fn megabytes_at_rest(&self, worker: &str) -> f64 {
        self.click("[data-action=pause]");
        self.wait_for_phase("paused");
        let megabytes = self.megabytes(worker);
        self.click("[data-action=resume]");
        self.wait_for_phase("training");
        megabytes
    }
}

/// Pictures, as many at once as the strip holds.
fn pictures(wanted: usize, end: Instant) -> Row {
    let tab = Tab::ready_on_cpu();
    let worker = tab.worker();
    let folder = files::folder("soak");
    let paths: Vec<_> = (0..AT_ONCE)
        .map(|at| files::write(&folder, &format!("{at}.png"), &files::pictures()[at % files::pictures().len()]))
        .collect();
    let (mut done, mut first) = (0, None);
    while done < wanted && Instant::now() < end {
        tab.drop_files(&paths);
        tab.wait_until(
            "all answers",
            &format!("document.querySelectorAll('[data-winner][data-picture]').length === {AT_ONCE}"),
        );
        done += AT_ONCE;
        tab.click("[data-action=clear]");
        tab.wait_until("an empty strip", "!document.querySelector('[data-picture]')");
        first = first.or_else(|| Some(tab.megabytes(&worker)));
    }
    let megabytes = first.map(|first| [first, tab.megabytes(&worker)]);
    let unexplained = usize::from(tab.is_unexplained()) + tab.uncaught().len();
    Row { part: "pictures", done, wanted, megabytes, runs_lost: 0, unexplained }
}

/// Steps, with a picture every second step.
fn steps(wanted: usize, end: Instant) -> Option<Row> {
    let tab = Tab::with_images(Kind::WebGpu, RUN)?;
    let worker = tab.worker();
    let path = files::write(&files::folder("soak-steps"), "cat.png", files::cat());
    tab.go_on();
    tab.show("look");
    tab.wait_for_step(10);
    let (mut done, mut first) = (0, None);
    while done < wanted && Instant::now() < end {
        tab.drop_files(&[&path]);
        tab.wait_for_step(done as u64 + 2);
        done = tab.attribute("data-step").parse().expect("a number of steps");
        if tab.evaluate("document.querySelectorAll('[data-picture]').length").as_u64() >= Some(50) {
            tab.click("[data-action=clear]");
            first = first.or_else(|| Some(tab.megabytes_at_rest(&worker)));
        }
    }
    let megabytes = first.map(|first| [first, tab.megabytes_at_rest(&worker)]);
    let unexplained = usize::from(tab.is_unexplained()) + tab.uncaught().len();
    Some(Row { part: "steps, a picture every second", done, wanted, megabytes, runs_lost: 0, unexplained })
}

/// Ends a run at random moments by `break_off`, `wanted` times. A run that was kept must be there again each time.
fn ends(part: &'static str, wanted: usize, end: Instant, mut break_off: impl FnMut(&Tab)) -> Option<Row> {
    let tab = Tab::with_images(Kind::WebGpu, RUN)?;
    tab.go_on();
    // The run is kept after its first epoch of 62 steps.
    tab.wait_for_step(64);
    let mut random = Random(7);
    let (mut done, mut runs_lost, mut unexplained) = (0, 0, 0);
    while done < wanted && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(random.below(1_500)));
        break_off(&tab);
        tab.wait_until_ready();
        unexplained += usize::from(tab.is_unexplained());
        runs_lost += usize::from(!tab.offers_a_kept_run());
        done += 1;
        tab.go_on();
    }
    Some(Row { part, done, wanted, megabytes: None, runs_lost, unexplained })
}

#[test]
#[ignore = "takes up to twenty minutes: `cargo xtask soak` runs it"]
fn a_long_use_takes_no_more_memory_loses_no_run_and_explains_itself() {
    let mut time = Time::begin(4);
    println!(
        "{:32}{:>8}{:>8}{:>12}{:>12}{:>11}{:>13}",
        "", "done", "of", "MB first", "MB last", "runs lost", "unexplained"
    );
    // Each row is printed at once, so that the rows before a part that fails are seen.
    let mut rows = vec![pictures(10_000, time.next_part()).printed()];
    rows.extend(steps(1_000, time.next_part()).map(Row::printed));
    let reloads = ends("reloads at random moments", 200, time.next_part(), |tab| {
        tab.visit(RUN);
        tab.show("learn");
    });
    rows.extend(reloads.map(Row::printed));
    let kills = ends("kills of the worker", 50, time.next_part(), |tab| {
        tab.evaluate_in_worker("setTimeout(() => { throw new WebAssembly.RuntimeError('unreachable'); })");
        tab.wait_until("the death", "document.documentElement.dataset.phase === 'failed'");
        assert!(!tab.alerts().is_empty(), "a death is told");
        tab.click(".network [data-action=retry]");
    });
    rows.extend(kills.map(Row::printed));
    for row in &rows {
        assert_eq!((row.runs_lost, row.unexplained), (0, 0), "{}", row.part);
        if let Some([first, last]) = row.megabytes {
            assert!(last <= first * 1.1, "{}: {first} MB became {last} MB", row.part);
        }
    }
}

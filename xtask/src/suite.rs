//! The steps of `cargo xtask test`: what each checks, and by which command.

use crate::{
    Result,
    browser::Browser,
    gpu,
    page::Page,
    process::{cargo, run as command, target_directory},
    skips,
    steps::Report,
    tools::{self, Tools},
};
use std::process::Command;

/// A step, as `--only` and the help name it.
pub struct Step {
    pub name: &'static str,
    pub what: &'static str,
    /// Steps without which this one makes no sense.
    needs: &'static [&'static str],
    run: fn(&Run) -> Result,
}

/// What the steps of one run share.
struct Run {
    tools: Tools,
    /// The page that is used in a browser: the shipped one where this run builds it, else one that is sooner built.
    page: Page,
    /// What the names of the tests contain that run; all do where none is given.
    filter: Vec<String>,
}

/// In the order in which they run: what fails soonest comes first.
pub const STEPS: [Step; 8] = [
    Step { name: "format", what: "the sources are formatted", needs: &[], run: format },
    Step { name: "clippy", what: "no warning in the native build", needs: &[], run: clippy },
    Step { name: "clippy-wasm", what: "no warning in the page and the worker", needs: &[], run: clippy_wasm },
    Step { name: "native", what: "unit and integration tests on this machine's CPU", needs: &[], run: native },
    Step { name: "webgpu", what: "numbers and kernels on WebGPU in a native program", needs: &[], run: webgpu },
    Step { name: "build", what: "the page that is shipped is built into dist/", needs: &[], run: build },
    Step { name: "browser", what: "numbers and kernels on WebGPU in a real browser", needs: &[], run: in_browser },
    Step {
        name: "end-to-end",
        what: "the page, used in a real browser: the shipped one after `build`, else a quick one",
        needs: &["build"],
        run: end_to_end,
    },
];

/// Target and profile of all wasm but the shipped page's.
///
/// With the features below these are the quick page's own, so that Burn is compiled for wasm once for the tests and the
/// page that is served, and once more for the one that is shipped.
const WASM: [&str; 4] = ["--target", "wasm32-unknown-unknown", "--profile", "quick"];

/// The features of the page's wasm, as index.html has them.
const PAGE: [&str; 3] = ["--no-default-features", "--features", "page"];

/// The features of the worker's wasm, as index.html has them.
const WORKER: [&str; 3] = ["--no-default-features", "--features", "gpu"];

/// The same with the kernels' clock.
const PROFILED: [&str; 3] = ["--no-default-features", "--features", "profile"];

/// What the native tests share, so that they also share what is compiled, with each other and with `pretrain`.
const NATIVE: [&str; 2] = ["--release", "--workspace"];

/// The page's own unit tests: without Burn, and apart, because the page's libraries would have Burn compiled anew.
const NATIVE_PAGE: [&str; 5] = ["--release", "--no-default-features", "--features", "page", "--lib"];

/// The tests that use the built page or read its files.
const ON_THE_BUILT_PAGE: [&str; 6] = ["--test", "e2e", "--test", "shipped_size", "--test", "shipped_wasm"];

const NO_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

/// Runs the steps named, or all if none is; of their tests those whose names contain a word of `filter`, or all. Where the
/// run `is_whole`, a step fails of which a test was skipped for want of something.
///
/// # Errors
/// If the tools cannot be installed; where a step fails, this program ends with the report.
pub fn run(names: &[String], filter: Vec<String>, is_whole: bool) -> Result {
    println!("== tools: what building and testing take is installed");
    let tools = tools::install()?;
    let is_chosen = |step: &str| names.is_empty() || names.iter().any(|name| name == step);
    let page = if is_chosen("build") { Page::Shipped } else { Page::Quick };
    let run = Run { tools, page, filter };
    let (mut report, mut skipped) = (Report::default(), Vec::new());
    // What an interrupted run left.
    skips::take()?;
    for step in STEPS.iter().filter(|step| is_chosen(step.name)) {
        report.step(step.name, step.what, step.needs, || {
            let outcome = (step.run)(&run);
            let new = skips::take()?;
            skipped.extend_from_slice(&new);
            outcome?;
            if is_whole { skips::refusal(&new) } else { Ok(()) }
        });
    }
    report.finish(&skipped)
}

fn format(_: &Run) -> Result {
    command(cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(_: &Run) -> Result {
    let everything = ["--release", "--workspace", "--all-targets", "--features", "page"];
    command(cargo().arg("clippy").args(everything).args(NO_WARNINGS))?;
    // Cargo leaves out tests that `cargo test` is not to run by itself.
    command(cargo().arg("clippy").args(["--release", "--features", "page"]).args(ON_THE_BUILT_PAGE).args(NO_WARNINGS))
}

fn clippy_wasm(_: &Run) -> Result {
    command(cargo().arg("clippy").args(WASM).args(PAGE).args(["--lib", "--bin", "app"]).args(NO_WARNINGS))?;
    let worker = ["--lib", "--bin", "worker", "--test", "browser"];
    command(cargo().arg("clippy").args(WASM).args(WORKER).args(worker).args(NO_WARNINGS))?;
    command(cargo().arg("clippy").args(WASM).args(PROFILED).args(["--lib", "--test", "profile"]).args(NO_WARNINGS))
}

fn native(run: &Run) -> Result {
    // Not the examples, whose compilation takes minutes and which clippy reads; nor tests in documentation, which has none.
    let targets = ["--lib", "--bins", "--tests"];
    command(
        cargo().arg("test").args(NATIVE).args(targets).arg("--").args(&run.filter).env(skips::VARIABLE, skips::list()),
    )?;
    command(cargo().arg("test").args(NATIVE_PAGE).arg("--").args(&run.filter).env(skips::VARIABLE, skips::list()))
}

/// Where no driver is there and none can be installed, the step is skipped, and says so.
fn webgpu(run: &Run) -> Result {
    if let Err(sentence) = gpu::find_or_install_driver() {
        return skips::note(&format!("the step webgpu: {sentence}"));
    }
    command(cargo().arg("test").args(gpu::NATIVE_WEBGPU).args(["--test", "webgpu", "--"]).args(&run.filter))
}

fn build(run: &Run) -> Result {
    Page::Shipped.build(&run.tools)
}

fn in_browser(run: &Run) -> Result {
    wasm_test(&run.tools, WORKER, "browser", &run.filter)
}

/// Prints how long each kernel runs on WebGPU.
///
/// # Errors
/// If the browser cannot be found, or its adapter tells no times.
pub fn profile(tools: &Tools) -> Result {
    wasm_test(tools, PROFILED, "profile", &[])
}

/// Runs an in-browser test, in a worker of a real browser.
fn wasm_test(tools: &Tools, features: [&str; 3], name: &str, filter: &[String]) -> Result {
    let browser = Browser::find_or_install()?;
    let mut test = cargo();
    tools.offer(&mut test).arg("test").args(WASM).args(features).args(["--test", name]);
    test.args(["--", "--nocapture"]).args(filter);
    test.env("CHROMEDRIVER", &browser.driver).env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", browser.capabilities()?);
    // In seconds. WebGPU runs on the CPU here, and compiling the worker's wasm alone outlasts the runner's own 5 and 20.
    test.env("WASM_BINDGEN_TEST_TIMEOUT", "900").env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    command(&mut test)
}

/// Builds the page and prints how long its training and its predictions take; with `is_saved`, later runs are compared
/// with this one.
///
/// # Errors
/// If the page cannot be built or used.
pub fn bench(tools: &Tools, is_saved: bool) -> Result {
    let mut bench = long_test(tools, "bench::bench")?;
    bench.env("TENFOLD_BASELINE", target_directory().join("tenfold-bench.json"));
    if is_saved {
        bench.env("TENFOLD_SAVE", "1");
    }
    command(&mut bench)
}

/// Builds the page, trains in it with its own settings, and prints how long it took to be right how often.
///
/// # Errors
/// If the page cannot be built or used.
pub fn time_to_accuracy(tools: &Tools) -> Result {
    command(&mut long_test(tools, "pace::time_to_accuracy")?)
}

/// Builds the page and compares the memory that it takes after a hundred training steps and after a thousand.
///
/// # Errors
/// If the page cannot be built or used, or takes more and more.
pub fn memory(tools: &Tools) -> Result {
    let name = "memory::training_takes_no_more_memory_after_a_thousand_steps_than_after_a_hundred";
    command(&mut long_test(tools, name)?)
}

/// Builds the page and uses it for so many minutes: prints what was done, the memory taken, and what was lost.
///
/// # Errors
/// If the page cannot be built or used, loses a run, stops without a word, or takes more and more memory.
pub fn soak(tools: &Tools, minutes: u32) -> Result {
    let name = "soak::a_long_use_takes_no_more_memory_loses_no_run_and_explains_itself";
    command(long_test(tools, name)?.env("TENFOLD_SOAK_MINUTES", minutes.to_string()))
}

/// Builds the page and makes the pictures in the documentation anew.
///
/// # Errors
/// If the page cannot be built or used.
pub fn pictures(tools: &Tools) -> Result {
    command(&mut long_test(tools, "pictures::the_documentation_shows_an_answer_and_a_run")?)
}

/// The end-to-end test of this name, which takes too long to be run with the others, on a page built for it.
fn long_test(tools: &Tools, name: &str) -> Result<Command> {
    Page::Shipped.build(tools)?;
    let browser = Browser::find_or_install()?;
    let mut test = cargo();
    test.arg("test").args(NATIVE).args(["--test", "e2e", "--", "--ignored", "--exact", name, "--nocapture"]);
    test.env("TENFOLD_DIST", Page::Shipped.dist()).env("CHROME", &browser.program);
    Ok(test)
}

/// Builds the page and prints the sizes of its code.
///
/// # Errors
/// If the page cannot be built.
pub fn size(tools: &Tools) -> Result {
    Page::Shipped.build(tools)?;
    let named = target_directory().join("wasm32-unknown-unknown").join("worker").join("worker.wasm");
    let mut table = cargo();
    table.arg("test").args(NATIVE).args([
        "--test",
        "shipped_size",
        "--",
        "--ignored",
        "--exact",
        "table",
        "--nocapture",
    ]);
    command(table.env("TENFOLD_DIST", Page::Shipped.dist()).env("TENFOLD_NAMED_WASM", named))
}

fn end_to_end(run: &Run) -> Result {
    // After the step `build` the page is there, and this says so.
    run.page.build(&run.tools)?;
    let browser = Browser::find_or_install()?;
    let mut test = cargo();
    test.arg("test").args(NATIVE).args(ON_THE_BUILT_PAGE).args(["--", "--test-threads", "1"]).args(&run.filter);
    if run.page == Page::Quick {
        // The budgets are those of the page that is shipped.
        test.args(["--skip", "budget"]);
    }
    test.env(skips::VARIABLE, skips::list());
    command(test.env("TENFOLD_DIST", run.page.dist()).env("CHROME", &browser.program))
}

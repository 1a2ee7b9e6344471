//! The steps of `cargo xtask test`, with the commands that they run.

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

/// A step of `cargo xtask test`.
pub struct Step {
    pub name: &'static str,
    pub what: &'static str,
    /// Steps that must pass before this one can run.
    needs: &'static [&'static str],
    run: fn(&Run) -> Result,
}

/// Data that the steps of a run share.
struct Run {
    tools: Tools,
    /// The page for the end-to-end tests: the shipped one if this run builds it, otherwise the quick one.
    page: Page,
    /// Words; only tests whose names contain one of them run. Empty means all tests.
    filter: Vec<String>,
}

/// The steps in their order: quick ones come first.
pub const STEPS: [Step; 8] = [
    Step { name: "format", what: "the sources are formatted", needs: &[], run: format },
    Step { name: "clippy", what: "no warning in the native build", needs: &[], run: clippy },
    Step { name: "clippy-wasm", what: "no warning in the page and the worker", needs: &[], run: clippy_wasm },
    Step { name: "native", what: "unit and integration tests on this machine's CPU", needs: &[], run: native },
    Step { name: "webgpu", what: "numbers and kernels on WebGPU in a native program", needs: &[], run: webgpu },
    Step { name: "build", what: "the shipped page is built into dist/", needs: &[], run: build },
    Step { name: "browser", what: "numbers and kernels on WebGPU in a real browser", needs: &[], run: in_browser },
    Step {
        name: "end-to-end",
        what: "the page in a real browser: the shipped one after `build`, else a quick one",
        needs: &["build"],
        run: end_to_end,
    },
];

/// Target and profile of all wasm except that of the shipped page.
///
/// With the features below they are the same as for the quick page. So Burn is compiled for wasm once for the tests and
/// the quick page, and once more for the shipped page.
const WASM: [&str; 4] = ["--target", "wasm32-unknown-unknown", "--profile", "quick"];

/// The features of the page's wasm, as index.html has them.
const PAGE: [&str; 3] = ["--no-default-features", "--features", "page"];

/// The features of the worker's wasm, as index.html has them.
const WORKER: [&str; 3] = ["--no-default-features", "--features", "gpu"];

/// The features of the worker's wasm with timers for the kernels.
const PROFILED: [&str; 3] = ["--no-default-features", "--features", "profile"];

/// Common options of native tests. They are the same as for `pretrain`, so that all share their compiled dependencies.
const NATIVE: [&str; 2] = ["--release", "--workspace"];

/// Unit tests of the page, without Burn. They run separately, because the page's dependencies would make Cargo compile
/// Burn again.
const NATIVE_PAGE: [&str; 5] = ["--release", "--no-default-features", "--features", "page", "--lib"];

/// The tests that use the built page or read its files.
const ON_THE_BUILT_PAGE: [&str; 6] = ["--test", "e2e", "--test", "shipped_size", "--test", "shipped_wasm"];

const NO_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

/// Runs the steps in `names`, or all steps if it is empty. Of their tests, runs those whose names contain a word of
/// `filter`, or all. With `is_whole`, a step fails if one of its tests was skipped.
///
/// # Errors
/// If the tools cannot be installed. If a step fails, this program exits after the report.
pub fn run(names: &[String], filter: Vec<String>, is_whole: bool) -> Result {
    println!("== tools: tools for building and testing are installed");
    let tools = tools::install()?;
    let is_chosen = |step: &str| names.is_empty() || names.iter().any(|name| name == step);
    let page = if is_chosen("build") { Page::Shipped } else { Page::Quick };
    let run = Run { tools, page, filter };
    let (mut report, mut skipped) = (Report::default(), Vec::new());
    // Removes the list of an interrupted run.
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
    // Cargo does not check tests with `test = false` in Cargo.toml.
    command(cargo().arg("clippy").args(["--release", "--features", "page"]).args(ON_THE_BUILT_PAGE).args(NO_WARNINGS))
}

fn clippy_wasm(_: &Run) -> Result {
    command(cargo().arg("clippy").args(WASM).args(PAGE).args(["--lib", "--bin", "app"]).args(NO_WARNINGS))?;
    let worker = ["--lib", "--bin", "worker", "--test", "browser"];
    command(cargo().arg("clippy").args(WASM).args(WORKER).args(worker).args(NO_WARNINGS))?;
    command(cargo().arg("clippy").args(WASM).args(PROFILED).args(["--lib", "--test", "profile"]).args(NO_WARNINGS))
}

fn native(run: &Run) -> Result {
    // Examples take minutes to compile, and clippy checks them. There are no tests in the documentation.
    let targets = ["--lib", "--bins", "--tests"];
    command(
        cargo().arg("test").args(NATIVE).args(targets).arg("--").args(&run.filter).env(skips::VARIABLE, skips::list()),
    )?;
    command(cargo().arg("test").args(NATIVE_PAGE).arg("--").args(&run.filter).env(skips::VARIABLE, skips::list()))
}

/// Skips the step and notes it, if there is no driver and none can be installed.
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
/// If no browser is found, or its adapter does not measure times.
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
    // In seconds. WebGPU runs on the CPU here, and compiling the worker's wasm takes longer than the runner's defaults
    // of 5 and 20.
    test.env("WASM_BINDGEN_TEST_TIMEOUT", "900").env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    command(&mut test)
}

/// Builds the page and measures its training and its predictions. With `is_saved`, later runs are compared with this
/// one.
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

/// Builds the page, trains in it with the page's settings, and prints the time to each accuracy.
///
/// # Errors
/// If the page cannot be built or used.
pub fn time_to_accuracy(tools: &Tools) -> Result {
    command(&mut long_test(tools, "pace::time_to_accuracy")?)
}

/// Builds the page and compares its memory after a hundred training steps with that after a thousand.
///
/// # Errors
/// If the page cannot be built or used, or its memory grows.
pub fn memory(tools: &Tools) -> Result {
    let name = "memory::training_takes_no_more_memory_after_a_thousand_steps_than_after_a_hundred";
    command(&mut long_test(tools, name)?)
}

/// Builds the page and uses it for `minutes` minutes. Prints the actions, the memory, and what was lost.
///
/// # Errors
/// If the page cannot be built or used, loses a run, stops without an explanation, or its memory grows.
pub fn soak(tools: &Tools, minutes: u32) -> Result {
    let name = "soak::a_long_use_takes_no_more_memory_loses_no_run_and_explains_itself";
    command(long_test(tools, name)?.env("TENFOLD_SOAK_MINUTES", minutes.to_string()))
}

/// Builds the page and makes the pictures in `docs/` again.
///
/// # Errors
/// If the page cannot be built or used.
pub fn pictures(tools: &Tools) -> Result {
    command(&mut long_test(tools, "pictures::the_documentation_shows_an_answer_and_a_run")?)
}

/// A command that runs the end-to-end test `name`, which is too long to run with the others, on the shipped page.
fn long_test(tools: &Tools, name: &str) -> Result<Command> {
    Page::Shipped.build(tools)?;
    let browser = Browser::find_or_install()?;
    let mut test = cargo();
    test.arg("test").args(NATIVE).args(["--test", "e2e", "--", "--ignored", "--exact", name, "--nocapture"]);
    test.env("TENFOLD_DIST", Page::Shipped.dist()).env("CHROME", &browser.program);
    Ok(test)
}

/// Builds the page and prints the size of its code.
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
    // After the step `build` the page is up to date, and this only says so.
    run.page.build(&run.tools)?;
    let browser = Browser::find_or_install()?;
    let mut test = cargo();
    test.arg("test").args(NATIVE).args(ON_THE_BUILT_PAGE).args(["--", "--test-threads", "1"]).args(&run.filter);
    if run.page == Page::Quick {
        // The size limits hold for the shipped page only.
        test.args(["--skip", "budget"]);
    }
    test.env(skips::VARIABLE, skips::list());
    command(test.env("TENFOLD_DIST", run.page.dist()).env("CHROME", &browser.program))
}

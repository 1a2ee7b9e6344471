//! Builds, serves and tests Tenfold on a machine that has only rustup and a C linker.

mod base;
mod browser;
mod cut;
mod gpu;
mod offline;
mod optimise;
mod page;
mod process;
mod skips;
mod stamp;
mod steps;
mod suite;
mod tools;

use std::{env, process::ExitCode};

/// The result of a command. The error is a sentence for the terminal.
type Result<T = ()> = std::result::Result<T, String>;

/// Duration of the soak test in minutes, unless another is given.
const SOAK_MINUTES: u32 = 20;

const HELP: &str = "\
Usage: cargo xtask <command>

  serve [--open] [--port N]   build the page quickly, serve it, and rebuild it when a file changes
  build [--base URL]          build the small page for a host into dist/; this takes longer
  test [--only STEP]... [--no-skips] [-- WORD]...
                              run all steps, or those named by --only; with words, only tests that have one of them in
                              their name; with --no-skips, a step fails if one of its tests is skipped
  time-to-accuracy            print the minutes from pressing Train to 65% and 70%; CIFAR10_DIR names the real images
  bench [--save]              time training and inference of the built page, and compare them with the saved run
  soak [--minutes N]          use the page for 20 or N minutes, and report what is lost or grows
  pictures                    make the pictures in docs/ again
  memory                      compare the memory after a thousand training steps with that after a hundred
  profile                     print the time of each kernel on WebGPU
  size                        print the size of the built page's code, for the worker also by crate
  optimise                    shrink the wasm of a build in progress (Trunk calls this)
  help                        print this

Steps of `test`, in order:";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["serve", options @ ..] => serve_options(options).and_then(|options| page::serve(&options)),
        ["build"] => tools::install().and_then(|tools| page::Page::Shipped.build(&tools)),
        ["build", "--base", base] => {
            tools::install().and_then(|tools| page::Page::Shipped.build_for(&tools, Some(base)))
        }
        ["test", options @ ..] => {
            test_options(options).and_then(|options| suite::run(&options.steps, options.filter, options.is_whole))
        }
        ["time-to-accuracy"] => tools::install().and_then(|tools| suite::time_to_accuracy(&tools)),
        ["bench"] => tools::install().and_then(|tools| suite::bench(&tools, false)),
        ["bench", "--save"] => tools::install().and_then(|tools| suite::bench(&tools, true)),
        ["soak"] => tools::install().and_then(|tools| suite::soak(&tools, SOAK_MINUTES)),
        ["soak", "--minutes", minutes] => minutes
            .parse()
            .map_err(|_| "--minutes takes a whole number".to_owned())
            .and_then(|minutes| tools::install().and_then(|tools| suite::soak(&tools, minutes))),
        ["memory"] => tools::install().and_then(|tools| suite::memory(&tools)),
        ["pictures"] => tools::install().and_then(|tools| suite::pictures(&tools)),
        ["profile"] => tools::install().and_then(|tools| suite::profile(&tools)),
        ["size"] => tools::install().and_then(|tools| suite::size(&tools)),
        ["optimise"] => optimise::staged_page(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            suite::STEPS.iter().for_each(|step| println!("  {:<14}{}", step.name, step.what));
            Ok(())
        }
        [other, ..] => Err(format!("there is no command `{other}`; `cargo xtask help` lists the commands")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("xtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Parses `--open` and `--port N`, in any order.
fn serve_options(arguments: &[&str]) -> Result<page::Serve> {
    let mut options = page::Serve { open: false, port: page::DEFAULT_PORT };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--open" => options.open = true,
            "--port" => {
                options.port =
                    rest.next().and_then(|port| port.parse().ok()).ok_or("--port takes a number from 1 to 65535")?
            }
            other => return Err(format!("`serve` does not know `{other}`; it takes --open and --port N")),
        }
    }
    Ok(options)
}

/// The options of `test`.
#[derive(Debug, Default, PartialEq, Eq)]
struct TestOptions {
    steps: Vec<String>,
    is_whole: bool,
    filter: Vec<String>,
}

/// Parses `--only STEP`, `--no-skips`, and the words after `--`.
fn test_options(arguments: &[&str]) -> Result<TestOptions> {
    let mut options = TestOptions::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--no-skips" => options.is_whole = true,
            "--only" => {
                let step = rest.next().filter(|name| suite::STEPS.iter().any(|step| step.name == **name));
                let step = step.ok_or("--only takes the name of a step; `cargo xtask help` lists them")?;
                options.steps.push((*step).to_owned());
            }
            "--" => options.filter.extend(rest.by_ref().map(ToString::to_string)),
            other => {
                return Err(format!("`test` does not know `{other}`; it takes --only STEP, --no-skips and -- WORD"));
            }
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serve_takes_its_options_in_any_order() {
        let options = serve_options(&["--port", "9000", "--open"]).expect("both are known");
        assert!(options.open);
        assert_eq!(options.port, 9000);
        assert!(serve_options(&["--port"]).is_err());
        assert!(serve_options(&["--prot", "9000"]).is_err());
    }

    #[test]
    fn test_takes_steps_and_after_two_dashes_words_of_the_tests_names() {
        let options = test_options(&["--only", "native", "--no-skips", "--", "strip", "deal"]).expect("all are known");
        assert_eq!(options.steps, ["native"]);
        assert!(options.is_whole);
        assert_eq!(options.filter, ["strip", "deal"]);
    }

    #[test]
    fn an_unknown_step_is_refused() {
        assert_eq!(test_options(&["--only", "clippy"]).expect("known").steps, ["clippy"]);
        assert!(test_options(&["--only", "clipy"]).is_err());
        assert!(test_options(&["--only"]).is_err());
        assert!(test_options(&["--skip"]).is_err());
    }
}

//! Builds, serves and tests Tenfold on a machine that has only rustup's cargo and a C linker.

mod browser;
mod cut;
mod optimise;
mod page;
mod process;
mod stamp;
mod steps;
mod suite;
mod tools;

use std::{env, process::ExitCode};

/// What every command gives back: the error is a sentence for the person at the terminal.
type Result<T = ()> = std::result::Result<T, String>;

const HELP: &str = "\
Usage: cargo xtask <command>

  serve [--open] [--port N]   build the optimised page, serve it and rebuild it when a file changes
  build                       write the optimised page to dist/
  test [--only STEP]...       run every check, or only the steps named
  time-to-accuracy            minutes from pressing Train to 65% and 70%, with the real images that CIFAR10_DIR names
  bench [--save]              time training and inference of the built page, as ratios to the run that was saved
  memory                      compare what a thousand training steps take with what a hundred do
  profile                     print how long each kernel runs on WebGPU
  size                        print what the built page's code weighs, and which crates the worker's is of
  optimise                    shrink the wasm of a build in progress (Trunk calls this)
  help                        print this

Steps of `test`, in order:";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["serve", options @ ..] => serve_options(options).and_then(|options| page::serve(&options)),
        ["build"] => tools::install().and_then(|tools| page::build(&tools)),
        ["test", options @ ..] => steps_named(options).and_then(|names| suite::run(&names)),
        ["time-to-accuracy"] => tools::install().and_then(|tools| suite::time_to_accuracy(&tools)),
        ["bench"] => tools::install().and_then(|tools| suite::bench(&tools, false)),
        ["bench", "--save"] => tools::install().and_then(|tools| suite::bench(&tools, true)),
        ["memory"] => tools::install().and_then(|tools| suite::memory(&tools)),
        ["profile"] => tools::install().and_then(|tools| suite::profile(&tools)),
        ["size"] => tools::install().and_then(|tools| suite::size(&tools)),
        ["optimise"] => optimise::staged_page(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            suite::STEPS.iter().for_each(|step| println!("  {:<14}{}", step.name, step.what));
            Ok(())
        }
        [other, ..] => Err(format!("there is no command `{other}`; `cargo xtask help` lists what there is")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("xtask: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// `--open` and `--port N`, in any order.
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

/// The names after each `--only`.
fn steps_named(arguments: &[&str]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match (*argument, rest.next()) {
            ("--only", Some(name)) if suite::STEPS.iter().any(|step| step.name == *name) => {
                names.push((*name).to_owned());
            }
            ("--only", _) => return Err("--only takes the name of a step; `cargo xtask help` lists them".to_owned()),
            (other, _) => return Err(format!("`test` does not know `{other}`; it takes --only STEP")),
        }
    }
    Ok(names)
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
    fn an_unknown_step_is_refused() {
        assert_eq!(steps_named(&["--only", "clippy"]).expect("known"), ["clippy"]);
        assert!(steps_named(&["--only", "clipy"]).is_err());
        assert!(steps_named(&["--only"]).is_err());
    }
}

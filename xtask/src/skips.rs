//! The tests that did not run for want of something, such as the real images: a line for each, in a file.
//!
//! The test programs add the lines (`tests/common/needs.rs`), because they pass all the same.

use crate::{Result, process::target_directory};
use std::{fs, io::ErrorKind, path::PathBuf};

/// The variable by which test programs find the file.
pub const VARIABLE: &str = "TENFOLD_SKIPPED";

/// The file.
pub fn list() -> PathBuf {
    target_directory().join("tenfold-skipped.txt")
}

/// Adds `line`, on something that did not run.
///
/// # Errors
/// If the file cannot be written.
pub fn note(line: &str) -> Result {
    let list = list();
    let text = fs::read_to_string(&list).unwrap_or_default();
    fs::write(&list, format!("{text}{line}\n")).map_err(|error| format!("cannot write {}: {error}", list.display()))
}

/// What the tests said since the last call, each line once.
pub fn take() -> Result<Vec<String>> {
    let list = list();
    let text = match fs::read_to_string(&list) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("cannot read {}: {error}", list.display())),
    };
    fs::remove_file(&list).map_err(|error| format!("cannot remove {}: {error}", list.display()))?;
    Ok(lines(&text))
}

/// Once each: two test programs may hold the same test.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    lines
}

/// The error where none of the tests of a step may be skipped and these were.
pub fn refusal(skipped: &[String]) -> Result {
    match skipped {
        [] => Ok(()),
        [first, ..] => {
            Err(format!("{} skipped, and with --no-skips all have to run; the first: {first}", skipped.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_two_programs_skip_counts_once_and_is_refused_by_name() {
        let skipped = lines("src/b.rs:7:9: no images\nsrc/a.rs:3:5: no images\nsrc/b.rs:7:9: no images\n");
        assert_eq!(skipped, ["src/a.rs:3:5: no images", "src/b.rs:7:9: no images"]);
        let refusal = refusal(&skipped).expect_err("two did not run");
        assert!(refusal.starts_with("2 skipped") && refusal.ends_with("src/a.rs:3:5: no images"), "{refusal}");
    }

    #[test]
    fn a_step_of_which_every_test_ran_is_not_refused() {
        assert_eq!(refusal(&lines("")), Ok(()));
    }
}

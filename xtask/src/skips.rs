//! The list of skipped tests, such as those that need the real images: a line for each, in a file.
//!
//! The test programs write the lines (`tests/common/needs.rs`), because a skipped test passes.

use crate::{Result, process::target_directory};
use std::{fs, io::ErrorKind, path::PathBuf};

/// The environment variable that tells test programs the file.
pub const VARIABLE: &str = "TENFOLD_SKIPPED";

/// The path of the file.
pub fn list() -> PathBuf {
    target_directory().join("tenfold-skipped.txt")
}

/// Adds `line`, which tells what was skipped.
///
/// # Errors
/// If the file cannot be written.
pub fn note(line: &str) -> Result {
    let list = list();
    let text = fs::read_to_string(&list).unwrap_or_default();
    fs::write(&list, format!("{text}{line}\n")).map_err(|error| format!("cannot write {}: {error}", list.display()))
}

/// The lines since the last call, without duplicates.
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

/// The lines without duplicates: two test programs may contain the same test.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    lines
}

/// The error for skipped tests in a run that must not skip any.
pub fn refusal(skipped: &[String]) -> Result {
    match skipped {
        [] => Ok(()),
        [first, ..] => {
            Err(format!("{} skipped, although --no-skips asks for all tests; the first: {first}", skipped.len()))
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

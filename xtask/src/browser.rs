//! Finds Chrome or Chromium and its driver; on Debian it can install them.

use crate::{
    Result,
    process::{find_on_path, is_debians_root, repository, run, target_directory},
};
use std::{env, fs, path::PathBuf, process::Command};

const BROWSER_NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const BROWSER_PLACES: [&str; 6] = [
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const DRIVER_PLACES: [&str; 5] = [
    "/usr/bin/chromedriver",
    "/usr/lib/chromium/chromedriver",
    "/usr/lib/chromium-browser/chromedriver",
    "/snap/bin/chromium.chromedriver",
    "/opt/homebrew/bin/chromedriver",
];

/// A browser and its driver.
pub struct Browser {
    pub program: PathBuf,
    pub driver: PathBuf,
}

impl Browser {
    /// The programs in `CHROME` and `CHROMEDRIVER`, or those on `PATH` or in the usual places, or Debian's.
    pub fn find_or_install() -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        if is_debians_root() {
            println!("Chromium or its driver is missing; installing Debian's packages.");
            let apt = |arguments: &[&str]| {
                run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").args(arguments))
            };
            apt(&["update"])?;
            apt(&["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"])?;
        }
        Self::find().ok_or_else(|| {
            "no Chrome or Chromium with its chromedriver: install both, or name them in CHROME and CHROMEDRIVER"
                .to_owned()
        })
    }

    fn find() -> Option<Self> {
        Some(Self {
            program: place("CHROME", &BROWSER_NAMES, &BROWSER_PLACES)?,
            driver: place("CHROMEDRIVER", &["chromedriver"], &DRIVER_PLACES)?,
        })
    }

    /// The capabilities for the in-browser tests: webdriver.json, with the browser's path if `CHROME` names it.
    pub fn capabilities(&self) -> Result<PathBuf> {
        let shared = repository().join("webdriver.json");
        if env::var_os("CHROME").is_none() {
            return Ok(shared);
        }
        let text = fs::read_to_string(&shared).map_err(|error| format!("cannot read webdriver.json: {error}"))?;
        let own = target_directory().join("webdriver.json");
        let named = format!("\"binary\": {:?}, \"args\"", self.program.display().to_string());
        fs::create_dir_all(target_directory())
            .and_then(|()| fs::write(&own, text.replacen("\"args\"", &named, 1)))
            .map_err(|error| format!("cannot write {}: {error}", own.display()))?;
        Ok(own)
    }
}

/// The file in the environment variable, or the first of `names` on `PATH`, or the first of `places`.
fn place(variable: &str, names: &[&str], places: &[&str]) -> Option<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from).filter(|file| file.is_file());
    named
        .or_else(|| names.iter().find_map(|name| find_on_path(name)))
        .or_else(|| places.iter().map(PathBuf::from).find(|file| file.is_file()))
}

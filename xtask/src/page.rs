//! Builds the optimised page into dist/, and serves it while one works on it.

use crate::{
    Result, optimise,
    process::{cargo, output, repository, run, target_directory},
    stamp::Stamp,
    tools::{self, Tools},
};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    thread,
    time::Duration,
};

/// Trunk's own default.
pub const DEFAULT_PORT: u16 = 8080;

/// Everything in the repository that the built page depends on.
const SOURCES: [&str; 9] = [
    "src",
    "style",
    "assets",
    "index.html",
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "rust-toolchain.toml",
    ".cargo/config.toml",
];

/// How to serve.
pub struct Serve {
    /// Also show the page in the default browser.
    pub open: bool,
    pub port: u16,
}

/// Where the built page lies.
pub fn dist() -> PathBuf {
    repository().join("dist")
}

/// Writes the optimised page to dist/, or says that the one there is still what would be built.
pub fn build(tools: &Tools) -> Result {
    let kept = target_directory().join("tenfold-dist.stamp");
    let sources = sources_stamp()?;
    if fs::read_to_string(&kept).is_ok_and(|text| Ok(text) == built_stamp(&sources)) && dist().is_dir() {
        println!("dist/ is up to date.");
        return Ok(());
    }
    run(tools.trunk().arg("build"))?;
    fs::write(&kept, built_stamp(&sources)?).map_err(|error| format!("cannot write {}: {error}", kept.display()))?;
    println!("The page is in {}; any static host can serve that folder.", dist().display());
    Ok(())
}

/// Builds and serves the page until Ctrl-C, and builds it again whenever a source changes.
pub fn serve(options: &Serve) -> Result {
    let tools = tools::install()?;
    let Serve { open, port } = *options;
    // Asked now, because Trunk finds out only after a build of many minutes.
    if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        return Err(format!("port {port} cannot be served ({error}); choose another with --port N"));
    }
    // Installed now, so that a first build is not interrupted by it.
    optimise::fingerprint()?;
    println!("The first build takes 10 to 20 minutes, most of it for Burn; later ones take seconds.");
    thread::spawn(move || announce(port));
    let mut trunk = tools.trunk();
    trunk.args(["serve", "--address", "127.0.0.1", "--port", &port.to_string()]);
    run(trunk.args(open.then_some("--open")))
}

/// Says where the page is, once somebody answers there.
fn announce(port: u16) {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        thread::sleep(Duration::from_millis(200));
    }
    println!("\nTenfold is served at http://127.0.0.1:{port}/ (Ctrl-C stops it)\n");
}

/// A stamp of everything that goes into the page.
fn sources_stamp() -> Result<String> {
    let compiler = output(Command::new("rustc").arg("--version")).unwrap_or_default();
    let builder = output(cargo().arg("--version")).unwrap_or_default();
    let start = Stamp::default().word(&compiler).word(&builder).word(&optimise::fingerprint()?);
    let stamp = SOURCES.iter().try_fold(start, |stamp, source| stamp.path(&repository().join(source)))?;
    Ok(stamp.text())
}

/// A stamp of the sources and of what lies in dist/, so that a dist/ built by other means is noticed.
fn built_stamp(sources: &str) -> Result<String> {
    Ok(Stamp::default().word(sources).path(&dist())?.text())
}

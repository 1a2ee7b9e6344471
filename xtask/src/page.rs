//! Builds the page, quickly or small, and serves it during development.

use crate::{
    Result, base, optimise,
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

/// The default of Trunk.
pub const DEFAULT_PORT: u16 = 8080;

/// All files and folders in the repository that the built page depends on.
const SOURCES: [&str; 10] = [
    "build.rs",
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

/// Options of `serve`.
pub struct Serve {
    /// Whether to open the page in the default browser.
    pub open: bool,
    pub port: u16,
}

/// The two ways to build the page; see Trunk.toml and the profiles in Cargo.toml.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Quick to build, for development.
    Quick,
    /// Small, for a host.
    Shipped,
}

impl Page {
    /// The folder of the built page.
    pub fn dist(self) -> PathBuf {
        match self {
            Self::Quick => target_directory().join("quick-page"),
            Self::Shipped => repository().join("dist"),
        }
    }

    /// Builds the page, unless the one in its folder is up to date.
    pub fn build(self, tools: &Tools) -> Result {
        self.build_for(tools, None)
    }

    /// Builds the page for a host that serves it at the address `base`, or at any address.
    pub fn build_for(self, tools: &Tools, base: Option<&str>) -> Result {
        let base = base.map(base::checked).transpose()?;
        let dist = self.dist();
        let kept = target_directory().join(self.stamp_name());
        let sources = self.sources_stamp(base.as_deref())?;
        if fs::read_to_string(&kept).is_ok_and(|text| Ok(text) == self.built_stamp(&sources)) && dist.is_dir() {
            println!("{} is up to date.", dist.display());
            return Ok(());
        }
        let mut trunk = tools.trunk();
        trunk.env(optimise::TO_BE_KEPT, "1").envs(base.map(|base| (base::BASE, base)));
        run(trunk.arg("build").arg("--dist").arg(&dist).args(self.options()))?;
        fs::write(&kept, self.built_stamp(&sources)?)
            .map_err(|error| format!("cannot write {}: {error}", kept.display()))?;
        println!("The page is in {}; any static host can serve that folder.", dist.display());
        Ok(())
    }

    fn stamp_name(self) -> &'static str {
        match self {
            Self::Quick => "tenfold-quick-page.stamp",
            Self::Shipped => "tenfold-dist.stamp",
        }
    }

    /// Trunk's options.
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Quick => &[],
            Self::Shipped => &["--release"],
        }
    }

    /// A stamp of everything that the page depends on.
    fn sources_stamp(self, base: Option<&str>) -> Result<String> {
        let compiler = output(Command::new("rustc").arg("--version")).unwrap_or_default();
        let builder = output(cargo().arg("--version")).unwrap_or_default();
        let mut start = Stamp::default().word(&compiler).word(&builder).word(base.unwrap_or_default());
        if self == Self::Shipped {
            start = start.word(&optimise::fingerprint()?);
        }
        let stamp = SOURCES.iter().try_fold(start, |stamp, source| stamp.path(&repository().join(source)))?;
        Ok(stamp.text())
    }

    /// A stamp of the sources and of the built page's folder. So a page that was built in another way is noticed.
    fn built_stamp(self, sources: &str) -> Result<String> {
        Ok(Stamp::default().word(sources).path(&self.dist())?.text())
    }
}

/// Builds and serves the page until Ctrl-C, and rebuilds it whenever a source changes.
pub fn serve(options: &Serve) -> Result {
    let tools = tools::install()?;
    let Serve { open, port } = *options;
    // Checked first, because Trunk would notice only after a build of many minutes.
    if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        return Err(format!("port {port} cannot be served ({error}); choose another with --port N"));
    }
    println!("The first build takes many minutes, most of them for Burn; later ones take seconds.");
    thread::spawn(move || announce(port));
    let mut trunk = tools.trunk();
    trunk.args(["serve", "--address", "127.0.0.1", "--port", &port.to_string(), "--dist"]).arg(Page::Quick.dist());
    run(trunk.args(open.then_some("--open")))
}

/// Prints the page's address when the server answers.
fn announce(port: u16) {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        thread::sleep(Duration::from_millis(200));
    }
    println!("\nTenfold is served at http://127.0.0.1:{port}/ (Ctrl-C stops it)\n");
}

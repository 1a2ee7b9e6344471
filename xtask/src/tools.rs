//! Installs the tools for building the page, each in the version that fits this clone.

use crate::{
    Result,
    process::{cache_directory, cargo, find_on_path, output, repository, run},
};
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The version of Trunk that Trunk.toml and index.html are written for.
const TRUNK: &str = "0.21.14";

/// A program from crates.io.
struct Tool {
    /// The package to install.
    package: &'static str,
    /// The program in it that tells the version.
    program: &'static str,
    version: String,
    /// Other arguments of `cargo install`.
    options: &'static [&'static str],
    /// The optimisation level: higher for tools whose speed matters, 0 for a short build.
    optimisation: &'static str,
}

/// The installed tools.
pub struct Tools {
    /// `PATH` with the tools' folders first.
    path: OsString,
}

impl Tools {
    /// Puts the tools on the `PATH` of `command`.
    pub fn offer<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("PATH", &self.path).env("TRUNK_SKIP_VERSION_CHECK", "true")
    }

    /// A command that starts Trunk.
    pub fn trunk(&self) -> Command {
        // Started by its full path: on some systems a child is looked up in the parent's PATH, not in its own.
        let file_name = format!("trunk{}", env::consts::EXE_SUFFIX);
        let found = env::split_paths(&self.path).map(|folder| folder.join(&file_name)).find(|file| file.is_file());
        let mut trunk = Command::new(found.unwrap_or_else(|| file_name.into()));
        self.offer(&mut trunk);
        trunk
    }
}

/// Installs what is missing: the wasm32 target, rustfmt, clippy, Trunk, and the version of wasm-bindgen in Cargo.lock.
pub fn install() -> Result<Tools> {
    install_toolchain_parts()?;
    let tools = [
        // With default features, Trunk asks the registry for a newer version at each start.
        Tool {
            package: "trunk",
            program: "trunk",
            version: TRUNK.to_owned(),
            options: &["--no-default-features", "--features", "rustls"],
            optimisation: "0",
        },
        Tool {
            package: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            version: locked_version("wasm-bindgen")?,
            options: &[],
            optimisation: "1",
        },
    ];
    let mut folders = Vec::new();
    for tool in &tools {
        folders.extend(folder_of(tool)?);
    }
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let path = env::join_paths(folders).map_err(|error| format!("PATH cannot be extended: {error}"))?;
    Ok(Tools { path })
}

/// Installs missing parts of the toolchain in rust-toolchain.toml.
fn install_toolchain_parts() -> Result {
    let library =
        output(Command::new("rustc").args(["--print", "target-libdir", "--target", "wasm32-unknown-unknown"]));
    if !library.is_some_and(|folder| Path::new(&folder).is_dir()) {
        run(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]))?;
    }
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if output(cargo().args([subcommand, "--version"])).is_none() {
            run(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// The folder of `tool` that must be put on `PATH`; none if the tool is already there. Installs the tool if needed.
fn folder_of(tool: &Tool) -> Result<Option<PathBuf>> {
    if find_on_path(tool.program).is_some_and(|program| is_version(&program, &tool.version)) {
        return Ok(None);
    }
    let root = cache_directory()?.join("tools").join(format!("{}-{}", tool.package, tool.version));
    let folder = root.join("bin");
    let program = folder.join(format!("{}{}", tool.program, env::consts::EXE_SUFFIX));
    if !is_version(&program, &tool.version) {
        println!("{} {} is missing; installing it into {}.", tool.package, tool.version, root.display());
        // The first try uses the tool's own Cargo.lock. If a version in it is gone, the second uses current versions.
        cargo_install(tool, &root, true).or_else(|_| cargo_install(tool, &root, false))?;
    }
    Ok(Some(folder))
}

/// Builds `tool` into `root`, in a build folder of its own.
fn cargo_install(tool: &Tool, root: &Path, locked: bool) -> Result {
    let build = root.join("build");
    let mut install = cargo();
    install.args(["install", tool.package, "--version", &tool.version]).args(tool.options);
    if locked {
        install.arg("--locked");
    }
    install.arg("--root").arg(root).arg("--target-dir").arg(&build);
    // The tools' own release profiles use link-time optimisation, which takes several minutes.
    install.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", tool.optimisation).env("CARGO_PROFILE_RELEASE_STRIP", "true");
    run(&mut install)?;
    fs::remove_dir_all(&build).map_err(|error| format!("cannot remove {}: {error}", build.display()))
}

/// Whether `program` reports `version`.
fn is_version(program: &Path, version: &str) -> bool {
    program.is_file()
        && output(Command::new(program).arg("--version"))
            .is_some_and(|text| text.split_whitespace().nth(1) == Some(version))
}

/// The version of `package` in Cargo.lock.
fn locked_version(package: &str) -> Result<String> {
    let lock = repository().join("Cargo.lock");
    let text = fs::read_to_string(&lock).map_err(|error| format!("cannot read {}: {error}", lock.display()))?;
    version_in(&text, package).ok_or_else(|| format!("{} does not name {package}", lock.display()))
}

/// The version of `package` in the text of a Cargo.lock.
fn version_in(lock: &str, package: &str) -> Option<String> {
    let (_, entry) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    entry.split_once('"').map(|(version, _)| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_package_and_not_of_its_namesakes() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.50\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "bindgen"), None);
    }
}

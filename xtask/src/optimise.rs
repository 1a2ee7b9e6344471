//! Shrinks the shipped page's wasm with Binaryen's wasm-opt, if it is installed or node can install it.

use crate::{
    Result, base, cut, offline,
    process::{cache_directory, find_on_path, output, run, target_directory},
    stamp::Stamp,
};
use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

/// This environment variable asks for a quick page that a browser can keep, as it keeps the shipped one; for tests.
pub const TO_BE_KEPT: &str = "TENFOLD_TO_BE_KEPT";

/// The worker's wasm, which contains Burn.
const WORKER: &str = "worker_bg.wasm";

/// The version of Binaryen that is installed from npm.
const BINARYEN: &str = "132.0.0";

/// Older versions cannot read the output of rustc 1.95.
const OLDEST_BINARYEN: u32 = 117;

/// The level, and the wasm features that rustc 1.95 uses by default, with SIMD from .cargo/config.toml. `-Oz` is for
/// size: LLVM has already optimised the fast parts for speed.
///
/// Functions are sorted by their names, because those of one generic function then stand beside each other and compress
/// better. Without `-g` the names are dropped afterwards. They are a quarter of the worker's bytes.
const ARGUMENTS: [&str; 11] = [
    "-Oz",
    "--reorder-functions-by-name",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Finishes the page that Trunk has just built. A hook of Trunk calls this. The page of `trunk serve` is left as it is.
pub fn staged_page() -> Result {
    let staged = env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or("`optimise` is called by Trunk, which names its folder in TRUNK_STAGING_DIR; use `cargo xtask build`")?;
    let is_quick = env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "debug");
    if !is_quick {
        shrink(&staged)?;
    }
    // Before the service worker learns the files.
    if let Ok(base) = env::var(base::BASE) {
        base::write(&staged, &base)?;
    }
    if !is_quick || env::var_os(TO_BE_KEPT).is_some() { offline::name_files(&staged) } else { Ok(()) }
}

/// Optimises each wasm file in `staged`.
fn shrink(staged: &Path) -> Result {
    let Some(wasm_opt) = WasmOpt::find()? else {
        println!("There is no wasm-opt, and no node to run npm's: the page works without it, but is larger.");
        return Ok(());
    };
    let entries = fs::read_dir(staged).map_err(|error| format!("cannot read {}: {error}", staged.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension() == Some(OsStr::new("wasm")));
    files.sort();
    for file in files {
        if file.file_name() == Some(OsStr::new(WORKER)) {
            cut_never_run(&file)?;
        }
        wasm_opt.optimise(&file)?;
    }
    Ok(())
}

/// Everything that affects how the page is optimised on this machine, for stamps.
pub fn fingerprint() -> Result<String> {
    Ok(WasmOpt::find()?.map_or_else(
        || "none".to_owned(),
        |wasm_opt| format!("{} {ARGUMENTS:?} {:?}", wasm_opt.version, cut::NEVER_RUN),
    ))
}

/// Removes the functions that never run from `file`.
fn cut_never_run(file: &Path) -> Result {
    let wasm = fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let (shorter, bytes) = cut::never_run(&wasm)?;
    fs::write(file, shorter).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    println!("{WORKER}: removed {:.2} MB of functions that never run", bytes as f64 / 1e6);
    Ok(())
}

/// An installed wasm-opt.
struct WasmOpt {
    program: PathBuf,
    version: String,
}

impl WasmOpt {
    /// The wasm-opt on `PATH`, or npm's if node is installed, or none.
    fn find() -> Result<Option<Self>> {
        if let Some(found) = find_on_path("wasm-opt").and_then(Self::at) {
            return Ok(Some(found));
        }
        if find_on_path("node").is_none() {
            return Ok(None);
        }
        let folder = cache_directory()?.join("tools").join(format!("binaryen-{BINARYEN}"));
        let program = folder.join("node_modules").join("binaryen").join("bin").join("wasm-opt");
        if !program.is_file() {
            // On Windows npm is a script, which can only be started by its full name.
            let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
            let mut install = Command::new(npm);
            install.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
            install.arg(format!("binaryen@{BINARYEN}"));
            fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
            if let Err(error) = run(&mut install) {
                println!("npm's wasm-opt could not be installed: {error}");
                return Ok(None);
            }
        }
        Ok(Self::at(program))
    }

    /// The wasm-opt at `program`, if it runs and is new enough.
    fn at(program: PathBuf) -> Option<Self> {
        let version = output(starter(&program).arg("--version"))?;
        let number: u32 = version.split_whitespace().find_map(|word| word.parse().ok())?;
        (number >= OLDEST_BINARYEN).then_some(Self { program, version })
    }

    /// Replaces `file` by its optimised form. An earlier result for the same input is used again.
    fn optimise(&self, file: &Path) -> Result {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let started = Instant::now();
        let before = size(file)?;
        let stamp = ARGUMENTS.iter().fold(Stamp::default().word(&self.version), |stamp, word| stamp.word(word));
        let folder = target_directory().join("wasm-opt");
        let kept = folder.join(format!("{}.wasm", stamp.path(file)?.text()));
        if !kept.is_file() {
            fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
            // The file has another name until it is complete, so that an interrupted run leaves nothing that looks
            // complete.
            let unfinished = kept.with_extension("part");
            run(starter(&self.program).args(ARGUMENTS).arg(file).arg("-o").arg(&unfinished))?;
            fs::rename(&unfinished, &kept).map_err(|error| format!("cannot keep {}: {error}", kept.display()))?;
        }
        fs::copy(&kept, file).map_err(|error| format!("cannot replace {name}: {error}"))?;
        let (after, seconds) = (size(file)?, started.elapsed().as_secs_f32());
        println!("{name}: {before:.2} MB, {after:.2} MB after wasm-opt, {seconds:.1} s");
        Ok(())
    }
}

/// A command that starts `program`. A script of npm's is started with node.
fn starter(program: &Path) -> Command {
    if program.components().any(|part| part.as_os_str() == "node_modules") {
        let mut node = Command::new("node");
        // Binaryen holds several copies of the module; node's default limit is too low for the worker.
        node.args(["--max-old-space-size=8192", "--stack-size=8000"]).arg(program);
        node
    } else {
        Command::new(program)
    }
}

/// The size of `file` in megabytes.
fn size(file: &Path) -> Result<f64> {
    let data = fs::metadata(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(data.len() as f64 / 1e6)
}

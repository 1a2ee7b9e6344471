//! Weighs the built page's files. A visitor's download stays within limits, and a table shows what the bytes are.

#[path = "common/dist.rs"]
mod dist;

use dist::{dist, file_name};
use flate2::{Compression, write::GzEncoder};
use std::{collections::BTreeMap, env, fs, io::Write, path::Path};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// The most bytes that a visitor loads before the page reacts: its own wasm and JavaScript, compressed.
const FIRST_PAINT_BUDGET_BYTES: usize = 400_000;

/// The most bytes of the worker's wasm and JavaScript, compressed.
const WORKER_BUDGET_BYTES: usize = 2_200_000;

/// Whether a file with this name is code.
fn is_code(name: &str) -> bool {
    name.ends_with(".js") || name.ends_with(".wasm")
}

/// The names and compressed sizes of the worker's code, or of all other code.
fn code(is_workers: bool) -> Vec<(String, usize)> {
    let wanted = |name: &str| is_code(name) && name.starts_with("worker") == is_workers;
    dist().iter().map(|file| (file_name(file), file)).filter(|(name, _)| wanted(name)).map(sized).collect()
}

fn sized((name, file): (String, &std::path::PathBuf)) -> (String, usize) {
    (name, gzip_size_bytes(file))
}

fn gzip_size_bytes(file: &Path) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&fs::read(file).expect("readable")).expect("memory takes all");
    encoder.finish().expect("memory takes all").len()
}

fn assert_within(budget_bytes: usize, sizes: &[(String, usize)]) {
    println!("compressed: {sizes:?}");
    for kind in [".js", ".wasm"] {
        assert!(sizes.iter().any(|(name, _)| name.ends_with(kind)), "no {kind} is among {sizes:?}");
    }
    let total_bytes: usize = sizes.iter().map(|(_, bytes)| bytes).sum();
    assert!(
        total_bytes <= budget_bytes,
        "{total_bytes} bytes of {budget_bytes}: {sizes:?}; `cargo xtask size` says more"
    );
}

#[test]
fn first_paint_stays_within_its_budget() {
    assert_within(FIRST_PAINT_BUDGET_BYTES, &code(false));
}

#[test]
fn the_worker_stays_within_its_budget() {
    assert_within(WORKER_BUDGET_BYTES, &code(true));
}

/// Crates that have a line of their own in the table.
const LINES: usize = 24;

/// The table of `cargo xtask size`. `TENFOLD_NAMED_WASM` names the worker's wasm as it was linked, with names.
#[test]
#[ignore = "a table and no check"]
fn table() {
    for (name, bytes) in code(false).into_iter().chain(code(true)) {
        println!("{:>10.1} KB gzip  {name}", bytes as f64 / 1e3);
    }
    let Some(named) = env::var_os("TENFOLD_NAMED_WASM") else { return };
    let wasm = fs::read(&named).expect("the worker's wasm as it was linked");
    let by_crate = code_by_crate(&wasm);
    let total: usize = by_crate.iter().map(|(_, bytes)| bytes).sum();
    println!(
        "\nthe worker's code before wasm-opt, {:.2} MB, by the crate that it is of or for, KB:",
        total as f64 / 1e6
    );
    for (name, bytes) in by_crate.iter().take(LINES) {
        println!("{:>10.1}  {name}", *bytes as f64 / 1e3);
    }
    let rest: usize = by_crate.iter().skip(LINES).map(|(_, bytes)| bytes).sum();
    println!("{:>10.1}  others", rest as f64 / 1e3);
}

/// The size of the functions of `wasm` by crate, in bytes, the largest first. `wasm` needs a name section.
fn code_by_crate(wasm: &[u8]) -> Vec<(String, usize)> {
    let (mut imported, mut sizes, mut names) = (0, Vec::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("a wasm module") {
            Payload::ImportSection(imports) => {
                let functions = imports
                    .into_imports()
                    .filter(|import| matches!(import.as_ref().expect("an import").ty, TypeRef::Func(_)));
                imported += functions.count();
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.as_bytes().len()),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(sections) = section.as_known() else { continue };
                for name in sections {
                    let Name::Function(functions) = name.expect("a name section") else { continue };
                    for naming in functions {
                        let naming = naming.expect("a name");
                        names.insert(naming.index as usize, crate_of(naming.name));
                    }
                }
            }
            _ => {}
        }
    }
    let mut by_crate = BTreeMap::new();
    for (index, bytes) in sizes.into_iter().enumerate() {
        let name = names.get(&(index + imported)).cloned().unwrap_or_else(|| "?".to_owned());
        *by_crate.entry(name).or_default() += bytes;
    }
    let mut by_crate: Vec<_> = by_crate.into_iter().collect();
    by_crate.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    by_crate
}

/// The crate of a mangled name. For the standard library's generic functions, the crate of their type.
fn crate_of(symbol: &str) -> String {
    const STANDARD: [&str; 4] = ["core", "alloc", "std", "hashbrown"];
    let mut rest = symbol.strip_prefix("_ZN").unwrap_or("");
    let mut path = String::new();
    // Each part of a path is its length and its text. In the text, `$LT$` and the like stand for signs.
    while let Some(digits) = rest.find(|c: char| !c.is_ascii_digit()).filter(|&digits| digits > 0) {
        let Some(end) = rest[..digits].parse::<usize>().ok().map(|len| digits + len).filter(|&end| end <= rest.len())
        else {
            break;
        };
        path += &rest[digits..end];
        path += "..";
        rest = &rest[end..];
    }
    // A crate's name stands at the beginning of the path, or of a type in it after a sign.
    let parts = path.split("..").enumerate().filter(|(at, part)| *at == 0 || part.contains('$'));
    let parts = parts.map(|(_, part)| part.rsplit('$').next().unwrap_or(part));
    let named = parts.filter(|part| !part.is_empty() && *part != "_");
    named.clone().find(|part| !STANDARD.contains(part)).or(named.clone().next()).unwrap_or("?").to_owned()
}

#[test]
fn a_symbol_is_its_crates_or_that_of_what_a_generic_one_is_for() {
    assert_eq!(crate_of("_ZN9burn_flex3ops3cat3cat17h8ec5152f3a4d1430E"), "burn_flex");
    assert_eq!(crate_of("_ZN4core3ptr42drop_in_place$LT$pliron..region..Region$GT$17h0E"), "pliron");
    assert_eq!(crate_of("_ZN58_$LT$cubecl_ir..Type$u20$as$u20$core..fmt..Debug$GT$3fmt17h0E"), "cubecl_ir");
    assert_eq!(crate_of("_ZN4core3ptr57drop_in_place$LT$alloc..vec..Vec$LT$wgpu..Buffer$GT$$GT$17h0E"), "wgpu");
    assert_eq!(crate_of("_ZN5alloc3vec12Vec$LT$T$GT$4push17h0E"), "alloc");
    assert_eq!(crate_of("__wasm_call_ctors"), "?");
}

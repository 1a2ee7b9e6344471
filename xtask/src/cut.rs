//! Removes functions from the worker's wasm that never run, which the linker cannot know.
//!
//! CubeCL can write its intermediate language as text and parse it, and its kernels can read quantised and tiled
//! tensors. Tenfold uses none of this. But tables of functions refer to this code, so the linker keeps it: a tenth of
//! the worker's download. This module replaces the bodies of the entry functions by a trap, and wasm-opt then drops
//! what only they called. If such a function did run, the worker would end as after a panic. The end-to-end tests would
//! show that.

use crate::Result;
use std::cell::Cell;

/// The functions to remove: a function's name must contain all words of a line.
pub const NEVER_RUN: [&[&str]; 9] = [
    // The textual form of the intermediate language: writing it, reading it, and the parser library that reads it.
    &["as pliron::printable::Printable>::fmt::h"],
    &["pliron::op::canonical_syntax_parse_impl"],
    &["pliron::parsable::Parsable", ">::parse::h"],
    &["combine::parser::", ">::parse_mode_impl"],
    &["as combine::parser::ParseMode>::parse::h"],
    &["combine::parser::Parser::parse_"],
    // Quantised tensors, which Tenfold does not have.
    &["cubecl_std::quant::view::run_with_quant_type"],
    &["QTensorOps<", ">::dequantize::h"],
    // Tensors stored in tiles, which Tenfold does not have either.
    &["cubek_matmul::tiled::storage::relayout_launch"],
];

/// Shorter functions are kept. The compiler merges equal short functions, so the name may belong to one that never
/// runs, and the body also to one that does.
const LEAST_LEN: usize = 100;

/// A body without locals whose one instruction is `unreachable`.
const TRAP: [u8; 4] = [3, 0x00, 0x00, 0x0b];

/// Section numbers of the wasm format.
const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;
const CODE: u8 = 10;

/// `wasm` without the bodies of the functions that never run, and the number of bytes removed. `wasm` must have its
/// name section.
///
/// It is an error if no function matches a line of [`NEVER_RUN`]. A newer Burn may have renamed it, and the download
/// would grow unnoticed.
pub fn never_run(wasm: &[u8]) -> Result<(Vec<u8>, usize)> {
    let found = NEVER_RUN.map(|_| Cell::new(false));
    let is_cut = |name: &str| {
        let lines = NEVER_RUN.iter().zip(&found).filter(|(words, _)| words.iter().all(|word| name.contains(word)));
        lines.map(|(_, found)| found.set(true)).count() > 0
    };
    let shorter = cut(wasm, LEAST_LEN, is_cut).ok_or_else(|| "the worker's wasm cannot be parsed".to_owned())?;
    match NEVER_RUN.iter().zip(&found).find(|(_, found)| !found.get()) {
        Some((words, _)) => Err(format!("no function of the worker is called {}: mend NEVER_RUN", words.join(" ... "))),
        None => Ok(shorter),
    }
}

/// `wasm` without the bodies of functions that `is_cut` selects by name and that have at least `least_len` bytes, and
/// the number of bytes removed.
fn cut(wasm: &[u8], least_len: usize, is_cut: impl Fn(&str) -> bool) -> Option<(Vec<u8>, usize)> {
    let sections = sections(wasm)?;
    let imported = match sections.iter().find(|(kind, _)| *kind == IMPORT) {
        Some((_, body)) => imported_functions(body)?,
        None => 0,
    };
    let names =
        sections.iter().filter(|(kind, _)| *kind == CUSTOM).find_map(|(_, body)| named_functions(body, &is_cut));
    let mut indices = names.unwrap_or_default().into_iter().peekable();

    let mut shorter = wasm.get(..8)?.to_vec();
    let mut bytes = 0;
    for (kind, body) in sections {
        shorter.push(kind);
        if kind != CODE {
            push_number(&mut shorter, body.len());
            shorter.extend_from_slice(body);
            continue;
        }
        let mut reader = Reader(body);
        let count = reader.number()?;
        let mut code = Vec::with_capacity(body.len());
        push_number(&mut code, count);
        for index in imported..imported + count {
            let function = reader.sized()?;
            while indices.next_if(|&next| next < index).is_some() {}
            if indices.next_if_eq(&index).is_some() && function.len() >= least_len {
                bytes += function.len();
                code.extend(TRAP);
            } else {
                push_number(&mut code, function.len());
                code.extend_from_slice(function);
            }
        }
        push_number(&mut shorter, code.len());
        shorter.extend(code);
    }
    Some((shorter, bytes))
}

/// The id and the content of each section.
fn sections(wasm: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut reader = Reader(wasm.get(8..)?);
    let mut sections = Vec::new();
    while !reader.0.is_empty() {
        sections.push((reader.byte()?, reader.sized()?));
    }
    Some(sections)
}

/// Number of functions in an import section.
fn imported_functions(body: &[u8]) -> Option<usize> {
    let mut reader = Reader(body);
    let mut functions = 0;
    for _ in 0..reader.number()? {
        reader.sized()?;
        reader.sized()?;
        match reader.byte()? {
            0 => {
                reader.number()?;
                functions += 1;
            }
            // A table has a type and limits; a memory has limits; a global has a type and a mutability; a tag has a
            // zero and a type.
            1 => {
                reader.byte()?;
                reader.limits()?;
            }
            2 => reader.limits()?,
            3 => {
                reader.byte()?;
                reader.byte()?;
            }
            _ => {
                reader.byte()?;
                reader.number()?;
            }
        }
    }
    Some(functions)
}

/// Indices of the functions that `is_wanted` selects by name, in ascending order; none if this is not the name section.
fn named_functions(body: &[u8], is_wanted: impl Fn(&str) -> bool) -> Option<Vec<usize>> {
    const FUNCTION_NAMES: u8 = 1;
    let mut reader = Reader(body);
    if reader.sized()? != b"name" {
        return None;
    }
    let mut wanted = Vec::new();
    while !reader.0.is_empty() {
        let (kind, contents) = (reader.byte()?, reader.sized()?);
        let mut names = Reader(contents);
        let count = if kind == FUNCTION_NAMES { names.number()? } else { 0 };
        for _ in 0..count {
            let (index, name) = (names.number()?, names.sized()?);
            if is_wanted(&String::from_utf8_lossy(name)) {
                wanted.push(index);
            }
        }
    }
    Some(wanted)
}

/// Parses the elements of the wasm format.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number in LEB128 encoding.
    fn number(&mut self) -> Option<usize> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte < 0x80 {
                return Some(number);
            }
        }
    }

    /// A number, and as many bytes after it.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let len = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    /// The limits of a table or a memory: the minimum and an optional maximum.
    fn limits(&mut self) -> Option<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 == 1 {
            self.number()?;
        }
        Some(())
    }
}

/// Appends a number in LEB128 encoding.
fn push_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that imports a memory and a function, and has two more functions, `kept` and `cut!`.
    fn module() -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        let mut section = |kind: u8, body: &[u8]| {
            module.push(kind);
            push_number(&mut module, body.len());
            module.extend_from_slice(body);
        };
        section(1, &[1, 0x60, 0, 0]);
        section(2, b"\x02\x01m\x01a\x02\x00\x01\x01m\x01b\x00\x00");
        section(3, &[2, 0, 0]);
        section(10, &[2, 4, 0, 0x01, 0x01, 0x0b, 5, 0, 0x01, 0x01, 0x01, 0x0b]);
        section(0, b"\x04name\x01\x14\x03\x00\x05other\x01\x04kept\x02\x04cut!");
        module
    }

    #[test]
    fn a_line_that_names_no_function_is_an_error() {
        let error = never_run(b"\0asm\x01\0\0\0").expect_err("no function is there");
        assert!(error.contains(&NEVER_RUN[0].join(" ... ")), "{error}");
    }

    #[test]
    fn the_body_of_a_named_function_becomes_a_trap_and_all_else_stays() {
        let whole = module();
        let (shorter, bytes) = cut(&whole, 5, |name| name == "cut!").expect("a module");
        assert_eq!(bytes, 5);
        assert_eq!(shorter.len(), whole.len() - 2);
        let code = [10, 10, 2, 4, 0, 0x01, 0x01, 0x0b, 3, 0x00, 0x00, 0x0b];
        assert!(shorter.windows(code.len()).any(|window| window == code), "{shorter:?}");
        assert_eq!(cut(&whole, 6, |_| true), Some((whole, 0)), "both are shorter");
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert_eq!(cut(&module()[..40], 0, |_| true), None);
        assert_eq!(cut(b"", 0, |_| true), None);
    }
}

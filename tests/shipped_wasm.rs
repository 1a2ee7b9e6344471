//! Checks the built page's wasm: it runs its constructors once.
//!
//! `TENFOLD_DIST` names the folder. `cargo xtask test` sets it after building the page.

#[path = "common/dist.rs"]
mod dist;

use dist::{dist, file_name};
use std::{collections::BTreeMap, fs};
use wasmparser::{ExternalKind, KnownCustom, Name, Operator, Parser, Payload, TypeRef};

/// Traces in a module that the linker took it for a command. Then each call of an export runs all constructors again,
/// which with Burn takes 5 ms for every kernel launch.
#[derive(Debug, Default, PartialEq, Eq)]
struct CommandTraces {
    /// Names of exports and functions that are wrappers.
    names: Vec<String>,
    /// Exports that begin by calling the same function without parameters and results. Names can be stripped and
    /// wrappers inlined, but these calls stay.
    shared_first_calls: Vec<String>,
}

/// The facts about a module's functions that the search for wrappers needs.
#[derive(Default)]
struct Functions {
    /// For each type of the module, whether it has neither parameters nor results.
    types_are_empty: Vec<bool>,
    /// The type of each function, imports first.
    types: Vec<u32>,
    imported: u32,
    /// For each function with a body: the function that its first instruction calls, if it is a call.
    first_calls: Vec<Option<u32>>,
    /// The exported functions, by name.
    exports: Vec<(String, u32)>,
}

impl CommandTraces {
    fn of(wasm: &[u8]) -> Self {
        let mut traces = Self::default();
        let mut functions = Functions::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.expect("a wasm module") {
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        names.into_iter().for_each(|name| traces.take_names(name.expect("a name section")));
                    }
                }
                other => functions.take(other),
            }
        }
        let exported = functions.exports.iter().map(|(name, _)| name.clone());
        traces.names.extend(exported.filter(|name| name.contains("command_export")));
        traces.shared_first_calls = functions.exports_that_share_their_first_call();
        traces
    }

    fn take_names(&mut self, name: Name) {
        if let Name::Function(functions) = name {
            let names = functions.into_iter().map(|naming| naming.expect("a name").name.to_owned());
            self.names.extend(names.filter(|name| name.contains("command_export")));
        }
    }
}

impl Functions {
    fn take(&mut self, payload: Payload) {
        match payload {
            Payload::TypeSection(types) => {
                for function in types.into_iter_err_on_gc_types() {
                    let function = function.expect("a function type");
                    self.types_are_empty.push(function.params().is_empty() && function.results().is_empty());
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if let TypeRef::Func(kind) = import.expect("an import").ty {
                        self.types.push(kind);
                        self.imported += 1;
                    }
                }
            }
            Payload::FunctionSection(kinds) => self.types.extend(kinds.into_iter().map(|kind| kind.expect("a type"))),
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.expect("an export");
                    if export.kind == ExternalKind::Func {
                        self.exports.push((export.name.to_owned(), export.index));
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let mut operators = body.get_operators_reader().expect("a body").into_iter();
                let first = operators.find(|operator| !matches!(operator, Ok(Operator::Nop)));
                self.first_calls.push(match first {
                    Some(Ok(Operator::Call { function_index })) => Some(function_index),
                    _ => None,
                });
            }
            _ => {}
        }
    }

    fn exports_that_share_their_first_call(&self) -> Vec<String> {
        let mut callers: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for (name, index) in &self.exports {
            let body = index.checked_sub(self.imported).and_then(|body| self.first_calls.get(body as usize));
            if let Some(Some(called)) = body
                && self.types_are_empty[self.types[*called as usize] as usize]
            {
                callers.entry(*called).or_default().push(name);
            }
        }
        let shared = callers.into_values().filter(|names| names.len() > 1);
        shared.flatten().map(str::to_owned).collect()
    }
}

#[test]
fn no_export_of_the_shipped_wasm_runs_the_constructors_again() {
    let files = dist();
    let modules: Vec<_> = files.iter().filter(|file| file_name(file).ends_with(".wasm")).collect();
    assert!(
        modules.iter().any(|file| file_name(file) == "worker_bg.wasm"),
        "the worker's wasm is not among {modules:?}"
    );
    for module in modules {
        let traces = CommandTraces::of(&fs::read(module).expect("readable"));
        assert_eq!(traces, CommandTraces::default(), "{}: call __wasm_call_ctors once at the start", module.display());
    }
}

/// Modules as the linker makes them, to show that the search works.
mod fixture {
    use wasm_encoder::{
        CodeSection, ExportKind, ExportSection, Function, FunctionSection, Module, NameMap, NameSection, TypeSection,
        ValType,
    };

    const NAMES: [&str; 5] = ["__wasm_call_ctors", "one", "two", "one.command_export", "two.command_export"];

    /// Two exports, each behind a wrapper that calls the constructors if `wrapped`, with names if `named`.
    pub fn module(wrapped: bool, named: bool) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([ValType::I32], [ValType::I32]);

        let mut functions = FunctionSection::new();
        [0, 1, 1, 1, 1].into_iter().for_each(|kind| {
            functions.function(kind);
        });

        let mut exports = ExportSection::new();
        let first = if wrapped { 3 } else { 1 };
        exports.export("one", ExportKind::Func, first).export("two", ExportKind::Func, first + 1);

        let mut code = CodeSection::new();
        let mut body = |write: &dyn Fn(&mut Function)| {
            let mut function = Function::new([]);
            write(&mut function);
            function.instructions().end();
            code.function(&function);
        };
        body(&|_| ());
        for _ in 0..2 {
            body(&|function| {
                function.instructions().local_get(0);
            });
        }
        for inner in 1..3 {
            body(&|function| {
                function.instructions().call(0).local_get(0).call(inner);
            });
        }

        let mut module = Module::new();
        module.section(&types).section(&functions).section(&exports).section(&code);
        if named {
            let mut map = NameMap::new();
            let kept = if wrapped { 5 } else { 3 };
            NAMES.iter().zip(0..).take(kept).for_each(|(name, index)| map.append(index, name));
            let mut names = NameSection::new();
            names.functions(&map);
            module.section(&names);
        }
        module.finish()
    }
}

#[test]
fn wrapped_exports_are_found_by_name_and_without_names() {
    let named = CommandTraces::of(&fixture::module(true, true));
    assert_eq!(named.names, ["one.command_export", "two.command_export"]);
    assert_eq!(named.shared_first_calls, ["one", "two"]);
    let stripped = CommandTraces::of(&fixture::module(true, false));
    assert!(stripped.names.is_empty());
    assert_eq!(stripped.shared_first_calls, ["one", "two"]);
}

#[test]
fn a_module_whose_constructors_are_called_once_shows_no_trace() {
    assert_eq!(CommandTraces::of(&fixture::module(false, true)), CommandTraces::default());
}

//! Runs what a wasm module registers before its main, once.

use std::sync::Once;

/// Runs the module's constructors, at the first call; natively the system has run them.
///
/// Burn's compiler registers things before main. Where nothing in a module calls `__wasm_call_ctors`, the linker
/// takes the module for a command and has every exported function run all constructors again; wasm-bindgen calls
/// exports whenever it makes a JavaScript object, which costs milliseconds at each launch of a kernel. A call from
/// the module's own code ends that, so each program and test with Burn in it makes one before anything else.
pub fn run_once() {
    static CONSTRUCTED: Once = Once::new();
    CONSTRUCTED.call_once(run);
}

#[cfg(target_family = "wasm")]
fn run() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // Safety: synthesised by the linker; called once, before anything that a constructor registers is used.
    unsafe { __wasm_call_ctors() };
}

#[cfg(not(target_family = "wasm"))]
fn run() {}

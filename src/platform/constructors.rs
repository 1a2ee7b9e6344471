//! Runs the constructors of a wasm module once, before anything else.

use std::sync::Once;

/// Runs the module's constructors at the first call. Natively the system has already run them.
///
/// Burn's compiler registers its parts in constructors. If nothing in a module calls `__wasm_call_ctors`, the linker
/// takes the module for a command. Every exported function then runs all constructors again. wasm-bindgen calls exports
/// whenever it makes a JavaScript object, which costs milliseconds at each kernel launch. A call from the module's own
/// code prevents that. So each program and test that contains Burn calls this function first.
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

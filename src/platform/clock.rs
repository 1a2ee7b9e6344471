//! Time that only moves forward, in the browser and natively.

/// Milliseconds since some fixed moment of this thread's life; the differences are what matters.
#[cfg(target_family = "wasm")]
pub fn now_ms() -> f64 {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        // Named as a global, since a window and a worker keep it in scopes of different types.
        #[wasm_bindgen(js_namespace = performance, js_name = now)]
        fn performance_now() -> f64;
    }
    performance_now()
}

/// Milliseconds since some fixed moment of this process's life; the differences are what matters.
#[cfg(not(target_family = "wasm"))]
pub fn now_ms() -> f64 {
    use std::{sync::OnceLock, time::Instant};

    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_clock_never_runs_backwards() {
        let before = super::now_ms();
        assert!(super::now_ms() >= before);
    }
}

//! A clock that never runs backwards, in the browser and natively; also the time of day, and random numbers for names.

/// Milliseconds since a fixed moment in this thread's life. Only differences are meaningful.
#[cfg(target_family = "wasm")]
pub fn now_ms() -> f64 {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        // Declared as a global function, because web-sys has it on different types for a window and a worker.
        #[wasm_bindgen(js_namespace = performance, js_name = now)]
        fn performance_now() -> f64;
    }
    performance_now()
}

/// Milliseconds since a fixed moment in this process's life. Only differences are meaningful.
#[cfg(not(target_family = "wasm"))]
pub fn now_ms() -> f64 {
    use std::{sync::OnceLock, time::Instant};

    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}

/// Milliseconds since 1970, according to the visitor's clock.
#[cfg(target_family = "wasm")]
pub fn unix_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// A random number. Two of them are equal only by an extreme coincidence.
#[cfg(target_family = "wasm")]
pub fn random() -> u64 {
    let half = || (js_sys::Math::random() * f64::from(u32::MAX)) as u64;
    (half() << 32) | half()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_clock_never_runs_backwards() {
        let before = super::now_ms();
        assert!(super::now_ms() >= before);
    }
}

//! Time that only moves forward, in the browser and natively; and the time of day and chance, for names.

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

/// Milliseconds since 1970, as the visitor's clock says.
#[cfg(target_family = "wasm")]
pub fn unix_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// A number that is not drawn twice, in practice.
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

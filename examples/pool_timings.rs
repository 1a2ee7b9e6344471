//! Prints the time of the pool on this machine's CPU, and of the same pool made of Burn's own operations.
//!
//! `cargo run --release --example pool_timings`. The in-browser tests print the same for WebGPU.

#[path = "../tests/common/pool_timings.rs"]
mod pool_timings;

fn main() {
    print!("{}", pollster::block_on(pool_timings::table(&burn::tensor::Device::flex(), 128, 5)));
}

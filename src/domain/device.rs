//! The devices that compute: which one the visitor asked for, and which one it is.

use serde::{Deserialize, Serialize};

/// Which device the visitor asked for, from `?device=` in the address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    /// WebGPU where it passes the self-check, otherwise the CPU.
    #[default]
    Auto,
    /// WebGPU, or an error.
    WebGpu,
    /// The CPU.
    Cpu,
}

/// The device that computes, as the badge names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceReport {
    /// WebGPU, which passed the self-check.
    WebGpu {
        /// The adapter's description, possibly empty.
        adapter: String,
    },
    /// The CPU.
    Cpu {
        /// A clause that follows "CPU, because".
        because: String,
    },
}

/// Memory that is taken, whether or not it is in use at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The worker's own, which never shrinks; 0 natively.
    pub wasm_bytes: u64,
    /// What is reserved on the GPU; 0 on the CPU.
    pub gpu_bytes: u64,
}

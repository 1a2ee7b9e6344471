//! The devices that compute: the one that the visitor asked for, and the one in use.

use serde::{Deserialize, Serialize};

/// The device that the visitor asked for, by `?device=` in the address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChoice {
    /// WebGPU if it passes the self-check, otherwise the CPU.
    #[default]
    Auto,
    /// WebGPU, or an error.
    WebGpu,
    /// The CPU.
    Cpu,
}

/// The device in use, as the badge names it.
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

/// Memory that is reserved, whether or not it is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The worker's wasm memory, which never shrinks; 0 natively.
    pub wasm_bytes: u64,
    /// Memory reserved on the GPU; 0 on the CPU.
    pub gpu_bytes: u64,
}

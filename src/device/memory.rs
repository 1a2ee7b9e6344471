//! Measures the memory that computing takes, and lets native programs reuse freed memory.

use crate::domain::Memory;
use burn::tensor::Device;

/// The memory in use now: the worker's, and that reserved on `device`.
pub fn taken(device: &Device) -> Memory {
    let gpu_bytes = device.memory_pool_usage().map_or(0, |usage| usage.bytes_reserved);
    Memory { wasm_bytes: worker::bytes(), gpu_bytes }
}

#[cfg(target_family = "wasm")]
mod worker {
    /// The size of the worker's memory, which it counts in pages of 64 KiB.
    pub fn bytes() -> u64 {
        (core::arch::wasm32::memory_size::<0>() as u64) << 16
    }
}

#[cfg(not(target_family = "wasm"))]
mod worker {
    /// A native program is no worker.
    pub fn bytes() -> u64 {
        0
    }
}

/// Keeps freed memory for the tensors of the next step, if glibc allocates.
///
/// Otherwise glibc returns each large tensor to the system when it is freed. At the next step the system hands out new
/// pages and fills them with zeros, which takes a fifth of a training step. Call it once, at the start of a program.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// The largest threshold that glibc accepts. Larger blocks are still returned at once.
        const LARGEST_KEPT_BYTES: i32 = 32 << 20;
        // Safety: both calls set a parameter of the allocator.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES);
            libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        }
    }
}

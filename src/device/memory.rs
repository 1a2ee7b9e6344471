//! What a native program does with memory that the CPU's tensors no longer need.

/// Keeps freed memory for the tensors of the next step, where glibc allocates.
///
/// It would otherwise give each large tensor back to the system when it is freed, which hands out pages anew, filled
/// with zeros, at the next step: a fifth of a training step. Call it once, at the start of a program.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        /// The largest that glibc takes: what is larger is still given back at once.
        const LARGEST_KEPT_BYTES: i32 = 32 << 20;
        // Safety: both calls set a parameter of the allocator.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES);
            libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        }
    }
}

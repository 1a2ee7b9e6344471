//! Spreads work over the machine's threads, and lets the compiler use its widest vectors.
//!
//! Native programs use rayon's threads, and choose the vector width when they run. WebAssembly has one thread and a
//! fixed width, so it gets plain loops. No result depends on the number of threads or on the width.

#[cfg(not(target_family = "wasm"))]
mod threads {
    use rayon::prelude::*;

    /// Calls `work(i, chunk)` on each chunk of `chunk_len` values of `data`.
    pub fn for_each_chunk<T: Send>(data: &mut [T], chunk_len: usize, work: impl Fn(usize, &mut [T]) + Send + Sync) {
        data.par_chunks_mut(chunk_len).enumerate().for_each(|(i, chunk)| work(i, chunk));
    }

    /// Calls `work([a, b], c)` on matching chunks of `chunk_len` values of the three slices.
    pub fn for_each_chunk_of_3(
        [a, b]: [&mut [f32]; 2],
        c: &[f32],
        chunk_len: usize,
        work: impl Fn([&mut [f32]; 2], &[f32]) + Send + Sync,
    ) {
        a.par_chunks_mut(chunk_len)
            .zip(b.par_chunks_mut(chunk_len))
            .zip(c.par_chunks(chunk_len))
            .for_each(|((a, b), c)| work([a, b], c));
    }

    /// How many threads share the work.
    pub fn thread_count() -> usize {
        rayon::current_num_threads()
    }

    /// All threads, for the crate `gemm`.
    pub const ALL: gemm::Parallelism = gemm::Parallelism::Rayon(0);

    /// Calls `work(i, chunk of a, chunk of b)` on matching chunks of the two slices. Each slice comes with its chunk
    /// length.
    pub fn for_each_chunk_of_2<T: Send>(
        a: (&mut [T], usize),
        b: (&mut [T], usize),
        work: impl Fn(usize, &mut [T], &mut [T]) + Send + Sync,
    ) {
        let chunks = a.0.par_chunks_mut(a.1).zip(b.0.par_chunks_mut(b.1));
        chunks.enumerate().for_each(|(i, (a, b))| work(i, a, b));
    }

    /// Calls `work(a, b, c, d)` on matching chunks of `chunk_len` values of the four slices.
    pub fn for_each_chunk_of_4(
        [a, b, c]: [&mut [f32]; 3],
        d: &[f32],
        chunk_len: usize,
        work: impl Fn([&mut [f32]; 3], &[f32]) + Send + Sync,
    ) {
        a.par_chunks_mut(chunk_len)
            .zip(b.par_chunks_mut(chunk_len))
            .zip(c.par_chunks_mut(chunk_len))
            .zip(d.par_chunks(chunk_len))
            .for_each(|(((a, b), c), d)| work([a, b, c], d));
    }
}

#[cfg(target_family = "wasm")]
mod threads {
    /// Calls `work(i, chunk)` on each chunk of `chunk_len` values of `data`.
    pub fn for_each_chunk<T>(data: &mut [T], chunk_len: usize, work: impl Fn(usize, &mut [T])) {
        data.chunks_mut(chunk_len).enumerate().for_each(|(i, chunk)| work(i, chunk));
    }

    /// Calls `work([a, b], c)` on the three slices: one thread needs no chunks.
    pub fn for_each_chunk_of_3(
        ab: [&mut [f32]; 2],
        c: &[f32],
        _chunk_len: usize,
        work: impl Fn([&mut [f32]; 2], &[f32]),
    ) {
        work(ab, c);
    }

    /// How many threads share the work.
    pub fn thread_count() -> usize {
        1
    }

    /// All threads, for the crate `gemm`.
    pub const ALL: gemm::Parallelism = gemm::Parallelism::None;

    /// Calls `work(i, chunk of a, chunk of b)` on matching chunks of the two slices. Each slice comes with its chunk
    /// length.
    pub fn for_each_chunk_of_2<T>(
        a: (&mut [T], usize),
        b: (&mut [T], usize),
        work: impl Fn(usize, &mut [T], &mut [T]),
    ) {
        let chunks = a.0.chunks_mut(a.1).zip(b.0.chunks_mut(b.1));
        chunks.enumerate().for_each(|(i, (a, b))| work(i, a, b));
    }

    /// Calls `work([a, b, c], d)` on the four slices: one thread needs no chunks.
    pub fn for_each_chunk_of_4(
        abc: [&mut [f32]; 3],
        d: &[f32],
        _chunk_len: usize,
        work: impl Fn([&mut [f32]; 3], &[f32]),
    ) {
        work(abc, d);
    }
}

pub use threads::{ALL, for_each_chunk, for_each_chunk_of_2, for_each_chunk_of_3, for_each_chunk_of_4, thread_count};

/// `len` values. `work(i, chunk)` changes `chunk_len` zeros at a time into them.
///
/// Each chunk is filled with zeros just before the work on it, so that it is in that thread's cache already.
///
/// # Panics
/// If `chunk_len` is 0.
pub fn make_chunks(len: usize, chunk_len: usize, work: impl Fn(usize, &mut [f32]) + Send + Sync) -> Vec<f32> {
    let mut made = Vec::with_capacity(len);
    for_each_chunk(&mut made.spare_capacity_mut()[..len], chunk_len, |i, chunk| {
        for value in &mut *chunk {
            value.write(0.0);
        }
        // Safety: every value of the chunk was just written.
        work(i, unsafe { chunk.assume_init_mut() });
    });
    // Safety: the chunks are the first `len` values, all of them written.
    unsafe { made.set_len(len) };
    made
}

/// Defines a function that is compiled twice on x86: for vectors of 128 bits, which every such machine has, and for
/// vectors of 256 bits. It takes the wider ones where the machine has them.
///
/// Only functions that are inlined into it gain. Vectors of 512 bits gained nothing in these loops, and made the
/// convolution slower.
macro_rules! in_wide_vectors {
    ($(#[$meta:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$meta])*
        $visibility fn $name($($argument: $type),*) {
            #[inline(always)]
            fn plain($($argument: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn of_256_bits($($argument: $type),*) {
                    plain($($argument),*);
                }

                if is_x86_feature_detected!("avx2") {
                    // Safety: the machine was just asked.
                    return unsafe { of_256_bits($($argument),*) };
                }
            }
            plain($($argument),*);
        }
    };
}
pub(crate) use in_wide_vectors;

/// Calls `work`, compiled as [`in_wide_vectors`] compiles a function. For loops that borrow many local variables.
#[inline(always)]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2")]
        fn of_256_bits<R>(work: impl FnOnce() -> R) -> R {
            work()
        }

        if is_x86_feature_detected!("avx2") {
            // Safety: the machine was just asked.
            return unsafe { of_256_bits(work) };
        }
    }
    work()
}

//! Spreads work over the machine's threads where there are any: rayon natively, a plain loop on wasm.

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

    /// How many threads there are to share work among.
    pub fn thread_count() -> usize {
        rayon::current_num_threads()
    }

    /// Calls `work(i, chunk of a, chunk of b)` on matching chunks of the two slices, each given with its chunks' length.
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

    /// How many threads there are to share work among.
    pub fn thread_count() -> usize {
        1
    }

    /// Calls `work(i, chunk of a, chunk of b)` on matching chunks of the two slices, each given with its chunks' length.
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

pub use threads::{for_each_chunk, for_each_chunk_of_2, for_each_chunk_of_3, for_each_chunk_of_4, thread_count};

use burn::backend::flex::FlexTensor;

/// The elements of a contiguous tensor of f32.
pub fn floats(x: &FlexTensor) -> &[f32] {
    x.as_slice().expect("an f32 tensor that was just made contiguous")
}

/// Calls `work` compiled for the widest vectors that this machine has.
#[inline(always)]
pub fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

//! Times the pool and compositions of Burn's own operations, forward and backward.

use burn::{
    Tensor,
    tensor::{
        Device, Distribution,
        module::max_pool2d,
        ops::{MaxPoolOptions, PadMode},
        s,
    },
};
use tenfold::{layers::max_pool::compute::window_8x8::max_pool_same, platform::clock::now_ms};

type Pool = fn(Tensor<4>) -> Tensor<4>;

/// Burn's max pool with a window of `height` x `width`, padded as SAME.
fn burn_pool(x: Tensor<4>, height: usize, width: usize) -> Tensor<4> {
    let same = |len: usize| ((len - 1) / 2, len / 2);
    let mut options = MaxPoolOptions::new([height, width]).with_stride([1, 1]);
    options.padding = [same(height), same(width)];
    max_pool2d(x, options)
}

/// Burn's max pool over the whole window.
fn whole_window(x: Tensor<4>) -> Tensor<4> {
    burn_pool(x, 8, 8)
}

/// Burn's max pool along the rows, then along the columns.
fn two_passes(x: Tensor<4>) -> Tensor<4> {
    burn_pool(burn_pool(x, 1, 8), 8, 1)
}

/// Six element-wise maxima of shifted slices.
fn shifted_slices(x: Tensor<4>) -> Tensor<4> {
    let mut x = x.pad((3, 4, 3, 4), PadMode::Constant(f32::MIN));
    for (shift, len) in [(1, 38), (2, 36), (4, 32)] {
        let there = x.clone().slice(s![.., .., .., shift..shift + len]);
        x = x.slice(s![.., .., .., 0..len]).max_pair(there);
    }
    for (shift, len) in [(1, 38), (2, 36), (4, 32)] {
        let there = x.clone().slice(s![.., .., shift..shift + len, ..]);
        x = x.slice(s![.., .., 0..len, ..]).max_pair(there);
    }
    x
}

/// The pools that are timed, with their names in the table.
const POOLS: [(&str, Pool); 4] = [
    ("Burn's max_pool2d, 8x8", whole_window),
    ("Burn's max_pool2d, 1x8 then 8x1", two_passes),
    ("shifted slices", shifted_slices),
    ("ours", max_pool_same),
];

/// A table of milliseconds for `batch` images of 18 feature maps on `device`: the fastest of `repeats`.
///
/// Also checks that all pools give the same maxima, so that no wrong one can look fast.
pub async fn table(device: &Device, batch: usize, repeats: usize) -> String {
    let plain = Tensor::<4>::random([batch, 18, 32, 32], Distribution::Uniform(0.0, 1.0), device);
    let mut table = format!("max pool 8x8, {batch} images, ms: forward, forward and backward\n");
    let wanted = read(whole_window(plain.clone())).await;
    for (name, pool) in POOLS {
        assert_eq!(read(pool(plain.clone())).await, wanted, "{name}");
        let tracked = plain.clone().autodiff().require_grad();
        let (mut forward_ms, mut both_ms) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..repeats {
            let start_ms = now_ms();
            read(pool(plain.clone()).sum()).await;
            forward_ms = forward_ms.min(now_ms() - start_ms);
            let start_ms = now_ms();
            let gradients = pool(tracked.clone()).sum().backward();
            read(tracked.grad(&gradients).expect("a gradient").sum()).await;
            both_ms = both_ms.min(now_ms() - start_ms);
        }
        table += &format!("{name:33} {forward_ms:9.2} {both_ms:9.2}\n");
    }
    table
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data_async().await.expect("readable").try_into_vec().expect("f32")
}

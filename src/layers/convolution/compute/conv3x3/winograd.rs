//! The 3x3 convolution on the CPU by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, 2016).
//!
//! An output tile of 4x4 pixels takes 36 multiplications for each pair of channels instead of 144. In the transformed
//! domain the convolution is 36 matrix products, `[tiles, inputs] * [inputs, outputs]`. The gradients are the exact
//! transposes of the same steps. Images are `[n, h, w, c]`, so that the transforms run over channels side by side. A, B
//! and G are the paper's matrices.

use crate::model::cpu::{
    parallel::vectorised,
    product::{Matrix, Threads, add_product, product},
};

/// Channels that are transformed at a time.
pub const LANES: usize = 8;
type Lanes = [f32; LANES];

/// Side of a filter.
const TAPS: usize = 3;
/// Side of a tile of outputs.
const OUT: usize = 4;
/// Side of the input that a tile depends on, and of the tile in the transformed domain.
const SIDE: usize = 6;
/// Values in a transformed tile.
pub const POINTS: usize = SIDE * SIDE;

/// Values in a buffer for transformed tiles, so that it does not greatly exceed a core's second cache.
const BUFFER_LEN: usize = 1 << 19;

/// The sizes of an image and of its channels.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Input channels, a multiple of [`LANES`].
    pub inputs: usize,
    /// Output channels, a multiple of [`LANES`].
    pub outputs: usize,
}

impl Sizes {
    fn tiles_down(self) -> usize {
        self.height.div_ceil(OUT)
    }
    fn tiles_across(self) -> usize {
        self.width.div_ceil(OUT)
    }
    /// Tiles of an image.
    fn tiles(self) -> usize {
        self.tiles_down() * self.tiles_across()
    }
    /// Images that are transformed together.
    fn images_at_once(self, images: usize) -> usize {
        let per_image = self.tiles() * POINTS * self.inputs.max(self.outputs);
        // Large weights are read once for each buffer, so the buffer grows with them.
        let buffer_len = BUFFER_LEN.max(POINTS * self.inputs * self.outputs / 2);
        (buffer_len / per_image).clamp(1, images.max(1))
    }
}

#[inline(always)]
fn zip(a: Lanes, b: Lanes, f: impl Fn(f32, f32) -> f32) -> Lanes {
    let mut out = [0.0; LANES];
    for i in 0..LANES {
        out[i] = f(a[i], b[i]);
    }
    out
}
#[inline(always)]
fn add(a: Lanes, b: Lanes) -> Lanes {
    zip(a, b, |a, b| a + b)
}
#[inline(always)]
fn sub(a: Lanes, b: Lanes) -> Lanes {
    zip(a, b, |a, b| a - b)
}
#[inline(always)]
fn scale(a: Lanes, by: f32) -> Lanes {
    zip(a, a, |a, _| a * by)
}

/// Transposed B times a column.
#[inline(always)]
fn input_column(d: [Lanes; SIDE]) -> [Lanes; SIDE] {
    let [d0, d1, d2, d3, d4, d5] = d;
    let a = sub(d4, scale(d2, 4.0));
    let b = sub(d3, scale(d1, 4.0));
    let c = sub(d4, d2);
    let e = scale(sub(d3, d1), 2.0);
    [
        add(sub(scale(d0, 4.0), scale(d2, 5.0)), d4),
        add(a, b),
        sub(a, b),
        add(c, e),
        sub(c, e),
        add(sub(scale(d1, 4.0), scale(d3, 5.0)), d5),
    ]
}

/// B times a column: the transpose of [`input_column`].
#[inline(always)]
fn input_gradient_column(v: [Lanes; SIDE]) -> [Lanes; SIDE] {
    let [v0, v1, v2, v3, v4, v5] = v;
    let a = add(v1, v2);
    let b = sub(v1, v2);
    let c = add(v3, v4);
    let e = scale(sub(v3, v4), 2.0);
    [
        scale(v0, 4.0),
        sub(sub(scale(v5, 4.0), scale(b, 4.0)), e),
        sub(sub(scale(v0, -5.0), scale(a, 4.0)), c),
        sub(add(b, e), scale(v5, 5.0)),
        add(add(v0, a), c),
        v5,
    ]
}

/// Transposed A times a column.
#[inline(always)]
fn output_column(m: [Lanes; SIDE]) -> [Lanes; OUT] {
    let [m0, m1, m2, m3, m4, m5] = m;
    let a = add(m1, m2);
    let b = sub(m1, m2);
    let c = add(m3, m4);
    let e = sub(m3, m4);
    [add(add(m0, a), c), add(b, scale(e, 2.0)), add(a, scale(c, 4.0)), add(add(b, scale(e, 8.0)), m5)]
}

/// A times a column: the transpose of [`output_column`].
#[inline(always)]
fn output_gradient_column(y: [Lanes; OUT]) -> [Lanes; SIDE] {
    let [y0, y1, y2, y3] = y;
    let a = add(y0, y2);
    let b = add(y1, y3);
    let c = add(y0, scale(y2, 4.0));
    let e = add(scale(y1, 2.0), scale(y3, 8.0));
    [y0, add(a, b), sub(a, b), add(c, e), sub(c, e), y3]
}

/// Applies `one` to every column, and then to every row of the result.
#[inline(always)]
fn both<const A: usize, const B: usize>(x: [[Lanes; A]; A], one: impl Fn([Lanes; A]) -> [Lanes; B]) -> [[Lanes; B]; B] {
    let mut half = [[[0.0; LANES]; A]; B];
    for column in 0..A {
        let mut taken = [[0.0; LANES]; A];
        for row in 0..A {
            taken[row] = x[row][column];
        }
        let made = one(taken);
        for row in 0..B {
            half[row][column] = made[row];
        }
    }
    let mut out = [[[0.0; LANES]; B]; B];
    for row in 0..B {
        out[row] = one(half[row]);
    }
    out
}

/// G times a column.
#[inline(always)]
fn weight_column(g: [Lanes; TAPS]) -> [Lanes; SIDE] {
    let [g0, g1, g2] = g;
    let a = scale(add(g0, g2), -1.0 / 6.0);
    let b = scale(g1, 1.0 / 6.0);
    let c = add(scale(g0, 1.0 / 24.0), scale(g2, 1.0 / 6.0));
    let e = scale(g1, 1.0 / 12.0);
    [scale(g0, 0.25), sub(a, b), add(a, b), add(c, e), sub(c, e), g2]
}

/// Transposed G times a column.
#[inline(always)]
fn weight_gradient_column(u: [Lanes; SIDE]) -> [Lanes; TAPS] {
    let [u0, u1, u2, u3, u4, u5] = u;
    let a = scale(add(u1, u2), -1.0 / 6.0);
    let b = scale(sub(u2, u1), 1.0 / 6.0);
    let c = add(u3, u4);
    let e = scale(sub(u3, u4), 1.0 / 12.0);
    [add(add(scale(u0, 0.25), a), scale(c, 1.0 / 24.0)), add(b, e), add(add(a, scale(c, 1.0 / 6.0)), u5)]
}

/// `[3, 3, inputs, outputs]` weights -> `[36, inputs, outputs]`; `channels` is the product of the last two.
pub fn transform_weights(weights: &[f32], channels: usize) -> Vec<f32> {
    let mut out = vec![0.0; POINTS * channels];
    vectorised(
        #[inline(always)]
        || {
            for at in (0..channels).step_by(LANES) {
                let mut filter = [[[0.0; LANES]; TAPS]; TAPS];
                for (place, lanes) in filter.as_flattened_mut().iter_mut().enumerate() {
                    lanes.copy_from_slice(&weights[place * channels + at..][..LANES]);
                }
                scatter(both(filter, weight_column), &mut out, at, channels);
            }
        },
    );
    out
}

/// The transpose of [`transform_weights`]: `[36, inputs, outputs]` gradients -> `[3, 3, inputs, outputs]`.
pub fn weights_gradient(gradients: &[f32], channels: usize) -> Vec<f32> {
    let mut out = vec![0.0; TAPS * TAPS * channels];
    vectorised(
        #[inline(always)]
        || {
            for at in (0..channels).step_by(LANES) {
                let filter = both(gather(gradients, at, channels), weight_gradient_column);
                for (place, lanes) in filter.as_flattened().iter().enumerate() {
                    out[place * channels + at..][..LANES].copy_from_slice(lanes);
                }
            }
        },
    );
    out
}

/// The `N` by `N` pixels from `top` and `left` on, for the [`LANES`] channels from `channel` on; 0 outside the image.
#[inline(always)]
fn load<const N: usize>(
    image: &[f32],
    [height, width, channels]: [usize; 3],
    [top, left]: [isize; 2],
    channel: usize,
) -> [[Lanes; N]; N] {
    let mut tile = [[[0.0; LANES]; N]; N];
    for (row, tile) in (top..).zip(&mut tile) {
        if row < 0 || row >= height as isize {
            continue;
        }
        for (column, lanes) in (left..).zip(tile) {
            if column >= 0 && column < width as isize {
                let at = (row as usize * width + column as usize) * channels + channel;
                lanes.copy_from_slice(&image[at..at + LANES]);
            }
        }
    }
    tile
}

/// Writes a transformed tile to its place in each of the 36 matrices.
#[inline(always)]
fn scatter(tile: [[Lanes; SIDE]; SIDE], out: &mut [f32], at: usize, step: usize) {
    for (point, lanes) in tile.as_flattened().iter().enumerate() {
        out[point * step + at..][..LANES].copy_from_slice(lanes);
    }
}

/// Takes a transformed tile from its place in each of the 36 matrices.
#[inline(always)]
fn gather(from: &[f32], at: usize, step: usize) -> [[Lanes; SIDE]; SIDE] {
    let mut tile = [[[0.0; LANES]; SIDE]; SIDE];
    for (point, lanes) in tile.as_flattened_mut().iter_mut().enumerate() {
        lanes.copy_from_slice(&from[point * step + at..][..LANES]);
    }
    tile
}

/// Calls `work(image, row, column, number, channel)` for each group of channels of each tile. `row` and `column` are
/// the tile's first pixel, `number` counts the tiles of all images, and `channel` is the group's first.
#[inline(always)]
fn for_tiles(sizes: Sizes, images: usize, channels: usize, mut work: impl FnMut(usize, usize, usize, usize, usize)) {
    let mut number = 0;
    for image in 0..images {
        for row in 0..sizes.tiles_down() {
            for column in 0..sizes.tiles_across() {
                for channel in (0..channels).step_by(LANES) {
                    work(image, row * OUT, column * OUT, number, channel);
                }
                number += 1;
            }
        }
    }
}

/// `[images, h, w, inputs]` -> `[36, tiles, inputs]`.
fn transform_inputs(x: &[f32], sizes: Sizes, images: usize, out: &mut [f32]) {
    let Sizes { height, width, inputs, .. } = sizes;
    let step = images * sizes.tiles() * inputs;
    vectorised(
        #[inline(always)]
        || {
            for_tiles(
                sizes,
                images,
                inputs,
                #[inline(always)]
                |image, row, column, number, channel| {
                    let image = &x[image * height * width * inputs..][..height * width * inputs];
                    let origin = [row as isize - 1, column as isize - 1];
                    let tile = load::<SIDE>(image, [height, width, inputs], origin, channel);
                    scatter(both(tile, input_column), out, number * inputs + channel, step);
                },
            );
        },
    );
}

/// `[36, tiles, outputs]` -> `[images, h, w, outputs]`.
fn transform_outputs(m: &[f32], sizes: Sizes, images: usize, y: &mut [f32]) {
    let Sizes { height, width, outputs, .. } = sizes;
    let step = images * sizes.tiles() * outputs;
    vectorised(
        #[inline(always)]
        || {
            for_tiles(
                sizes,
                images,
                outputs,
                #[inline(always)]
                |image, top, left, number, channel| {
                    let image = &mut y[image * height * width * outputs..][..height * width * outputs];
                    let tile = both(gather(m, number * outputs + channel, step), output_column);
                    for (row, tile) in (top..height).zip(tile) {
                        for (column, lanes) in (left..width).zip(tile) {
                            image[(row * width + column) * outputs + channel..][..LANES].copy_from_slice(&lanes);
                        }
                    }
                },
            );
        },
    );
}

/// The transpose of [`transform_outputs`].
fn transform_output_gradients(grad: &[f32], sizes: Sizes, images: usize, out: &mut [f32]) {
    let Sizes { height, width, outputs, .. } = sizes;
    let step = images * sizes.tiles() * outputs;
    vectorised(
        #[inline(always)]
        || {
            for_tiles(
                sizes,
                images,
                outputs,
                #[inline(always)]
                |image, row, column, number, channel| {
                    let image = &grad[image * height * width * outputs..][..height * width * outputs];
                    let tile = load::<OUT>(image, [height, width, outputs], [row as isize, column as isize], channel);
                    scatter(both(tile, output_gradient_column), out, number * outputs + channel, step);
                },
            );
        },
    );
}

/// The transpose of [`transform_inputs`]; adds to `grad`.
fn transform_input_gradients(v: &[f32], sizes: Sizes, images: usize, grad: &mut [f32]) {
    let Sizes { height, width, inputs, .. } = sizes;
    let step = images * sizes.tiles() * inputs;
    vectorised(
        #[inline(always)]
        || {
            for_tiles(
                sizes,
                images,
                inputs,
                #[inline(always)]
                |image, top, left, number, channel| {
                    let image = &mut grad[image * height * width * inputs..][..height * width * inputs];
                    let tile = both(gather(v, number * inputs + channel, step), input_gradient_column);
                    for (row, tile) in (top..height + 1).zip(tile) {
                        for (column, lanes) in (left..width + 1).zip(tile) {
                            // Row and column count from the border of zeros, so they are one too large.
                            if row > 0 && column > 0 {
                                let at = ((row - 1) * width + column - 1) * inputs + channel;
                                for (sum, lane) in image[at..at + LANES].iter_mut().zip(lanes) {
                                    *sum += lane;
                                }
                            }
                        }
                    }
                },
            );
        },
    );
}

/// The convolution of some images with transformed weights: `[images, h, w, inputs]` -> `[images, h, w, outputs]`.
pub fn forward(x: &[f32], weights: &[f32], sizes: Sizes, y: &mut [f32]) {
    let Sizes { height, width, inputs, outputs } = sizes;
    let (input_len, output_len) = (height * width * inputs, height * width * outputs);
    let at_once = sizes.images_at_once(x.len() / input_len);
    let mut v = vec![0.0; POINTS * at_once * sizes.tiles() * inputs];
    let mut m = vec![0.0; POINTS * at_once * sizes.tiles() * outputs];
    for (x, y) in x.chunks(at_once * input_len).zip(y.chunks_mut(at_once * output_len)) {
        let images = x.len() / input_len;
        let tiles = images * sizes.tiles();
        transform_inputs(x, sizes, images, &mut v);
        let tiled = v.chunks_exact(tiles * inputs).zip(m.chunks_exact_mut(tiles * outputs));
        for ((v, m), weights) in tiled.zip(weights.chunks_exact(inputs * outputs)) {
            let (v, weights) = (Matrix::of_rows(v, inputs), Matrix::of_rows(weights, outputs));
            product(v, weights, [tiles, inputs, outputs], m, Threads::This);
        }
        transform_outputs(&m, sizes, images, y);
    }
}

/// Backpropagates `grad`, the gradient with respect to the output. Adds the gradient with respect to the images to
/// `grad_x`, and that with respect to the transformed weights to `grad_weights`.
pub fn backward(x: &[f32], weights: &[f32], grad: &[f32], sizes: Sizes, grad_x: &mut [f32], grad_weights: &mut [f32]) {
    let Sizes { height, width, inputs, outputs } = sizes;
    let (input_len, output_len) = (height * width * inputs, height * width * outputs);
    let at_once = sizes.images_at_once(x.len() / input_len);
    let mut v = vec![0.0; POINTS * at_once * sizes.tiles() * inputs];
    let mut m = vec![0.0; POINTS * at_once * sizes.tiles() * outputs];
    let chunks = x.chunks(at_once * input_len).zip(grad.chunks(at_once * output_len));
    for ((x, grad), grad_x) in chunks.zip(grad_x.chunks_mut(at_once * input_len)) {
        let images = x.len() / input_len;
        let tiles = images * sizes.tiles();
        transform_inputs(x, sizes, images, &mut v);
        transform_output_gradients(grad, sizes, images, &mut m);
        let points = weights.chunks_exact(inputs * outputs).zip(grad_weights.chunks_exact_mut(inputs * outputs));
        let tiled = v.chunks_exact_mut(tiles * inputs).zip(m.chunks_exact(tiles * outputs));
        for ((weights, grad_weights), (v, m)) in points.zip(tiled) {
            let grad = Matrix::of_rows(m, outputs);
            add_product(Matrix::of_rows(v, inputs).transposed(), grad, [inputs, tiles, outputs], grad_weights);
            // The inputs are not needed any more. Their buffer takes their gradient.
            let weights = Matrix::of_rows(weights, outputs).transposed();
            product(grad, weights, [tiles, outputs, inputs], v, Threads::This);
        }
        transform_input_gradients(&v, sizes, images, grad_x);
    }
}

/// Adds the gradient with respect to some images to `grad_x`, given that of the output, `grad`.
pub fn input_gradient(weights: &[f32], grad: &[f32], sizes: Sizes, grad_x: &mut [f32]) {
    let Sizes { height, width, inputs, outputs } = sizes;
    let (input_len, output_len) = (height * width * inputs, height * width * outputs);
    let at_once = sizes.images_at_once(grad.len() / output_len);
    let mut v = vec![0.0; POINTS * at_once * sizes.tiles() * inputs];
    let mut m = vec![0.0; POINTS * at_once * sizes.tiles() * outputs];
    for (grad, grad_x) in grad.chunks(at_once * output_len).zip(grad_x.chunks_mut(at_once * input_len)) {
        let images = grad.len() / output_len;
        let tiles = images * sizes.tiles();
        transform_output_gradients(grad, sizes, images, &mut m);
        let tiled = v.chunks_exact_mut(tiles * inputs).zip(m.chunks_exact(tiles * outputs));
        for ((v, m), weights) in tiled.zip(weights.chunks_exact(inputs * outputs)) {
            let (grad, weights) = (Matrix::of_rows(m, outputs), Matrix::of_rows(weights, outputs).transposed());
            product(grad, weights, [tiles, outputs, inputs], v, Threads::This);
        }
        transform_input_gradients(&v, sizes, images, grad_x);
    }
}

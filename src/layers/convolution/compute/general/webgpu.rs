//! The general convolution on WebGPU. Each thread keeps a tile of sums in registers; there are no barriers.
//!
//! If the numbers of inputs and of outputs are multiples of four, a thread multiplies 4x4 blocks. Otherwise it takes
//! one input at a time.

use super::{ConvolveGradients, ConvolveOps, Windows};
use crate::model::wgsl::{Kernel, Parts, add_parts, contiguous, empty, lanes};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// A workgroup's threads along the channels.
const ACROSS: usize = 16;

/// A workgroup's threads along the pixels, or along the inputs of the weights' gradient.
const DOWN: usize = 4;

/// Pixels per thread. Their sums stay in registers, and each loaded weight serves all of them.
const ROWS: usize = 8;

/// Images in a partial sum of the weights' gradient, at least. With fewer there would be many partial sums; with more,
/// a thread would work for long.
const SHARE: usize = 4;

/// Partial sums of the weights' gradient, at most.
const MOST_PARTS: usize = 16;

/// The sizes of a convolution.
#[derive(Clone, Copy)]
struct Sizes {
    windows: Windows,
    images: usize,
    inputs: usize,
    outputs: usize,
}

impl Sizes {
    /// Whether threads multiply 4x4 blocks.
    fn has_blocks(self) -> bool {
        lanes(self.inputs) == 4 && lanes(self.outputs) == 4
    }

    /// The kernel of this text, whose threads take one channel each, or four if `channels` is a multiple of four.
    fn kernel(self, text: &'static str, channels: usize) -> Kernel {
        let Windows { input: [height, width], output: [rows, columns], side, stride, before: [above, left] } =
            self.windows;
        Kernel::in_lanes(text, channels)
            .numbers([("images", self.images), ("height", height), ("width", width), ("out_height", rows)])
            .numbers([("out_width", columns), ("side", side), ("stride", stride), ("above", above), ("left", left)])
            .only_if("blocks", self.has_blocks())
            .only_if("single", !self.has_blocks())
    }

    /// Runs `kernel`. Each thread takes `ROWS` of `pixels` and one of `shares` shares of the channels.
    fn launch_pixels(self, kernel: Kernel, pixels: usize, shares: usize, tensors: &[&FloatTensor<Cube>]) {
        let groups = pixels.div_ceil(ROWS * DOWN);
        // WebGPU allows 65,535 workgroups along the second dimension. More of them go along the third.
        let lines = groups.div_ceil(60_000);
        kernel
            .numbers([("pixels", pixels), ("rows", ROWS), ("line", groups.div_ceil(lines))])
            .repeat("row", ROWS)
            .launch([ACROSS, DOWN], [shares.div_ceil(ACROSS), groups.div_ceil(lines), lines], tensors);
    }
}

impl ConvolveOps for Cube {
    fn convolve(x: FloatTensor<Self>, weight: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let [x, weight] = [x, weight].map(contiguous);
        let ([images, _, _, inputs], [_, _, _, outputs]) = (x.shape().dims(), weight.shape().dims());
        let sizes = Sizes { windows, images, inputs, outputs };
        let [rows, columns] = windows.output;
        let y = empty([images, rows, columns, outputs], &x);
        let inputs = if sizes.has_blocks() { inputs / 4 } else { inputs };
        let shares = outputs / lanes(outputs);
        let kernel = sizes.kernel(include_str!("forward.wgsl"), outputs);
        let kernel = kernel.numbers([("inputs", inputs), ("outputs", shares)]);
        sizes.launch_pixels(kernel, images * rows * columns, shares, &[&x, &weight, &y]);
        y
    }
}

impl ConvolveGradients for Cube {
    fn convolve_input_gradient(
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        windows: Windows,
    ) -> FloatTensor<Self> {
        let [weight, grad] = [weight, grad].map(contiguous);
        let ([images, _, _, outputs], [_, _, inputs, _]) = (grad.shape().dims(), weight.shape().dims());
        let sizes = Sizes { windows, images, inputs, outputs };
        let [height, width] = windows.input;
        let grad_x = empty([images, height, width, inputs], &grad);
        let at_once = if sizes.has_blocks() { 4 } else { 1 };
        let (inputs, outputs) = (inputs / at_once, outputs / at_once);
        let kernel = sizes.kernel(include_str!("input_gradient.wgsl"), at_once);
        let kernel = kernel.numbers([("inputs", inputs), ("outputs", outputs)]);
        sizes.launch_pixels(kernel, images * height * width, inputs, &[&grad, &weight, &grad_x]);
        grad_x
    }

    fn convolve_weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>, windows: Windows) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let ([images, _, _, inputs], [_, _, _, outputs]) = (x.shape().dims(), grad.shape().dims());
        let sizes = Sizes { windows, images, inputs, outputs };
        let side = windows.side;
        let Parts { share, count } = Parts::of(images, SHARE, MOST_PARTS, side * side * inputs * outputs);
        let parts = empty([count, side * side * inputs, outputs], &x);
        let (ins, outs) = (if sizes.has_blocks() { inputs / 4 } else { inputs }, outputs / lanes(outputs));
        sizes
            .kernel(include_str!("weight_gradient.wgsl"), outputs)
            .numbers([("inputs", ins), ("outputs", outs), ("share", share)])
            .launch(
                [ACROSS, DOWN],
                [outs.div_ceil(ACROSS), (side * side * ins).div_ceil(DOWN), count],
                &[&x, &grad, &parts],
            );
        add_parts(&parts, [side, side, inputs, outputs])
    }
}

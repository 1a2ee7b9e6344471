//! The 3x3 convolution on WebGPU. Each thread keeps a tile of sums in registers; there are no barriers.

use super::{Conv3x3Gradients, Conv3x3Ops};
use crate::model::wgsl::{Kernel, Parts, add_parts, contiguous, empty, sizes};
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

/// The sizes of images and channels.
#[derive(Clone, Copy)]
struct Sizes {
    images: usize,
    height: usize,
    width: usize,
    inputs4: usize,
    outputs4: usize,
}

impl Sizes {
    fn of(x: &FloatTensor<Cube>, weight: &FloatTensor<Cube>) -> Self {
        let ([images, height, width, inputs], [_, _, _, outputs]) = (x.shape().dims(), weight.shape().dims());
        Self { images, height, width, inputs4: inputs / 4, outputs4: outputs / 4 }
    }

    fn pixels(self) -> usize {
        self.images * self.height * self.width
    }

    /// Runs the kernel of this text. Each thread takes `ROWS` pixels and four of `4 * channels4` channels.
    fn launch_pixels(self, text: &'static str, channels4: usize, [x, weight, y]: [&FloatTensor<Cube>; 3]) {
        let Self { height, width, inputs4, outputs4, .. } = self;
        let sizes = sizes([self.pixels(), height, width, inputs4, outputs4], x);
        let workgroups = [channels4.div_ceil(ACROSS), self.pixels().div_ceil(ROWS * DOWN), 1];
        Kernel::new(text).numbers([("rows", ROWS)]).repeat("row", ROWS).launch(
            [ACROSS, DOWN],
            workgroups,
            &[x, weight, y, &sizes],
        );
    }
}

impl Conv3x3Ops for Cube {
    fn conv3x3(x: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let [x, weight] = [x, weight].map(contiguous);
        let sizes = Sizes::of(&x, &weight);
        let y = empty([sizes.images, sizes.height, sizes.width, 4 * sizes.outputs4], &x);
        sizes.launch_pixels(include_str!("forward.wgsl"), sizes.outputs4, [&x, &weight, &y]);
        y
    }
}

impl Conv3x3Gradients for Cube {
    fn conv3x3_backward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [x, weight, grad] = [x, weight, grad].map(contiguous);
        let sizes = Sizes::of(&x, &weight);
        let Sizes { images, height, width, inputs4, outputs4 } = sizes;
        let grad_x = Self::conv3x3_input_gradient(weight, grad.clone());

        let Parts { share, count } = Parts::of(images, SHARE, MOST_PARTS, 9 * 4 * inputs4 * 4 * outputs4);
        let parts = empty([count, 9 * 4 * inputs4, 4 * outputs4], &x);
        Kernel::new(include_str!("weight_gradient.wgsl"))
            .numbers([("height", height), ("width", width)])
            .numbers([("inputs4", inputs4), ("outputs4", outputs4), ("images", images), ("share", share)])
            .launch(
                [ACROSS, DOWN],
                [outputs4.div_ceil(ACROSS), (9 * inputs4).div_ceil(DOWN), count],
                &[&x, &grad, &parts],
            );
        (grad_x, add_parts(&parts, [3, 3, 4 * inputs4, 4 * outputs4]))
    }

    fn conv3x3_input_gradient(weight: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let [weight, grad] = [weight, grad].map(contiguous);
        let ([images, height, width, outputs], [_, _, inputs, _]) = (grad.shape().dims(), weight.shape().dims());
        let sizes = Sizes { images, height, width, inputs4: inputs / 4, outputs4: outputs / 4 };
        let grad_x = empty([images, height, width, inputs], &grad);
        sizes.launch_pixels(include_str!("input_gradient.wgsl"), sizes.inputs4, [&grad, &weight, &grad_x]);
        grad_x
    }
}

//! The loss on WebGPU: one workgroup adds up a batch. The gradient has one thread per image.

use super::{LossGradients, LossOps};
use crate::model::wgsl::{Kernel, contiguous, empty};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// Threads in the workgroup that adds up the images.
const ADDING_WORKGROUP: usize = 64;

/// Threads in a workgroup whose threads each take one image.
const WORKGROUP: usize = 32;

impl LossOps for Cube {
    fn cross_entropy(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        tally: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [logits, targets, tally] = [logits, targets, tally].map(contiguous);
        let (mean, sums) = (empty([1], &logits), empty([2], &logits));
        kernel(concat!(include_str!("image.wgsl"), include_str!("forward.wgsl")), &logits).launch_row(
            ADDING_WORKGROUP,
            1,
            &[&logits, &targets, &tally, &mean, &sums],
        );
        (mean, sums)
    }
}

impl LossGradients for Cube {
    fn cross_entropy_backward(
        logits: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        grad: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let [logits, targets, grad] = [logits, targets, grad].map(contiguous);
        let [images, classes] = logits.shape().dims();
        let gradient = empty([images, classes], &logits);
        kernel(concat!(include_str!("image.wgsl"), include_str!("gradient.wgsl")), &logits).launch_row(
            WORKGROUP,
            images,
            &[&logits, &targets, &grad, &gradient],
        );
        gradient
    }
}

/// The kernel of this text for a batch of the size of `logits`.
fn kernel(text: &'static str, logits: &FloatTensor<Cube>) -> Kernel {
    let [images, classes] = logits.shape().dims();
    Kernel::new(text).numbers([("images", images), ("classes", classes)])
}

//! The layer over planes on WebGPU, for few images. One kernel lists the pixels where a plane changes, another adds up
//! the sums' rows there.

use super::SummedDenseOps;
use crate::layers::dense::compute::webgpu::{CHUNK, add_up};
use crate::model::wgsl::{Kernel, contiguous, empty, has_narrow_planes};
use crate::spec::shape::Activation;
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// Threads in a workgroup of one dimension.
const WORKGROUP: usize = 64;

impl SummedDenseOps for Cube {
    fn summed_weights(weight: FloatTensor<Self>, [height, width]: [usize; 2]) -> FloatTensor<Self> {
        let weight = contiguous(weight);
        let [inputs, outputs] = weight.shape().dims();
        let sums = empty([inputs, outputs], &weight);
        // First along the rows of pixels, from the weights. Then along the columns, in place.
        for (len, step, lines, line_step, is_first) in
            [(width, 1, height, width, true), (height, width, width, 1, false)]
        {
            let count = inputs / len * outputs / 4;
            let tensors = [&sums, &weight];
            Kernel::new(include_str!("sums.wgsl"))
                .numbers([("len", len), ("step", step), ("lines", lines), ("line_step", line_step)])
                .numbers([("outputs4", outputs / 4), ("count", count)])
                .only_if("apart", is_first)
                .only_if("in_place", !is_first)
                .launch_row(WORKGROUP, count, if is_first { &tensors } else { &tensors[..1] });
        }
        sums
    }

    fn summed_dense(
        x: FloatTensor<Self>,
        sums: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let [x, sums, bias] = [x, sums, bias].map(contiguous);
        let ([images, planes, height, width], [inputs, outputs]) = (x.shape().dims(), sums.shape().dims());
        assert_eq!(inputs, planes * height * width, "the layer has weights for every pixel");
        let rows = planes * height;
        let changes = empty([images, rows, width, 2], &x);
        let counts = empty([images, rows], &x);
        Kernel::new(include_str!("changes.wgsl"))
            .numbers([("width", width), ("height", height), ("rows", rows), ("count", images * rows)])
            .numbers([("outputs", outputs)])
            .launch_row(WORKGROUP, images * rows, &[&x, &changes, &counts]);

        // A GPU needs many threads. A CPU reads the changes more slowly, and wider tiles read them less often.
        let (columns, across) = if has_narrow_planes(&x) { (24, 16) } else { (1, 64) };
        let part_rows = CHUNK.div_ceil(width);
        let part_count = rows.div_ceil(part_rows);
        let parts = empty([part_count, images, outputs], &x);
        Kernel::new(include_str!("forward.wgsl"))
            .numbers([("images", images), ("rows", rows), ("width", width), ("part_rows", part_rows)])
            .numbers([("outputs", outputs), ("columns", columns)])
            .repeat("column", columns)
            .launch(
                [across, 1],
                [outputs.div_ceil(across * columns), images, part_count],
                &[&changes, &counts, &sums, &parts],
            );
        add_up(&parts, &bias, activation)
    }
}

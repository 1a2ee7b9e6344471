//! A dense layer on WebGPU. Each thread keeps a tile of sums in registers; there are no barriers.
//!
//! A thread multiplies 4x4 blocks, WGSL's own matrices. So sixteen loaded values serve 64 multiplications or more. The
//! forward product has few outputs and long sums. It is split into partial sums, which a second kernel adds up.

use super::{Activation, DenseGradients, DenseOps, FEW_IMAGES};
use crate::model::wgsl::{Kernel, Parts, contiguous, empty, has_narrow_planes};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// Threads in a workgroup of one dimension.
const WORKGROUP: usize = 64;

/// Threads in a workgroup whose threads each only add up partial sums.
const WIDE_WORKGROUP: usize = 256;

/// A partial sum of the forward product has this many inputs, or a multiple: 72 partial sums of the article's 18,432
/// inputs.
pub(super) const CHUNK: usize = 256;

/// The part of the product that a thread computes, and the shape of a workgroup.
#[derive(Clone, Copy)]
struct Tile {
    /// Rows of the product.
    rows: usize,
    /// Groups of four columns.
    columns: usize,
    /// A workgroup's threads along the columns.
    across: usize,
    /// A workgroup's threads along the rows.
    down: usize,
}

impl Tile {
    /// For so few images that a thread takes all of them, on the device of `like`. Many threads give a GPU enough loads
    /// under way.
    ///
    /// A CPU spends time on each load of an input, and wider tiles need fewer.
    fn for_few(images: usize, like: &FloatTensor<Cube>) -> Self {
        let columns = if has_narrow_planes(like) { 3 } else { 1 };
        Self { rows: images, columns, across: 32, down: 1 }
    }

    /// For a batch on the device of `like`: 8 by 8 sums leave enough registers to a GPU's threads.
    ///
    /// A CPU keeps the sums in its first cache. There 16 by 16 sums halve the loads at no cost.
    fn for_batch(images: usize, like: &FloatTensor<Cube>) -> Self {
        if has_narrow_planes(like) && images >= 16 {
            Self { rows: 16, columns: 4, across: 8, down: 8 }
        } else {
            Self { rows: 8, columns: 2, across: 16, down: 16 }
        }
    }

    /// Runs `kernel` for a product of `rows` by `columns`, in `parts` partial sums.
    fn launch(self, kernel: Kernel, [rows, columns]: [usize; 2], parts: usize, tensors: [&FloatTensor<Cube>; 3]) {
        let workgroups =
            [columns.div_ceil(4 * self.columns * self.across), rows.div_ceil(self.rows * self.down), parts];
        kernel.numbers([("columns", self.columns)]).repeat("column", self.columns).launch(
            [self.across, self.down],
            workgroups,
            &tensors,
        );
    }
}

/// The sizes of a layer and of its batch.
#[derive(Clone, Copy)]
struct Sizes {
    images: usize,
    inputs: usize,
    outputs: usize,
}

impl Sizes {
    /// Whether inputs and outputs are multiples of four, so that the tiles can load four at once.
    fn fit_tiles(self) -> bool {
        self.inputs.is_multiple_of(4) && self.outputs.is_multiple_of(4)
    }

    /// The kernel of this text.
    fn kernel(self, text: &'static str) -> Kernel {
        Kernel::new(text).numbers([("images", self.images), ("inputs", self.inputs), ("outputs", self.outputs)])
    }
}

impl DenseOps for Cube {
    fn dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let [x, weight, bias] = [x, weight, bias].map(contiguous);
        let ([images, inputs], [_, outputs]) = (x.shape().dims(), weight.shape().dims());
        let sizes = Sizes { images, inputs, outputs };
        if !sizes.fit_tiles() {
            let y = empty([images, outputs], &x);
            let relu = activation == Activation::Relu;
            let left = Matrix { tensor: &x, row_step: inputs, column_step: 1 };
            let right = Matrix { tensor: &weight, row_step: outputs, column_step: 1 };
            any_size(left, right, inputs, Some(&bias), relu, &y);
            return y;
        }
        let tile = match images {
            ..FEW_IMAGES => Tile::for_few(images, &x),
            _ => Tile::for_batch(images, &x),
        };
        let Parts { share, count } = Parts::of(inputs.div_ceil(CHUNK), 1, usize::MAX, images * outputs);
        let parts = empty([count, images, outputs], &x);
        let kernel =
            sizes.kernel(include_str!("forward.wgsl")).numbers([("chunk", share * CHUNK), ("rows", tile.rows)]);
        let tensors = [&x, &weight, &parts];
        tile.launch(kernel.repeat("row", tile.rows), [images, outputs], count, tensors);
        add_up(&parts, &bias, activation)
    }
}

impl DenseGradients for Cube {
    fn dense_sums_gradient(
        y: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        activation: Activation,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [y, grad] = [y, grad].map(contiguous);
        let [images, outputs] = grad.shape().dims();
        let grad_bias = empty([outputs], &grad);
        let kernel = Kernel::new(include_str!("sums_gradient.wgsl"))
            .numbers([("images", images), ("outputs", outputs)])
            .only_if("relu", activation == Activation::Relu);
        if activation == Activation::Relu {
            let grad_sums = empty([images, outputs], &grad);
            kernel.launch_row(WORKGROUP, outputs, &[&grad, &grad_bias, &y, &grad_sums]);
            (grad_sums, grad_bias)
        } else {
            kernel.launch_row(WORKGROUP, outputs, &[&grad, &grad_bias]);
            (grad, grad_bias)
        }
    }

    fn dense_input_gradient(grad: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        let [grad, weight] = [grad, weight].map(contiguous);
        let ([images, outputs], [inputs, _]) = (grad.shape().dims(), weight.shape().dims());
        let sizes = Sizes { images, inputs, outputs };
        let grad_x = empty([images, inputs], &grad);
        if sizes.fit_tiles() {
            let tile = Tile::for_batch(images, &grad);
            let kernel = sizes.kernel(include_str!("input_gradient.wgsl")).numbers([("rows", tile.rows)]);
            tile.launch(kernel.repeat("row", tile.rows), [images, inputs], 1, [&grad, &weight, &grad_x]);
        } else {
            let left = Matrix { tensor: &grad, row_step: outputs, column_step: 1 };
            let right = Matrix { tensor: &weight, row_step: 1, column_step: outputs };
            any_size(left, right, outputs, None, false, &grad_x);
        }
        grad_x
    }

    fn dense_weight_gradient(x: FloatTensor<Self>, grad: FloatTensor<Self>) -> FloatTensor<Self> {
        let [x, grad] = [x, grad].map(contiguous);
        let ([images, inputs], [_, outputs]) = (x.shape().dims(), grad.shape().dims());
        let sizes = Sizes { images, inputs, outputs };
        let grad_weight = empty([inputs, outputs], &x);
        if sizes.fit_tiles() {
            let tile = Tile::for_batch(images, &x);
            // The product's rows are inputs, which are adjacent in memory. So the kernel takes four of them at a time,
            // too.
            let blocks = tile.rows / 4;
            let kernel = sizes.kernel(include_str!("weight_gradient.wgsl")).numbers([("rows", blocks)]);
            tile.launch(kernel.repeat("row", blocks), [inputs, outputs], 1, [&x, &grad, &grad_weight]);
        } else {
            let left = Matrix { tensor: &x, row_step: 1, column_step: inputs };
            let right = Matrix { tensor: &grad, row_step: outputs, column_step: 1 };
            any_size(left, right, images, None, false, &grad_weight);
        }
        grad_weight
    }
}

/// The outputs, `[images, outputs]`, given the partial sums `parts`, `[parts, images, outputs]`.
pub(super) fn add_up(parts: &FloatTensor<Cube>, bias: &FloatTensor<Cube>, activation: Activation) -> FloatTensor<Cube> {
    let [part_count, images, outputs] = parts.shape().dims();
    let y = empty([images, outputs], parts);
    let count = images * outputs / 4;
    Kernel::new(include_str!("add_parts.wgsl"))
        .numbers([("outputs4", outputs / 4), ("count", count), ("chunks", part_count)])
        .only_if("relu", activation == Activation::Relu)
        .launch_row(WIDE_WORKGROUP, count, &[parts, bias, &y]);
    y
}

/// A tensor read as a matrix, which can be transposed.
struct Matrix<'a> {
    tensor: &'a FloatTensor<Cube>,
    /// Distance from a row to the next, in elements.
    row_step: usize,
    /// Distance from a column to the next, in elements.
    column_step: usize,
}

/// Writes `left * right`, sums of `terms` products, to `product`, with `bias` if given, then with ReLU if `relu`.
fn any_size(
    left: Matrix,
    right: Matrix,
    terms: usize,
    bias: Option<&FloatTensor<Cube>>,
    relu: bool,
    product: &FloatTensor<Cube>,
) {
    let [rows, columns] = product.shape().dims();
    let mut tensors = vec![left.tensor, right.tensor, product];
    tensors.extend(bias);
    Kernel::new(include_str!("any_size.wgsl"))
        .numbers([("rows", rows), ("columns", columns), ("terms", terms)])
        .numbers([("left_row", left.row_step), ("left_term", left.column_step)])
        .numbers([("right_term", right.row_step), ("right_column", right.column_step)])
        .only_if("bias", bias.is_some())
        .only_if("relu", relu)
        .launch_row(WORKGROUP, rows * columns, &tensors);
}

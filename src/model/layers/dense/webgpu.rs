//! A dense layer on WebGPU: products whose threads keep a tile of sums in registers, without barriers.
//!
//! A thread multiplies 4x4 blocks, WGSL's own matrices, so that sixteen values loaded serve 64 multiplications and
//! more. The forward product has few outputs and long sums; it is split into parts, which a second kernel adds up.

use super::{Activation, DenseGradients, DenseOps, FEW_IMAGES};
use crate::model::wgsl::{Kernel, Parts, contiguous, empty, has_narrow_planes};
use burn::backend::{Cube, TensorMetadata, tensor::FloatTensor};

/// Threads of a workgroup where they stand in a row.
const WORKGROUP: usize = 64;

/// Threads of a workgroup where each only adds up or copies.
const WIDE_WORKGROUP: usize = 256;

/// Inputs of a part of the forward product, or a multiple of them: 72 parts of the article's 18,432 inputs.
pub(super) const CHUNK: usize = 256;

/// What a thread computes, and how a workgroup's threads lie.
#[derive(Clone, Copy)]
struct Tile {
    /// Rows of the product.
    rows: usize,
    /// Groups of four columns.
    columns: usize,
    /// Threads side by side along the columns.
    across: usize,
    /// Threads one below the other along the rows.
    down: usize,
}

impl Tile {
    /// For so few images that a thread takes them all, on the device of `like`: many threads, so that a GPU has loads enough
    /// under way.
    ///
    /// To a CPU each load of an input is work, which wider tiles save.
    fn for_few(images: usize, like: &FloatTensor<Cube>) -> Self {
        let columns = if has_narrow_planes(like) { 3 } else { 1 };
        Self { rows: images, columns, across: 32, down: 1 }
    }

    /// For a batch on the device of `like`: 8 by 8 sums leave a GPU's threads enough registers.
    ///
    /// A CPU keeps the sums in its first cache, so that 16 by 16 of them, which halve the loads, cost it nothing.
    fn for_batch(images: usize, like: &FloatTensor<Cube>) -> Self {
        if has_narrow_planes(like) && images >= 16 {
            Self { rows: 16, columns: 4, across: 8, down: 8 }
        } else {
            Self { rows: 8, columns: 2, across: 16, down: 16 }
        }
    }

    /// Runs `text` for a product of `rows` by `columns`, in as many parts as said.
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

/// Sizes of a layer and of its batch.
#[derive(Clone, Copy)]
struct Sizes {
    images: usize,
    inputs: usize,
    outputs: usize,
}

impl Sizes {
    /// Whether rows of inputs and of outputs consist of whole groups of four, which the tiles load at once.
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
            // Its rows are inputs, which lie side by side in memory: it takes them by fours, too.
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

/// The outputs, `[images, outputs]`, of which `parts`, `[parts, images, outputs]`, are to be added up.
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

/// A tensor read as a matrix, perhaps a transposed one.
struct Matrix<'a> {
    tensor: &'a FloatTensor<Cube>,
    /// From a row to the next, in elements.
    row_step: usize,
    /// From a column to the next, in elements.
    column_step: usize,
}

/// Writes `left * right`, sums of `terms` products, to `product`; with `bias` and ReLU where wanted.
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

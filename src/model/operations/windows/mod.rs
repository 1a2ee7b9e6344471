//! The maximum or the mean of each square window of images whose channels lie side by side. Windows have any size,
//! stride and padding.

mod cpu;
#[cfg(feature = "gpu")]
mod webgpu;

use crate::{model::prelude::*, spec::shape::Padding};

/// Windows over the pixels of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Rows and columns of the image.
    pub input: [usize; 2],
    /// Rows and columns of windows.
    pub output: [usize; 2],
    /// Side of a window, in pixels.
    pub side: usize,
    /// Pixels from one window to the next.
    pub stride: usize,
    /// Rows of the first windows that lie above the image, and columns that lie left of it.
    pub before: [usize; 2],
}

impl Windows {
    /// Windows of this side and stride over an image of `input` rows and columns.
    ///
    /// # Panics
    /// If no window fits; a network's shapes exclude this.
    pub fn over(input: [usize; 2], [side, stride]: [usize; 2], padding: Padding) -> Self {
        let output = input.map(|len| padding.output_len(len, side, stride).expect("the shapes say that windows fit"));
        Self { input, output, side, stride, before: input.map(|len| padding.before(len, side, stride)) }
    }

    /// Window number `at` along `axis` (0 for rows, 1 for columns). Returns its first pixel, counted from the image's
    /// border, and the range of its own pixels that lie in the image. The range has an exclusive end.
    #[inline(always)]
    pub fn part(&self, axis: usize, at: usize) -> (isize, [usize; 2]) {
        let from = (at * self.stride) as isize - self.before[axis] as isize;
        let first = (-from).max(0) as usize;
        let end = (self.input[axis] as isize - from).clamp(0, self.side as isize) as usize;
        (from, [first, end])
    }
}

/// The value of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// The maximum.
    Maximum,
    /// The mean of its pixels that lie in the image.
    Mean,
}

/// A value of each window on one backend; shapes as in [`of_windows`].
#[backend_extension(Flex, Cube: cfg(feature = "gpu"), Autodiff)]
pub trait WindowOps: Backend {
    /// The value of each window.
    fn of_windows(x: FloatTensor<Self>, windows: Windows, value: Value) -> FloatTensor<Self>;
}

/// The gradient on one backend.
pub trait WindowGradients: WindowOps {
    /// The gradient with respect to `x`, given the gradient with respect to the output. The gradient of
    /// a maximum goes to the first maximum of its window, row by row. The gradient of a mean goes in equal shares to
    /// the window's pixels in the image.
    fn of_windows_backward(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        windows: Windows,
        value: Value,
    ) -> FloatTensor<Self>;
}

/// `[n, h, w, c]` -> `[n, rows, columns, c]`: the value of each window.
pub fn of_windows(x: Tensor<4>, side_and_stride: [usize; 2], padding: Padding, value: Value) -> Tensor<4> {
    let [_, height, width, _] = x.dims();
    let windows = Windows::over([height, width], side_and_stride, padding);
    Tensor::from_dispatch(<Dispatch as WindowOps>::of_windows(x.into_dispatch(), windows, value))
}

impl<B: WindowGradients, C: CheckpointStrategy> WindowOps for Autodiff<B, C> {
    fn of_windows(x: FloatTensor<Self>, windows: Windows, value: Value) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct OfWindows;

        impl<B: WindowGradients> Backward<B, 1> for OfWindows {
            type State = (B::FloatTensorPrimitive, Windows, Value);

            fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
                let [parent] = ops.parents;
                let grad = grads.consume::<B>(&ops.node);
                if let Some(node) = parent {
                    let (x, windows, value) = ops.state;
                    grads.register::<B>(node.id, B::of_windows_backward(x, grad, windows, value));
                }
            }
        }

        let guard = x.node();
        let x = x.into_primitive();
        match OfWindows.prepare::<C>([guard]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x.clone(), windows, value), B::of_windows(x, windows, value)),
            OpsKind::UnTracked(prep) => prep.finish(B::of_windows(x, windows, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_at_the_border_have_only_the_pixels_that_are_there() {
        let windows = Windows::over([7, 5], [4, 2], Padding::Same);
        assert_eq!((windows.output, windows.before), ([4, 3], [1, 1]));
        assert_eq!(windows.part(0, 0), (-1, [1, 4]));
        assert_eq!(windows.part(0, 3), (5, [0, 2]));
        assert_eq!(windows.part(1, 2), (3, [0, 2]));
        let windows = Windows::over([7, 5], [4, 2], Padding::None);
        assert_eq!((windows.output, windows.part(0, 1)), ([2, 1], (2, [0, 4])));
    }
}

//! Max pools: a folder for each shape that has kernels of its own. [`windows`](crate::model::operations::windows) has
//! the others.

mod explain;
pub mod tiles;
pub mod window_8x8;

use crate::{
    layers::max_pool::{MaxPool, MaxPoolKernels},
    model::{
        activations::Activations,
        layer::{Forward, Pass, PreparedLayer},
        operations::windows::{Value, of_windows},
        parameter::Parameter,
    },
};
use tiles::max_pool;
use window_8x8::max_pool_same;

impl Forward for MaxPool {
    fn forward(&self, x: Activations, _: &[Parameter], _: Option<&PreparedLayer>, _: &mut Pass) -> Activations {
        match self.kernels(x.shape()) {
            MaxPoolKernels::Wide => Activations::Planes(max_pool_same(x.planes())),
            MaxPoolKernels::Tiles => Activations::Pixels(max_pool(x.pixels(), self.side)),
            MaxPoolKernels::General => {
                let maxima = of_windows(x.into_pixels(), [self.side, self.stride], self.padding, Value::Maximum);
                Activations::Pixels(maxima)
            }
        }
    }
}

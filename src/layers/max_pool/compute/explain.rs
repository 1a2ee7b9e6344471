//! A max pool's value: the highest of a window.

use super::MaxPool;
use crate::{
    domain::arithmetic::Window,
    model::explain::{Explain, Explained, Scene, covered, highest, pixel},
    spec::shape::{Padding, Shape},
};

impl Explain for MaxPool {
    fn explain(&self, scene: &Scene) -> Explained {
        highest(scene, scene.at.channel, self.reach(scene.input, pixel(scene.at)))
    }

    fn reach(&self, input: Shape, window: Window) -> Window {
        let [_, height, width] = input.maps();
        let before = [height, width].map(|len| self.padding.before(len, self.side, self.stride));
        covered(window, self.side, self.stride, before)
    }

    fn is_local(&self, _: Shape) -> bool {
        self.padding == Padding::None
    }
}

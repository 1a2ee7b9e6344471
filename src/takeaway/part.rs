//! The layers of a network, with the facts that other programs need about them.

use crate::spec::{
    Place, Shape,
    parameter::Role,
    shape::{Order, Padding},
};

/// A layer, and facts about it that follow from the other layers.
pub struct Part<'a> {
    /// The layer, with its input and output shape.
    pub place: &'a Place,
    /// Its place in the network, from 0.
    pub at: usize,
    /// The place of the layer whose input this one adds, if it ends a residual connection.
    pub reaches: Option<usize>,
    /// Whether a later layer adds this layer's input.
    pub is_reached: bool,
    /// For the first dense layer after maps of more than one pixel: the maps.
    pub flattened: Option<Flattened>,
}

/// Maps that became values in a row.
#[derive(Clone, Copy)]
pub struct Flattened {
    /// Number of maps.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Whether one map follows the other, or a pixel's channels lie side by side.
    pub order: Order,
}

/// The layers of a network, in order.
pub fn parts(places: &[Place]) -> Vec<Part<'_>> {
    let mut flattened = None;
    let reaches = |at: usize| Some(at - places[at].layer.kind.layer().reaches_back()?);
    let reached: Vec<usize> = (0..places.len()).filter_map(reaches).collect();
    let parts = places.iter().enumerate().map(|(at, place)| {
        if let (Shape::Maps { channels, height, width, order }, Shape::Values { count, .. }) =
            (place.input, place.output)
        {
            let is_flat = count == place.input.count() && height * width > 1;
            flattened = is_flat.then_some(Flattened { channels, height, width, order });
        }
        let flattened = if place.has(Role::Weight) { flattened.take() } else { None };
        Part { place, at, reaches: reaches(at), is_reached: reached.contains(&at), flattened }
    });
    parts.collect()
}

/// The variable for the input of the layer `at`, if a later layer adds it.
pub fn entered(at: usize) -> String {
    format!("entered{}", at + 1)
}

impl Part<'_> {
    /// A unique name for a layer with parameters. Tensors of the exported file begin with [`block`](Self::block)
    /// instead.
    pub fn name(&self) -> String {
        let block = self.block();
        // A normalisation can belong to a convolution's block.
        if self.place.has(Role::Statistics) && !block.starts_with("norm") {
            return format!("{block}_norm");
        }
        block.to_owned()
    }

    /// The block to which it belongs.
    pub fn block(&self) -> &str {
        &self.place.layer.block
    }

    /// The number of its input channels.
    pub fn channels(&self) -> usize {
        self.place.input.maps()[0]
    }

    /// Its parameter with this role, such as `weight`, in the exported file.
    pub fn parameter(&self, role: &str) -> String {
        format!("{}.{role}", self.block())
    }

    /// The expression for [`parameter`](Self::parameter) in a program.
    pub fn tensor(&self, role: &str) -> String {
        format!("tensor(\"{}\")", self.parameter(role))
    }

    /// The expression for what its module makes of `x`.
    pub fn module_of(&self, x: &str) -> String {
        format!("self.{}({x})", self.name())
    }

    /// The role of the biases that are added behind its weights, if there are any.
    pub fn bias(&self) -> Option<Role> {
        let role = [Role::Bias, Role::Shift].into_iter().find(|role| self.place.has(*role));
        role.filter(|_| self.place.has(Role::Weight))
    }

    /// Pixels by which windows reach over the border before and behind the maps. They are equal along both axes, since
    /// maps are square like the image.
    pub fn margins(&self, padding: Padding, window: usize, stride: usize) -> [usize; 2] {
        let ([_, len, _], [_, output_len, _]) = (self.place.input.maps(), self.place.output.maps());
        let before = padding.before(len, window, stride);
        let reach = (output_len - 1) * stride + window;
        match padding {
            Padding::None => [0, 0],
            Padding::Same => [before, reach.saturating_sub(len + before)],
        }
    }

    /// Whether the exported weights of a convolution have filters first, not last.
    pub fn has_filters_first(&self) -> bool {
        self.place.layer.kind.layer().filter_order(self.place.input) == Order::Planes
    }
}

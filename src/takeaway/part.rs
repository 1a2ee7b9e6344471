//! The layers of a network with what other programs need to know of them.

use crate::spec::{
    Kind, Place, Shape,
    shape::{Order, Padding},
};

/// A layer, and what only the layers before it say.
pub struct Part<'a> {
    /// The layer, with what it takes and gives.
    pub place: &'a Place,
    /// Its place, from 0.
    pub at: usize,
    /// The place of the layer whose input it takes too, if it does.
    pub reaches: Option<usize>,
    /// Whether a later layer takes its input, too.
    pub is_reached: bool,
    /// The maps whose values a dense layer takes, where it is the first behind them, and they are more than one pixel.
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
    /// Whether one map follows the other, or the channels of a pixel lie side by side.
    pub order: Order,
}

/// The layers of a network, in their order.
pub fn parts(places: &[Place]) -> Vec<Part<'_>> {
    let mut flattened = None;
    let reaches = |at: usize| Some(at - places[at].layer.kind.layer().reaches_back()?);
    let reached: Vec<usize> = (0..places.len()).filter_map(reaches).collect();
    let parts = places.iter().enumerate().map(|(at, place)| {
        if let (Kind::Flatten(_), Shape::Maps { channels, height, width, order }) = (&place.layer.kind, place.input) {
            flattened = (height * width > 1).then_some(Flattened { channels, height, width, order });
        }
        let is_dense = matches!(place.layer.kind, Kind::Dense(_));
        let flattened = if is_dense { flattened.take() } else { None };
        Part { place, at, reaches: reaches(at), is_reached: reached.contains(&at), flattened }
    });
    parts.collect()
}

/// What the input of the layer `at` is called where a later layer takes it, too.
pub fn entered(at: usize) -> String {
    format!("entered{}", at + 1)
}

impl Part<'_> {
    /// The name of a layer with parameters, unlike those of all others; tensors of the exported file begin with
    /// [`block`](Self::block).
    pub fn name(&self) -> String {
        let block = self.block();
        match self.place.layer.kind {
            // It may be of a convolution's block.
            Kind::BatchNorm(_) if !block.starts_with("norm") => format!("{block}_norm"),
            _ => block.to_owned(),
        }
    }

    /// The block that it belongs to.
    pub fn block(&self) -> &str {
        &self.place.layer.block
    }

    /// Number of channels that it takes.
    pub fn channels(&self) -> usize {
        self.place.input.maps()[0]
    }

    /// Pixels by which windows reach over the border before and behind the maps; the same along both sides, since maps are
    /// square, as the image is.
    pub fn margins(&self, padding: Padding, window: usize, stride: usize) -> [usize; 2] {
        let ([_, len, _], [_, output_len, _]) = (self.place.input.maps(), self.place.output.maps());
        let before = padding.before(len, window, stride);
        let reach = (output_len - 1) * stride + window;
        match padding {
            Padding::None => [0, 0],
            Padding::Same => [before, reach.saturating_sub(len + before)],
        }
    }

    /// The exported order of a convolution's weights: filters first, or last.
    pub fn has_filters_first(&self) -> bool {
        let Kind::Convolution(convolution) = &self.place.layer.kind else { return false };
        convolution.weight_order(self.place.input) == Order::Planes
    }
}

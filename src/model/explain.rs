//! Each layer explains where its values come from.

use crate::{
    domain::arithmetic::{Filtered, Step, Window},
    layers::{Kind, Layer, with_layer},
    spec::shape::{At, Shape},
};

/// A value of a layer and everything that it is computed from, for one image.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The shape of the layer's input.
    pub input: Shape,
    /// The layer's input, as it lies in memory.
    pub x: &'a [f32],
    /// The layer's parameters, in the spec's order, each row by row.
    pub parameters: &'a [Vec<f32>],
    /// The value's place in the layer's output.
    pub at: At,
    /// The value.
    pub value: f32,
}

impl Scene<'_> {
    /// The layer's input at this place; 0 beyond the border.
    pub fn input_at(&self, channel: usize, row: i32, column: i32) -> f32 {
        let [_, height, width] = self.input.maps();
        match (usize::try_from(row), usize::try_from(column)) {
            (Ok(row), Ok(column)) if row < height && column < width => {
                self.x[self.input.offset(At { channel, row, column })]
            }
            _ => 0.0,
        }
    }
}

/// The origin of a layer's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The computation, unless the value is passed on unchanged.
    pub step: Option<Step>,
    /// The input value that it comes from, if there is exactly one.
    pub from: Option<At>,
}

/// Layers explain their values.
pub trait Explain: Layer {
    /// The origin of the value.
    fn explain(&self, scene: &Scene) -> Explained;

    /// The window of `input`'s maps from which `window` of the layer's own maps is computed. It may reach beyond the
    /// border.
    fn reach(&self, input: Shape, window: Window) -> Window;

    /// Whether each of its values depends on a window alone, and values beyond the border count as zeros, if at all.
    fn is_local(&self, _input: Shape) -> bool {
        false
    }
}

impl Kind {
    /// Its way to explain a value.
    pub fn explanation(&self) -> &dyn Explain {
        with_layer!(self, layer => layer)
    }
}

/// All of the maps of `input`.
pub fn all_of(input: Shape) -> Window {
    let [_, height, width] = input.maps();
    Window { top: 0, left: 0, height: height as u32, width: width as u32 }
}

/// The pixels covered by `window`, a range of windows. A window has a side of `side` pixels. Windows are `stride`
/// pixels apart, and the first begins `above` rows and `left` columns before the border.
pub fn covered(window: Window, side: usize, stride: usize, [above, left]: [usize; 2]) -> Window {
    let first = |start: i32, before: usize| start * stride as i32 - before as i32;
    let len = |count: u32| count.saturating_sub(1) * stride as u32 + side as u32;
    Window {
        top: first(window.top, above),
        left: first(window.left, left),
        height: len(window.height),
        width: len(window.width),
    }
}

/// A window of one pixel, at this place.
pub fn pixel(at: At) -> Window {
    Window { top: at.row as i32, left: at.column as i32, height: 1, width: 1 }
}

/// The places of a window, row by row.
pub fn places(window: Window) -> impl Iterator<Item = (i32, i32)> {
    let rows = window.top..window.top + window.height as i32;
    rows.flat_map(move |row| (window.left..window.left + window.width as i32).map(move |column| (row, column)))
}

/// The highest value of `window` of the map `channel`, the first of equal ones, and its place.
pub fn highest(scene: &Scene, channel: usize, window: Window) -> Explained {
    let [_, height, width] = scene.input.maps();
    let window = window.within([height, width]);
    let values: Vec<f32> = places(window).map(|(row, column)| scene.input_at(channel, row, column)).collect();
    let first_highest = (0..values.len()).reduce(|best, i| if values[i] > values[best] { i } else { best });
    let Some(highest) = first_highest else { return Explained { step: None, from: None } };
    let columns = window.width as usize;
    let (row, column) = (window.top as usize + highest / columns, window.left as usize + highest % columns);
    let from = Some(At { channel, row, column });
    Explained { step: Some(Step::Highest { window, values, highest: highest as u32 }), from }
}

/// The mean of the part of `window` in the map `channel` that lies in the image, told as a filter with equal weights.
pub fn mean(scene: &Scene, channel: usize, window: Window) -> Explained {
    let [_, height, width] = scene.input.maps();
    let window = window.within([height, width]);
    let inputs: Vec<f32> = places(window).map(|(row, column)| scene.input_at(channel, row, column)).collect();
    let weights = vec![1.0 / inputs.len() as f32; inputs.len()];
    let filtered = Filtered { channels: 1, window, inputs, weights, bias: 0.0, activation: None, output: scene.value };
    Explained { step: Some(Step::Filtered(filtered)), from: None }
}

//! How a value inside a network is computed, in numbers that add up.

use serde::{Deserialize, Serialize};

/// One unit of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Index of the layer, among those whose maps are shown.
    pub layer: u32,
    /// Index of the map, or of the value in a layer without maps.
    pub channel: u32,
    /// Row in the map.
    pub row: u32,
    /// Column in the map.
    pub column: u32,
}

/// A rectangle of a map or of the picture; it may reach beyond the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First row.
    pub top: i32,
    /// First column.
    pub left: i32,
    /// Rows.
    pub height: u32,
    /// Columns.
    pub width: u32,
}

/// How a unit's value is computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arithmetic {
    /// The unit.
    pub unit: Unit,
    /// Its value.
    pub value: f32,
    /// Its receptive field: the part of the picture that it depends on.
    pub field: Window,
    /// The steps of the computation, the last step first.
    pub steps: Vec<Step>,
}

/// One step of the computation of a unit's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// A window of the previous layer's maps, times a filter.
    Filtered(Filtered),
    /// All values of the previous layer, each times a weight.
    Weighted(Weighted),
    /// The highest value of a window.
    Highest {
        /// The window in the previous layer's map.
        window: Window,
        /// The values in the window, row by row.
        values: Vec<f32>,
        /// Index of the first highest value.
        highest: u32,
    },
    /// Batch normalisation: a value less the mean, divided by the standard deviation, times a scale if there is one, plus a shift.
    Normalised {
        /// The value.
        input: f32,
        /// The running mean of the channel, from training.
        mean: f32,
        /// The running standard deviation of the channel, from training.
        deviation: f32,
        /// The learnt scale, if there is one.
        scale: Option<f32>,
        /// The shift that is added.
        shift: f32,
        /// The activation that is applied to the sum, if any: "GELU".
        activation: Option<String>,
        /// The result.
        output: f32,
    },
}

/// A window of maps times a filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filtered {
    /// Number of maps.
    pub channels: u32,
    /// The window in each map; beyond the border there are zeros.
    pub window: Window,
    /// The values in the window: map by map, row by row.
    pub inputs: Vec<f32>,
    /// The filter, in the same order.
    pub weights: Vec<f32>,
    /// The bias that is added to the sum.
    pub bias: f32,
    /// The activation that is applied to the sum, if any: "ReLU".
    pub activation: Option<String>,
    /// The result.
    pub output: f32,
}

/// All values of the previous layer, each times a weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weighted {
    /// Number of values.
    pub inputs: u32,
    /// The largest products, by magnitude, the largest first.
    pub shares: Vec<Share>,
    /// The sum of all other products.
    pub others: f32,
    /// The bias that is added to the sum.
    pub bias: f32,
    /// The activation that is applied to the sum, if any: "ReLU".
    pub activation: Option<String>,
    /// The result.
    pub output: f32,
}

/// One product in a weighted sum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Index of the map, or of the value in a layer without maps.
    pub channel: u32,
    /// Its row in the map.
    pub row: u32,
    /// Its column in the map.
    pub column: u32,
    /// The input value.
    pub input: f32,
    /// Its weight.
    pub weight: f32,
}

impl Window {
    /// The part of it that lies within `height` rows and `width` columns.
    pub fn within(self, [height, width]: [usize; 2]) -> Self {
        let clip = |start: i32, len: u32, limit: usize| {
            let limit = limit as i32;
            let (first, end) = (start.clamp(0, limit), (start + len as i32).clamp(0, limit));
            (first, (end - first) as u32)
        };
        let ((top, height), (left, width)) = (clip(self.top, self.height, height), clip(self.left, self.width, width));
        Self { top, left, height, width }
    }
}

impl Filtered {
    /// Number of values of the window in one map.
    pub fn area(&self) -> usize {
        (self.window.height * self.window.width) as usize
    }

    /// The products of input and weight in map `channel`.
    pub fn products(&self, channel: usize) -> impl Iterator<Item = f32> {
        let range = channel * self.area()..(channel + 1) * self.area();
        self.inputs[range.clone()].iter().zip(&self.weights[range]).map(|(input, weight)| input * weight)
    }

    /// The sum of the products, for each map.
    pub fn sums(&self) -> Vec<f32> {
        let sum = |channel| self.products(channel).map(f64::from).sum::<f64>() as f32;
        (0..self.channels as usize).map(sum).collect()
    }

    /// The sum of all products, plus the bias.
    pub fn sum(&self) -> f32 {
        let products = (0..self.channels as usize).flat_map(|channel| self.products(channel).map(f64::from));
        (products.sum::<f64>() + f64::from(self.bias)) as f32
    }
}

impl Weighted {
    /// The sum of all products, plus the bias.
    pub fn sum(&self) -> f32 {
        let shares: f64 = self.shares.iter().map(|share| f64::from(share.value())).sum();
        (shares + f64::from(self.others) + f64::from(self.bias)) as f32
    }
}

impl Share {
    /// The product of input and weight.
    pub fn value(&self) -> f32 {
        self.input * self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_cut_at_the_border() {
        let window = Window { top: -1, left: 30, height: 4, width: 4 };
        assert_eq!(window.within([32, 32]), Window { top: 0, left: 30, height: 3, width: 2 });
    }
}

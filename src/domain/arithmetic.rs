//! How a value inside a network comes about, in numbers that add up.

use serde::{Deserialize, Serialize};

/// One unit of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Which of the layers that are told of a picture.
    pub layer: u32,
    /// Which map, or which of the values in a row.
    pub channel: u32,
    /// Row in the map.
    pub row: u32,
    /// Column in the map.
    pub column: u32,
}

/// A part of maps or of the picture; it may reach beyond their border.
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

/// How a unit comes to its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arithmetic {
    /// Which unit.
    pub unit: Unit,
    /// Its value.
    pub value: f32,
    /// The part of the picture that it depends on.
    pub field: Window,
    /// What leads to the value, the last step first.
    pub steps: Vec<Step>,
}

/// One step to a unit's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Step {
    /// A window of the maps before, times a filter.
    Filtered(Filtered),
    /// All values before, each times a weight.
    Weighted(Weighted),
    /// The highest of a window.
    Highest {
        /// Which part of the map before.
        window: Window,
        /// Its values, row by row.
        values: Vec<f32>,
        /// Which of them is the first highest.
        highest: u32,
    },
    /// A value less a mean, divided by a deviation, plus a shift.
    Normalised {
        /// The value.
        input: f32,
        /// The mean of such values while the network learnt.
        mean: f32,
        /// Their standard deviation.
        deviation: f32,
        /// What is added.
        shift: f32,
        /// What is made of the sum, if anything: "GELU".
        activation: Option<String>,
        /// What comes of it.
        output: f32,
    },
}

/// A window of maps times a filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filtered {
    /// Number of maps.
    pub channels: u32,
    /// Which part of each map; beyond the border there are zeros.
    pub window: Window,
    /// The values in the window: map by map, row by row.
    pub inputs: Vec<f32>,
    /// The filter, in the same order.
    pub weights: Vec<f32>,
    /// What is added to the sum.
    pub bias: f32,
    /// What is made of the sum, if anything: "ReLU".
    pub activation: Option<String>,
    /// What comes of it.
    pub output: f32,
}

/// All values before, each times a weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weighted {
    /// How many values there are.
    pub inputs: u32,
    /// Those that say most, the strongest share first.
    pub shares: Vec<Share>,
    /// What all others add up to.
    pub others: f32,
    /// What is added to the sum.
    pub bias: f32,
    /// What is made of the sum, if anything: "ReLU".
    pub activation: Option<String>,
    /// What comes of it.
    pub output: f32,
}

/// What one value adds to a weighted sum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The map that it is of, or its number in a row.
    pub channel: u32,
    /// Its row in the map.
    pub row: u32,
    /// Its column in the map.
    pub column: u32,
    /// The value.
    pub input: f32,
    /// What it is multiplied by.
    pub weight: f32,
}

impl Window {
    /// What of it lies within `height` rows and `width` columns.
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
    /// Values of the window in one map.
    pub fn area(&self) -> usize {
        (self.window.height * self.window.width) as usize
    }

    /// Each value of the window in map `channel` times its weight.
    pub fn products(&self, channel: usize) -> impl Iterator<Item = f32> {
        let range = channel * self.area()..(channel + 1) * self.area();
        self.inputs[range.clone()].iter().zip(&self.weights[range]).map(|(input, weight)| input * weight)
    }

    /// The sum of the products of each map.
    pub fn sums(&self) -> Vec<f32> {
        let sum = |channel| self.products(channel).map(f64::from).sum::<f64>() as f32;
        (0..self.channels as usize).map(sum).collect()
    }

    /// The sum of all products, and the bias.
    pub fn sum(&self) -> f32 {
        let products = (0..self.channels as usize).flat_map(|channel| self.products(channel).map(f64::from));
        (products.sum::<f64>() + f64::from(self.bias)) as f32
    }
}

impl Weighted {
    /// The sum of all shares, and the bias.
    pub fn sum(&self) -> f32 {
        let shares: f64 = self.shares.iter().map(|share| f64::from(share.value())).sum();
        (shares + f64::from(self.others) + f64::from(self.bias)) as f32
    }
}

impl Share {
    /// What it adds.
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

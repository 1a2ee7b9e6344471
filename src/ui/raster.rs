//! Maps and heat maps as pixels: orange above 0, blue below 0. Values further from 0 are more opaque.
//!
//! Both hues can be told apart with every kind of colour-blindness. A value of 0 is transparent, so that the page's
//! light or dark background shows.

use crate::domain::CLASS_COUNT;
use crate::{
    domain::arithmetic::Filtered,
    protocol::inspect::{Maps, SQUARES, occlusion_order},
};

/// The colour of values above 0.
const ABOVE: [u8; 3] = [224, 108, 0];
/// The colour of values below 0.
const BELOW: [u8; 3] = [47, 111, 224];

/// Pixels with red, green, blue and opacity, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raster {
    /// Four bytes for each pixel.
    pub rgba: Vec<u8>,
    /// The number of pixels in a row.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
}

impl Raster {
    /// A picture with `width` pixels in a row, from interleaved RGB.
    pub fn of_rgb(rgb: &[u8], width: usize) -> Self {
        let rgba: Vec<u8> = rgb.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
        Self { height: rgba.len() / 4 / width.max(1), rgba, width }
    }

    /// Rows of `width` values. The colours are full at `limit` and `-limit`.
    pub fn of_values(values: &[f32], width: usize, limit: f32) -> Self {
        let rgba = values.iter().flat_map(|&value| signed(value, limit)).collect();
        Self { rgba, width, height: values.len() / width.max(1) }
    }

    /// One map, on its own scale.
    pub fn of_map(maps: &Maps, channel: usize) -> Self {
        let rgba = maps.map(channel).iter().flat_map(|&value| signed(f32::from(value), 127.0)).collect();
        Self { rgba, width: maps.width as usize, height: maps.height as usize }
    }

    /// All maps side by side on one scale, with one transparent pixel between neighbours.
    pub fn of_maps(maps: &Maps) -> Self {
        let sheet = Sheet::of(maps);
        let [width, height] = sheet.size(maps);
        let mut rgba = vec![0; 4 * width * height];
        let limit = maps.limit();
        for channel in 0..maps.channels as usize {
            let [left, top] = sheet.corner(channel);
            let scale = maps.limits[channel] / 127.0;
            for (at, &value) in maps.map(channel).iter().enumerate() {
                let (row, column) = (top + at / maps.width as usize, left + at % maps.width as usize);
                let pixel = signed(f32::from(value) * scale, limit);
                rgba[4 * (row * width + column)..][..4].copy_from_slice(&pixel);
            }
        }
        Self { rgba, width, height }
    }

    /// A filter of the first layer in colours: a weight of 0 is grey. `filters` holds the red, green and blue weights
    /// below one another.
    pub fn of_filter(filters: &Maps, filter: usize) -> Self {
        let (width, height) = (filters.width as usize, filters.height as usize / 3);
        let map = filters.map(filter);
        let level = |value: i8| (128 + i32::from(value)).clamp(0, 255) as u8;
        let pixel = |at: usize| {
            let [red, green, blue] = [0, 1, 2].map(|colour| level(map[colour * width * height + at]));
            [red, green, blue, 255]
        };
        Self { rgba: (0..width * height).flat_map(pixel).collect(), width, height }
    }

    /// A filter's step in one map: the values, the weights and the products, each on its own scale.
    pub fn of_products(filtered: &Filtered, channel: usize) -> [Self; 3] {
        let range = channel * filtered.area()..(channel + 1) * filtered.area();
        let width = filtered.window.width as usize;
        let products: Vec<f32> = filtered.products(channel).collect();
        [&filtered.inputs[range.clone()], &filtered.weights[range], &products].map(|values| {
            let limit = values.iter().fold(0.0_f32, |limit, value| limit.max(value.abs()));
            Self::of_values(values, width, limit)
        })
    }
}

/// A value as a colour: the hue gives its sign. The opacity is the root of its share of `limit`, so that small values
/// show too.
fn signed(value: f32, limit: f32) -> [u8; 4] {
    let share = if limit > 0.0 { (value / limit).clamp(-1.0, 1.0) } else { 0.0 };
    let [red, green, blue] = if share < 0.0 { BELOW } else { ABOVE };
    [red, green, blue, (share.abs().sqrt() * 255.0).round() as u8]
}

/// How maps are laid out: in a grid as close to a square as possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    columns: usize,
    /// The distance from one map to the next in pixels, across and down.
    step: [usize; 2],
    count: usize,
}

impl Sheet {
    /// The layout of `maps`.
    pub fn of(maps: &Maps) -> Self {
        let count = maps.channels as usize;
        // Maps of one pixel have no gap between them.
        let gap = usize::from(maps.area() > 1);
        let columns = (1..=count).find(|columns| columns * columns >= count).unwrap_or(1);
        Self { columns, step: [maps.width as usize + gap, maps.height as usize + gap], count }
    }

    /// The width and the height in pixels.
    pub fn size(self, maps: &Maps) -> [usize; 2] {
        let rows = self.count.div_ceil(self.columns);
        let gap = usize::from(maps.area() > 1);
        [self.columns * self.step[0] - gap, rows * self.step[1] - gap]
    }

    fn corner(self, channel: usize) -> [usize; 2] {
        [channel % self.columns * self.step[0], channel / self.columns * self.step[1]]
    }

    /// The index of the map at this pixel, given as across and down.
    pub fn map_at(self, [across, down]: [i32; 2]) -> Option<usize> {
        let [across, down] = [usize::try_from(across).ok()? / self.step[0], usize::try_from(down).ok()? / self.step[1]];
        let channel = down * self.columns + across;
        (across < self.columns && channel < self.count).then_some(channel)
    }
}

/// How much the logit of `class` falls when each of the 15x15 squares is hidden. A square that is not known yet takes
/// the value of the nearest known one. None before the picture's own logits are known.
pub fn occlusion(logits: &[[f32; CLASS_COUNT]], class: usize) -> Option<Vec<f32>> {
    let untouched = logits.first()?[class];
    let order = occlusion_order();
    let known: Vec<([usize; 2], f32)> = order
        .iter()
        .zip(logits)
        .filter_map(|(square, logits)| square.map(|place| (place, untouched - logits[class])))
        .collect();
    let nearest = |at: usize| {
        let (row, column) = (at / SQUARES, at % SQUARES);
        let distance = |&([y, x], _): &&([usize; 2], f32)| y.abs_diff(row).pow(2) + x.abs_diff(column).pow(2);
        known.iter().min_by_key(distance).map_or(0.0, |&(_, drop)| drop)
    };
    Some((0..SQUARES * SQUARES).map(nearest).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_have_hues_and_zero_is_clear() {
        assert_eq!(signed(0.0, 2.0)[3], 0);
        assert_eq!((signed(2.0, 2.0), signed(-2.0, 2.0)), ([224, 108, 0, 255], [47, 111, 224, 255]));
        assert_eq!(signed(1.0, 0.0)[3], 0);
    }

    #[test]
    fn a_click_on_a_map_of_a_sheet_finds_that_map() {
        let maps = Maps::of(String::new(), [7, 5, 4], |channel, _, _| channel as f32);
        let sheet = Sheet::of(&maps);
        assert_eq!(sheet.size(&maps), [14, 17]);
        let raster = Raster::of_maps(&maps);
        assert_eq!([raster.width, raster.height], [14, 17]);
        for channel in 1..7 {
            let [left, top] = sheet.corner(channel);
            assert_eq!(sheet.map_at([left as i32 + 3, top as i32 + 4]), Some(channel));
            let opacity = raster.rgba[4 * ((top + 4) * 14 + left + 3) + 3];
            assert_eq!(opacity, ((channel as f32 / 6.0).sqrt() * 255.0).round() as u8);
        }
        assert_eq!(sheet.map_at([9, 16]), None, "nothing lies behind the last map");
        assert_eq!(sheet.map_at([-1, 0]), None);
    }

    #[test]
    fn a_square_that_is_not_known_yet_looks_as_its_nearest_neighbour() {
        let mut logits = vec![[0.0; CLASS_COUNT]; 226];
        logits[0][3] = 5.0;
        // The first square lies in the second row and the second column.
        logits[1][3] = 4.0;
        let coarse = occlusion(&logits[..17], 3).expect("the picture is known");
        assert_eq!((coarse[0], coarse[16], coarse[2 * 15 + 2], coarse[4 * 15 + 4]), (1.0, 1.0, 1.0, 5.0));
        let fine = occlusion(&logits, 3).expect("the picture is known");
        assert_eq!((fine[0], fine[16]), (5.0, 1.0));
        assert_eq!(occlusion(&[], 3), None);
    }
}

//! Noise: cells of random colours or greys, from one pixel to a quarter of the picture, with hard or soft edges.

use super::SIDE;
use image::{
    Rgb, RgbImage,
    imageops::{FilterType, resize},
};
use rand::{RngExt, rngs::ChaCha8Rng};

/// A picture of noise.
pub fn draw(random: &mut ChaCha8Rng) -> RgbImage {
    let cells = 4 << random.random_range(0..4);
    let is_grey: bool = random.random();
    let mut coarse = RgbImage::new(cells, cells);
    for pixel in coarse.pixels_mut() {
        *pixel = Rgb(if is_grey { [random.random(); 3] } else { random.random() });
    }
    let edges = if random.random() { FilterType::Nearest } else { FilterType::Triangle };
    resize(&coarse, SIDE, SIDE, edges)
}

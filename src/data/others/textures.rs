//! Textures: a pattern of two colours over the whole picture, rotated and scaled.

use super::{SIDE, colour, mix};
use image::{Rgb, RgbImage};
use rand::{RngExt, rngs::ChaCha8Rng};
use std::f32::consts::TAU;

/// The share of the second colour at a position, 0 to 1. The pattern repeats at a distance of 1 along both axes.
type Pattern = fn(f32, f32) -> f32;

const PATTERNS: [Pattern; 8] = [
    // Stripes, soft and hard.
    |x, _| wave(x),
    |x, _| step(x.rem_euclid(1.0) < 0.5),
    // A chequerboard, and a plaid.
    |x, y| step((x.rem_euclid(1.0) < 0.5) != (y.rem_euclid(1.0) < 0.5)),
    |x, y| 0.5 * (wave(x) + wave(y)),
    // Dots.
    |x, y| step((x.rem_euclid(1.0) - 0.5).hypot(y.rem_euclid(1.0) - 0.5) < 0.3),
    // Bricks.
    |x, y| step((x + 0.5 * (y.floor().rem_euclid(2.0))).rem_euclid(1.0) < 0.08 || y.rem_euclid(1.0) < 0.15),
    // Ripples, and rings.
    |x, y| wave(x + 0.4 * (TAU * y).sin()),
    |x, y| wave(x.hypot(y)),
];

fn wave(at: f32) -> f32 {
    0.5 + 0.5 * (TAU * at).sin()
}

fn step(is_there: bool) -> f32 {
    f32::from(u8::from(is_there))
}

/// A picture of a random texture.
pub fn draw(random: &mut ChaCha8Rng) -> RgbImage {
    let pattern = PATTERNS[random.random_range(0..PATTERNS.len())];
    let (first, second) = (colour(random), colour(random));
    let (sin, cos) = random.random_range(0.0..TAU).sin_cos();
    // 3 to 16 of the pixels that the network sees.
    let period = random.random_range(12.0..64.0_f32);
    let [x0, y0] = [0; 2].map(|_| random.random_range(0.0..SIDE as f32));
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let (x, y) = ((x as f32 - x0) / period, (y as f32 - y0) / period);
        let grain = random.random_range(-12.0..12.0);
        let share = pattern(x * cos + y * sin, y * cos - x * sin);
        Rgb(mix(first, second, share).map(|value| (value + grain) as u8))
    })
}

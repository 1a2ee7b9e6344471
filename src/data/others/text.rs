//! Text: lines of random letters and digits, from small print to a few large letters.

use super::sheet::{Sheet, ink};
use embedded_graphics::{
    Drawable,
    geometry::Point,
    mono_font::{MonoTextStyle, ascii::FONT_6X10},
    text::Text,
};
use image::RgbImage;
use rand::{RngExt, rngs::ChaCha8Rng};

/// Size of a letter with its spacing, in pixels.
const LETTER: [u32; 2] = [6, 10];

/// A picture of random text.
pub fn draw(random: &mut ChaCha8Rng) -> RgbImage {
    let side = 16 << random.random_range(0..4);
    let mut sheet = Sheet::shaded(side, random);
    let style = MonoTextStyle::new(&FONT_6X10, ink(random));
    let indent = random.random_range(0..3);
    for line in 0..side / LETTER[1] {
        let letters: String = (0..side / LETTER[0]).map(|_| letter(random)).collect();
        let at = Point::new(indent, ((line + 1) * LETTER[1]) as i32 - 2);
        let Ok(_) = Text::new(&letters, at, style).draw(&mut sheet);
    }
    sheet.finished()
}

fn letter(random: &mut ChaCha8Rng) -> char {
    // One in six characters is a space.
    match random.random_range(0..6) {
        0 => ' ',
        1 => random.random_range('0'..='9'),
        2 => random.random_range('A'..='Z'),
        _ => random.random_range('a'..='z'),
    }
}

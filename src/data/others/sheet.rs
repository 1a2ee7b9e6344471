//! A drawing surface for the shapes and letters of embedded-graphics.

use super::{SIDE, colour, mix};
use embedded_graphics::{
    Pixel,
    geometry::{OriginDimensions, Size},
    pixelcolor::{Rgb888, RgbColor},
    prelude::DrawTarget,
};
use image::{
    Rgb, RgbImage,
    imageops::{FilterType, resize},
};
use rand::{RngExt, rngs::ChaCha8Rng};
use std::convert::Infallible;

/// A square drawing.
pub struct Sheet(RgbImage);

impl Sheet {
    /// A sheet of `side` by `side` pixels, with a gradient from a colour at the top to another one at the bottom.
    pub fn shaded(side: u32, random: &mut ChaCha8Rng) -> Self {
        let top = colour(random);
        let bottom = mix(top, colour(random), random.random_range(0.0..0.5));
        Self(RgbImage::from_fn(side, side, |_, y| {
            Rgb(mix(top, bottom, y as f32 / side as f32).map(|value| value as u8))
        }))
    }

    /// The finished drawing.
    pub fn finished(self) -> RgbImage {
        resize(&self.0, SIDE, SIDE, FilterType::Nearest)
    }
}

/// A random colour for shapes and letters.
pub fn ink(random: &mut ChaCha8Rng) -> Rgb888 {
    let [red, green, blue] = colour(random).map(|value| value as u8);
    Rgb888::new(red, green, blue)
}

impl OriginDimensions for Sheet {
    fn size(&self) -> Size {
        Size::new(self.0.width(), self.0.height())
    }
}

impl DrawTarget for Sheet {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<Rgb888>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        for Pixel(at, colour) in pixels {
            // Pixels outside of the sheet are ignored.
            let (Ok(x), Ok(y)) = (u32::try_from(at.x), u32::try_from(at.y)) else { continue };
            if let Some(pixel) = self.0.get_pixel_mut_checked(x, y) {
                *pixel = Rgb([colour.r(), colour.g(), colour.b()]);
            }
        }
        Ok(())
    }
}

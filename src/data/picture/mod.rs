//! Turns the bytes of a picture's file into what the network sees of it: 32x32 pixels.
//!
//! The content decides the format, never the name. A picture is decoded with bounded memory, brought to sRGB as its colour
//! profile says, turned upright as its EXIF says, laid over white where it is transparent, cropped to its centre square, and
//! resampled by area. Where formats leave a choice, this takes the one of browsers.

mod colour;
mod container;
mod decode;
mod error;
mod png;
mod resample;
#[cfg(test)]
mod tests;

pub use error::PictureError;

use container::Format;
use decode::Picture;
use image::RgbImage;

use super::IMAGE_LEN;

/// What the network sees: 32x32 pixels, row by row, each pixel's red, green and blue side by side.
pub type Seen = [u8; IMAGE_LEN];

/// The most pixels that a picture may have; one of 50 megapixels takes 150 MB while it is decoded.
pub const MAX_PIXELS: u64 = 50_000_000;

/// The longest side of a [`Look::shown`], in pixels: as many as the stage has on a screen of high density, nearly.
const SHOWN_SIDE: u32 = 640;

/// A picture as it was decoded.
pub struct Look {
    /// What the network sees of it.
    pub seen: Seen,
    /// All of it, to be shown: no side longer than 640 pixels.
    pub shown: RgbImage,
}

/// What the network sees of the picture whose file holds `bytes`: PNG, JPEG, WebP, GIF or BMP.
///
/// Of an animation it is the first frame. A picture of exactly 32x32 opaque pixels in sRGB keeps every bit.
///
/// # Errors
/// If `bytes` is no such picture, is incomplete or damaged, or has more than [`MAX_PIXELS`]; each error
/// displays as one sentence for the visitor.
pub fn see(bytes: &[u8]) -> Result<Seen, PictureError> {
    let picture = Picture::decode(Format::of(bytes)?, bytes)?;
    Ok(resample::shrink(&picture.centre_square()))
}

/// What the network sees, as [`see`], and what that was made of.
///
/// # Errors
/// As [`see`].
pub fn look(bytes: &[u8]) -> Result<Look, PictureError> {
    let picture = Picture::decode(Format::of(bytes)?, bytes)?;
    let shown = picture.fitted(SHOWN_SIDE);
    Ok(Look { seen: resample::shrink(&picture.centre_square()), shown })
}

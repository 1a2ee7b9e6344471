//! Turns an encoded picture into what the network sees: 32x32 pixels.
//!
//! The content determines the format, not the name. A picture is decoded with limited memory, converted to sRGB by its
//! colour profile, and turned upright by its EXIF data. Transparent parts become white. The centre square is resampled
//! by area. If a format leaves a choice, this does what browsers do.

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

/// What the network sees: 32x32 pixels, row by row, with red, green and blue of each pixel side by side.
pub type Seen = [u8; IMAGE_LEN];

/// The most pixels that a picture may have. A picture of 50 megapixels takes 150 MB during decoding.
pub const MAX_PIXELS: u64 = 50_000_000;

/// The longest side of [`Look::shown`] in pixels: about the size of the stage on a high-density screen.
const SHOWN_SIDE: u32 = 640;

/// A decoded picture.
pub struct Look {
    /// What the network sees of it.
    pub seen: Seen,
    /// The whole picture to show, with no side longer than 640 pixels.
    pub shown: RgbImage,
}

/// What the network sees of the picture in `bytes`, a PNG, JPEG, WebP, GIF or BMP file.
///
/// Of an animation, it is the first frame. A picture of exactly 32x32 opaque sRGB pixels keeps every bit.
///
/// # Errors
/// If `bytes` is not such a picture, is incomplete or damaged, or has more than [`MAX_PIXELS`]. Each error displays as
/// a sentence for the visitor.
pub fn see(bytes: &[u8]) -> Result<Seen, PictureError> {
    let picture = Picture::decode(Format::of(bytes)?, bytes)?;
    Ok(resample::shrink(&picture.centre_square()))
}

/// What the network sees, as [`see`] returns it, and the whole picture.
///
/// # Errors
/// As [`see`].
pub fn look(bytes: &[u8]) -> Result<Look, PictureError> {
    let picture = Picture::decode(Format::of(bytes)?, bytes)?;
    let shown = picture.fitted(SHOWN_SIDE);
    Ok(Look { seen: resample::shrink(&picture.centre_square()), shown })
}

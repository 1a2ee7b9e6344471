//! Turns the bytes of a picture's file into what the network sees of it: 32x32 pixels.
//!
//! The content decides the format, never the name. A picture is decoded with bounded memory, turned upright
//! as its EXIF says, laid over white where it is transparent, cropped to its centre square, and resampled
//! by area. Colours are taken as sRGB bytes: embedded colour profiles are not applied.

mod container;
mod decode;
mod error;
mod resample;
#[cfg(test)]
mod tests;

pub use error::PictureError;

use container::Format;

use super::IMAGE_LEN;

/// What the network sees: 32x32 pixels, row by row, each pixel's red, green and blue side by side.
pub type Seen = [u8; IMAGE_LEN];

/// The most pixels that a picture may have; one of 50 megapixels takes 150 MB while it is decoded.
pub const MAX_PIXELS: u64 = 50_000_000;

/// What the network sees of the picture whose file holds `bytes`: PNG, JPEG, WebP, GIF or BMP.
///
/// Of an animation it is the first frame. A picture of exactly 32x32 opaque pixels keeps every bit.
///
/// # Errors
/// If `bytes` is no such picture, is incomplete or damaged, or has more than [`MAX_PIXELS`]; each error
/// displays as one sentence for the visitor.
pub fn see(bytes: &[u8]) -> Result<Seen, PictureError> {
    let format = Format::of(bytes)?;
    let square = decode::centre_square(format, bytes)?;
    Ok(resample::shrink(&square))
}

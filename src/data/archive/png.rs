//! Decodes the small PNGs in parquet files.

use std::io::Cursor;

use image::{ExtendedColorType, ImageDecoder, ImageError, Limits, codecs::png::PngDecoder};

use crate::{
    content::{Content, HEAD_LEN, PictureFormat},
    data::{CHANNEL_LEN, IMAGE_LEN},
    domain::IMAGE_SIDE,
};

/// The maximum memory of the decoder: a few hundred times that of an image.
const MAX_ALLOC_BYTES: u64 = 1 << 20;

/// Why a PNG is not an image of CIFAR-10.
#[derive(Debug)]
pub(super) enum PngError {
    /// The picture is not 32x32 pixels of 8-bit RGB; this is its size and type.
    Shape(String),
    /// The bytes are not a PNG; this is what they are.
    Format(&'static str),
    /// The PNG is damaged.
    Damaged(ImageError),
}

impl From<ImageError> for PngError {
    fn from(error: ImageError) -> Self {
        Self::Damaged(error)
    }
}

/// The planes of the 32x32 picture in `png`: red, green, blue.
pub(super) fn planar(png: &[u8]) -> Result<[u8; IMAGE_LEN], PngError> {
    match Content::of(&png[..png.len().min(HEAD_LEN)]) {
        Content::Picture(PictureFormat::Png) => {}
        Content::Picture(PictureFormat::Jpeg) => return Err(PngError::Format("a JPEG")),
        Content::Picture(PictureFormat::Gif) => return Err(PngError::Format("a GIF")),
        Content::Picture(PictureFormat::WebP) => return Err(PngError::Format("a WebP picture")),
        Content::Picture(PictureFormat::Bmp) => return Err(PngError::Format("a BMP picture")),
        Content::Empty => return Err(PngError::Format("no bytes")),
        Content::Other(other) => return Err(PngError::Format(other.name)),
        Content::Images(_) | Content::Tensors | Content::Unknown => {
            return Err(PngError::Format("something that is no picture"));
        }
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_ALLOC_BYTES);
    let decoder = PngDecoder::with_limits(Cursor::new(png), limits)?;
    let (dimensions, colour) = (decoder.dimensions(), decoder.original_color_type());
    if dimensions != (IMAGE_SIDE as u32, IMAGE_SIDE as u32) || colour != ExtendedColorType::Rgb8 {
        return Err(PngError::Shape(format!("{}x{} pixels of {colour:?}", dimensions.0, dimensions.1)));
    }
    // A transparent colour adds a channel.
    if decoder.total_bytes() != IMAGE_LEN as u64 {
        return Err(PngError::Shape("32x32 pixels with transparency".to_owned()));
    }
    let mut interleaved = [0; IMAGE_LEN];
    decoder.read_image(&mut interleaved)?;
    Ok(std::array::from_fn(|at| interleaved[3 * (at % CHANNEL_LEN) + at / CHANNEL_LEN]))
}

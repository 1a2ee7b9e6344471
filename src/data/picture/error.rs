//! Why a picture cannot be decoded, in sentences for the visitor.

use image::ImageError;
use thiserror::Error;

use super::MAX_PIXELS;
use crate::content::{NOT_A_PICTURE, Other};

/// Why a picture cannot be decoded. Displays as what is wrong and what to do, without the file's name.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The file has no bytes.
    #[error("The file is empty; choose another picture.")]
    Empty,
    /// The content is of an unknown format.
    #[error("{NOT_A_PICTURE}")]
    NotAPicture,
    /// The content is of a known type that cannot be decoded.
    #[error("This is {0}.")]
    Other(Other),
    /// The format can be decoded, but not this known variety.
    #[error("This is {0}; export it as an ordinary JPEG or PNG and choose that.")]
    Variety(&'static str),
    /// The format can be decoded, but the decoder does not support this variety.
    #[error("This {format} picture uses a rare variant of its format; export it as an ordinary JPEG or PNG.")]
    Variant {
        /// The format's name.
        format: &'static str,
        /// The decoder's error.
        source: ImageError,
    },
    /// The header announces too many pixels.
    #[error(
        "This picture has {} by {} pixels, and the most is {} million in all; make it smaller and try again.",
        .width, .height, MAX_PIXELS / 1_000_000
    )]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// The header announces no pixels.
    #[error("This picture has no pixels; choose another one.")]
    NoPixels,
    /// Decoding would need too much memory.
    #[error("This {format} picture takes too much memory to decode; make it smaller or export it as JPEG.")]
    TooMuchMemory {
        /// The format's name.
        format: &'static str,
    },
    /// The picture is incomplete.
    #[error("This {format} picture is cut short, so a part of it is missing; download or copy it again.")]
    Truncated {
        /// The format's name.
        format: &'static str,
    },
    /// The file is inconsistent.
    #[error("This {format} picture is damaged and cannot be decoded; download, copy or export it again.")]
    Damaged {
        /// The format's name.
        format: &'static str,
        /// The decoder's error.
        source: ImageError,
    },
}

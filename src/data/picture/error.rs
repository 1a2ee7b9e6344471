//! Why a file cannot be seen, in sentences for the visitor.

use image::ImageError;
use thiserror::Error;

use super::MAX_PIXELS;
use crate::content::{NOT_A_PICTURE, Other};

/// Why a file cannot be seen; displays as what happened and what to do, without the file's name.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The file has no bytes.
    #[error("The file is empty; choose another picture.")]
    Empty,
    /// The content is of no known format.
    #[error("{NOT_A_PICTURE}")]
    NotAPicture,
    /// The content is something that is known and not decoded here.
    #[error("This is {0}.")]
    Other(Other),
    /// The format is decoded here, but not this variety of it.
    #[error("This is {0}; export it as an ordinary JPEG or PNG and choose that.")]
    Variety(&'static str),
    /// The format is decoded here, but not this variety of it.
    #[error("This {format} picture uses a rare variant of its format; export it as an ordinary JPEG or PNG.")]
    Variant {
        /// The format's name.
        format: &'static str,
        /// What the decoder says.
        source: ImageError,
    },
    /// The header promises more pixels than are decoded here.
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
    /// The header promises no pixels at all.
    #[error("This picture has no pixels; choose another one.")]
    NoPixels,
    /// Decoding would take more memory than it may.
    #[error("This {format} picture takes too much memory to decode; make it smaller or export it as JPEG.")]
    TooMuchMemory {
        /// The format's name.
        format: &'static str,
    },
    /// The file ends before its picture does.
    #[error("This {format} picture is cut short, so a part of it is missing; download or copy it again.")]
    Truncated {
        /// The format's name.
        format: &'static str,
    },
    /// The file contradicts its own format.
    #[error("This {format} picture is damaged and cannot be decoded; download, copy or export it again.")]
    Damaged {
        /// The format's name.
        format: &'static str,
        /// What the decoder says.
        source: ImageError,
    },
}

//! Resamples a square to the 32x32 pixels that the network sees.

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8x3,
};
use image::RgbImage;

use super::Seen;
use crate::{data::IMAGE_LEN, protocol::IMAGE_SIDE};

/// What the network sees of `square`, whose sides are equal.
///
/// Each pixel is the mean of those that it covers; a square smaller than 32x32 is enlarged bilinearly, and
/// one of just that size is kept as it is. The means are taken of the sRGB bytes, not of linear light:
/// CIFAR-10's own pictures were made small like that, and the network should see like from like.
pub(super) fn shrink(square: &RgbImage) -> Seen {
    let target = IMAGE_SIDE as u32;
    let side = square.width();
    if side == target {
        return seen(square.as_raw());
    }
    let filter = if side > target { FilterType::Box } else { FilterType::Bilinear };
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    let source = TypedImageRef::<U8x3>::from_buffer(side, side, square.as_raw());
    let source = source.expect("an RGB image has 3 bytes a pixel");
    let mut bytes = [0; IMAGE_LEN];
    let mut resampled = TypedImage::from_buffer(target, target, &mut bytes).expect("32 x 32 pixels of 3 bytes");
    // By the type of the pixels, or the worker would carry the code for all the types that there are.
    Resizer::new().resize_typed(&source, &mut resampled, &options).expect("nothing is cropped");
    bytes
}

fn seen(pixels: &[u8]) -> Seen {
    pixels.try_into().expect("32 x 32 pixels of 3 bytes")
}

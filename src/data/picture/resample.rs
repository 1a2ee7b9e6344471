//! Resamples a square to the 32x32 pixels that the network sees.

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8x3,
};
use image::RgbImage;

use super::Seen;
use crate::{data::IMAGE_LEN, domain::IMAGE_SIDE};

/// The image that the network sees of `square`, whose sides are equal.
///
/// Each pixel is the mean of the pixels that it covers. A square smaller than 32x32 is enlarged bilinearly, and one of
/// exactly that size is unchanged. Means are taken of sRGB values, not of linear light, because CIFAR-10's own images
/// were reduced in that way.
pub(super) fn shrink(square: &RgbImage) -> Seen {
    let target = IMAGE_SIDE as u32;
    let side = square.width();
    if side == target {
        return seen(square.as_raw());
    }
    let filter = if side > target { FilterType::Box } else { FilterType::Bilinear };
    let mut bytes = [0; IMAGE_LEN];
    resize(square, filter, (target, target), &mut bytes);
    bytes
}

/// `picture` with no side longer than `side`, in the same proportions: unchanged, or reduced by area.
pub(super) fn fit(picture: &RgbImage, side: u32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return picture.clone();
    }
    let fitted = |len: u32| ((u64::from(len) * u64::from(side) / u64::from(longest)) as u32).max(1);
    let mut smaller = RgbImage::new(fitted(width), fitted(height));
    resize(picture, FilterType::Box, smaller.dimensions(), &mut smaller);
    smaller
}

/// Resamples `picture` into `target`, which has `width` by `height` pixels.
fn resize(picture: &RgbImage, filter: FilterType, (width, height): (u32, u32), target: &mut [u8]) {
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    let source = TypedImageRef::<U8x3>::from_buffer(picture.width(), picture.height(), picture.as_raw());
    let source = source.expect("an RGB image has 3 bytes a pixel");
    let mut resized = TypedImage::from_buffer(width, height, target).expect("3 bytes for each pixel");
    // The function for this pixel type is called, because the generic one would add the code for all pixel types to the
    // worker.
    Resizer::new().resize_typed(&source, &mut resized, &options).expect("nothing is cropped");
}

fn seen(pixels: &[u8]) -> Seen {
    pixels.try_into().expect("32 x 32 pixels of 3 bytes")
}

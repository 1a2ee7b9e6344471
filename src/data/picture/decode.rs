//! Decodes a picture within bounds: upright, over white, cropped to its centre square.

use std::io::{self, Cursor};

use image::{
    DynamicImage, ImageBuffer, ImageDecoder, ImageError, ImageReader, Limits, Luma, LumaA, Pixel, Rgb, RgbImage, Rgba,
    metadata::Orientation,
};

use super::{MAX_PIXELS, PictureError, container::Format};

/// The most that a decoder may allocate beside its output: a frame of [`MAX_PIXELS`] in RGBA.
const MAX_ALLOC_BYTES: u64 = 4 * MAX_PIXELS;

/// The centre square of the picture in `bytes`, upright and opaque.
pub(super) fn centre_square(format: Format, bytes: &[u8]) -> Result<RgbImage, PictureError> {
    if let Some(dimensions) = format.early_dimensions(bytes) {
        check_dimensions(dimensions)?;
    }
    let refuse = |error| refusal(format, bytes, error);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.into());
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_ALLOC_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refuse)?;
    check_dimensions(decoder.dimensions())?;
    if format.is_cut_short(bytes) {
        return Err(PictureError::Truncated { format: format.name() });
    }
    let orientation = orientation(&mut decoder);
    let stored = DynamicImage::from_decoder(decoder).map_err(refuse)?;
    let crop = Crop::centre(stored.width(), stored.height(), orientation);
    let mut upright = DynamicImage::ImageRgb8(over_white(stored, crop));
    upright.apply_orientation(orientation);
    Ok(upright.into_rgb8())
}

fn check_dimensions((width, height): (u32, u32)) -> Result<(), PictureError> {
    match u64::from(width) * u64::from(height) {
        0 => Err(PictureError::NoPixels),
        pixels if pixels > MAX_PIXELS => Err(PictureError::TooLarge { width, height }),
        _ => Ok(()),
    }
}

/// What `error`, met while decoding `bytes`, means to the visitor.
fn refusal(format: Format, bytes: &[u8], error: ImageError) -> PictureError {
    let name = format.name();
    match error {
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            PictureError::Truncated { format: name }
        }
        _ if format.is_cut_short(bytes) => PictureError::Truncated { format: name },
        ImageError::Limits(_) => PictureError::TooMuchMemory { format: name },
        source @ ImageError::Unsupported(_) => PictureError::Variant { format: name, source },
        source if format.is_rare_variant(bytes) => PictureError::Variant { format: name, source },
        source => PictureError::Damaged { format: name, source },
    }
}

/// How the picture wants to be turned; metadata that cannot be read ask for nothing.
fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    let exif = decoder.exif_metadata().ok().flatten();
    exif.and_then(|exif| {
        // JPEG's prefix, which some writers carry over to WebP and PNG.
        let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(&exif);
        Orientation::from_exif_chunk(tiff)
    })
    .unwrap_or(Orientation::NoTransforms)
}

/// A square of the stored pixels, before they are turned upright.
#[derive(Clone, Copy)]
struct Crop {
    left: usize,
    top: usize,
    side: usize,
}

impl Crop {
    /// The centre square of `width` x `height` stored pixels.
    ///
    /// An odd remainder leaves its extra pixel on the right or at the bottom as seen, hence on the other side
    /// of an axis that `orientation` will reverse.
    fn centre(width: u32, height: u32, orientation: Orientation) -> Self {
        use Orientation as O;
        let side = width.min(height);
        let offset = |len: u32, is_reversed: bool| {
            let rest = len - side;
            if is_reversed { rest.div_ceil(2) } else { rest / 2 }
        };
        let reverses_x = matches!(orientation, O::FlipHorizontal | O::Rotate180 | O::Rotate270 | O::Rotate270FlipH);
        let reverses_y = matches!(orientation, O::FlipVertical | O::Rotate180 | O::Rotate90 | O::Rotate270FlipH);
        Self { left: offset(width, reverses_x) as usize, top: offset(height, reverses_y) as usize, side: side as usize }
    }
}

/// The pixels of `crop` in 8-bit RGB over white, from whichever kind of pixel the file has.
fn over_white(stored: DynamicImage, crop: Crop) -> RgbImage {
    use DynamicImage as D;
    match &stored {
        D::ImageLuma8(image) => map_square(image, crop, |&Luma([grey])| [grey; 3]),
        D::ImageLumaA8(image) => map_square(image, crop, |&LumaA([grey, alpha])| [blend_8(grey, alpha); 3]),
        D::ImageRgb8(image) => map_square(image, crop, |&Rgb(colour)| colour),
        D::ImageLuma16(image) => map_square(image, crop, |&Luma([grey])| [blend_16(grey, u16::MAX); 3]),
        D::ImageLumaA16(image) => map_square(image, crop, |&LumaA([grey, alpha])| [blend_16(grey, alpha); 3]),
        D::ImageRgb16(image) => map_square(image, crop, |&Rgb(colour)| colour.map(|c| blend_16(c, u16::MAX))),
        D::ImageRgba16(image) => map_square(image, crop, |&Rgba([r, g, b, a])| [r, g, b].map(|c| blend_16(c, a))),
        D::ImageRgba8(image) => map_square(image, crop, rgba_over_white),
        // Floating-point pixels, which none of the formats has.
        other => map_square(&other.to_rgba8(), crop, rgba_over_white),
    }
}

fn rgba_over_white(&Rgba([red, green, blue, alpha]): &Rgba<u8>) -> [u8; 3] {
    [red, green, blue].map(|colour| blend_8(colour, alpha))
}

fn map_square<P: Pixel + 'static>(
    image: &ImageBuffer<P, Vec<P::Subpixel>>,
    crop: Crop,
    rgb: impl Fn(&P) -> [u8; 3],
) -> RgbImage {
    let mut pixels = Vec::with_capacity(3 * crop.side * crop.side);
    for row in image.rows().skip(crop.top).take(crop.side) {
        pixels.extend(row.skip(crop.left).take(crop.side).flat_map(&rgb));
    }
    let side = crop.side as u32;
    RgbImage::from_raw(side, side, pixels).expect("a square of the picture has side x side pixels")
}

/// `colour` at opacity `alpha` over white, rounded to the nearest level.
fn blend_8(colour: u8, alpha: u8) -> u8 {
    let (colour, alpha) = (u32::from(colour), u32::from(alpha));
    ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// The same from 16 bits a channel, rounded once.
fn blend_16(colour: u16, alpha: u16) -> u8 {
    const FULL: u64 = u16::MAX as u64;
    let (colour, alpha) = (u64::from(colour), u64::from(alpha));
    ((255 * (colour * alpha + FULL * (FULL - alpha)) + FULL * FULL / 2) / (FULL * FULL)) as u8
}

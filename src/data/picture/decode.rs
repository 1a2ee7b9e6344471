//! Decodes a picture with limited memory: upright, over white, in sRGB.

use std::io::{self, Cursor};

use image::{
    AnimationDecoder, DynamicImage, ImageBuffer, ImageDecoder, ImageError, ImageReader, Limits, Luma, LumaA, Pixel,
    Rgb, RgbImage, Rgba, codecs::png::PngDecoder, metadata::Orientation,
};

use super::{
    MAX_PIXELS, PictureError,
    colour::Colours,
    container::{Format, as_browsers_read},
    png, resample,
};

/// The most memory that a decoder may allocate besides its output: a frame of [`MAX_PIXELS`] in RGBA.
const MAX_ALLOC_BYTES: u64 = 4 * MAX_PIXELS;

/// A decoded picture.
pub(super) struct Picture {
    /// Opaque pixels in sRGB, in the order of the file.
    pixels: RgbImage,
    /// How they must be turned to be upright.
    orientation: Orientation,
}

impl Picture {
    /// Decodes the picture in `bytes`.
    pub(super) fn decode(format: Format, bytes: &[u8]) -> Result<Self, PictureError> {
        if let Some(variety) = format.foreign_variety(bytes) {
            return Err(PictureError::Variety(variety));
        }
        let bytes = &*as_browsers_read(format, bytes);
        if let Some(dimensions) = format.early_dimensions(bytes) {
            check_dimensions(dimensions)?;
        }
        let refuse = |error| refusal(format, bytes, error);
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MAX_ALLOC_BYTES);
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format.into());
        reader.limits(limits.clone());
        let mut decoder = reader.into_decoder().map_err(refuse)?;
        check_dimensions(decoder.dimensions())?;
        if format.is_cut_short(bytes) {
            return Err(PictureError::Truncated { format: format.name() });
        }
        let orientation = orientation(&mut decoder);
        let colours = Colours::of(format, bytes, &mut decoder);
        let stored = if format == Format::Png && png::is_hidden_by_animation(bytes) {
            first_frame(bytes, limits).map_err(refuse)?
        } else {
            DynamicImage::from_decoder(decoder).map_err(refuse)?
        };
        let stored = if format == Format::Bmp { seen_at_all(stored) } else { stored };
        Ok(Self { pixels: over_white(stored, &colours), orientation })
    }

    /// The centre square of the picture, upright.
    pub(super) fn centre_square(&self) -> RgbImage {
        let Crop { left, top, side } = Crop::centre(self.pixels.width(), self.pixels.height(), self.orientation);
        let mut square = image::imageops::crop_imm(&self.pixels, left, top, side, side).to_image();
        turn(&mut square, self.orientation);
        square
    }

    /// The whole picture, upright, with no side longer than `side` pixels.
    pub(super) fn fitted(&self, side: u32) -> RgbImage {
        let mut fitted = resample::fit(&self.pixels, side);
        turn(&mut fitted, self.orientation);
        fitted
    }
}

fn turn(pixels: &mut RgbImage, orientation: Orientation) {
    let mut upright = DynamicImage::ImageRgb8(std::mem::take(pixels));
    upright.apply_orientation(orientation);
    *pixels = upright.into_rgb8();
}

/// The first frame of an animated PNG, on its canvas.
fn first_frame(bytes: &[u8], limits: Limits) -> Result<DynamicImage, ImageError> {
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits)?.apng()?;
    let missing = || ImageError::IoError(io::ErrorKind::UnexpectedEof.into());
    let frame = decoder.into_frames().next().ok_or_else(missing)??;
    Ok(DynamicImage::ImageRgba8(frame.into_buffer()))
}

/// If every alpha of a BMP is 0, they are not alphas, and the picture is opaque.
fn seen_at_all(stored: DynamicImage) -> DynamicImage {
    match stored {
        DynamicImage::ImageRgba8(mut image) if image.pixels().all(|pixel| pixel.0[3] == 0) => {
            for pixel in image.pixels_mut() {
                pixel.0[3] = u8::MAX;
            }
            DynamicImage::ImageRgba8(image)
        }
        other => other,
    }
}

fn check_dimensions((width, height): (u32, u32)) -> Result<(), PictureError> {
    match u64::from(width) * u64::from(height) {
        0 => Err(PictureError::NoPixels),
        pixels if pixels > MAX_PIXELS => Err(PictureError::TooLarge { width, height }),
        _ => Ok(()),
    }
}

/// The visitor's error for `error`, which occurred while decoding `bytes`.
fn refusal(format: Format, bytes: &[u8], error: ImageError) -> PictureError {
    let name = format.name();
    match error {
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            PictureError::Truncated { format: name }
        }
        _ if format.is_cut_short(bytes) => PictureError::Truncated { format: name },
        ImageError::Limits(_) => PictureError::TooMuchMemory { format: name },
        source @ ImageError::Unsupported(_) => PictureError::Variant { format: name, source },
        source => PictureError::Damaged { format: name, source },
    }
}

/// How the picture must be turned. Metadata that cannot be read are ignored.
fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    let exif = decoder.exif_metadata().ok().flatten();
    exif.and_then(|exif| {
        // The prefix of JPEG, which some writers also use in WebP and PNG.
        let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(&exif);
        Orientation::from_exif_chunk(tiff)
    })
    .unwrap_or(Orientation::NoTransforms)
}

/// A square of the stored pixels, before they are turned.
#[derive(Clone, Copy)]
struct Crop {
    left: u32,
    top: u32,
    side: u32,
}

impl Crop {
    /// The centre square of `width` x `height` stored pixels.
    ///
    /// If the margins differ by a pixel, the larger one is on the right or at the bottom of the upright picture. So it
    /// is on the other side of an axis that `orientation` reverses.
    fn centre(width: u32, height: u32, orientation: Orientation) -> Self {
        use Orientation as O;
        let side = width.min(height);
        let offset = |len: u32, is_reversed: bool| {
            let rest = len - side;
            if is_reversed { rest.div_ceil(2) } else { rest / 2 }
        };
        let reverses_x = matches!(orientation, O::FlipHorizontal | O::Rotate180 | O::Rotate270 | O::Rotate270FlipH);
        let reverses_y = matches!(orientation, O::FlipVertical | O::Rotate180 | O::Rotate90 | O::Rotate270FlipH);
        Self { left: offset(width, reverses_x), top: offset(height, reverses_y), side }
    }
}

/// A level of a channel, of 8 or 16 bits.
trait Level: Copy {
    /// Full opacity.
    const FULL: Self;

    /// The level over white with opacity `alpha`, rounded to 8 bits.
    fn over_white(self, alpha: Self) -> u8;

    /// The same level with 16 bits.
    fn widened(self) -> u16;
}

impl Level for u8 {
    const FULL: Self = Self::MAX;

    fn over_white(self, alpha: Self) -> u8 {
        let (level, alpha) = (u32::from(self), u32::from(alpha));
        ((level * alpha + 255 * (255 - alpha) + 127) / 255) as u8
    }

    fn widened(self) -> u16 {
        257 * u16::from(self)
    }
}

impl Level for u16 {
    const FULL: Self = Self::MAX;

    fn over_white(self, alpha: Self) -> u8 {
        const FULL: u64 = u16::MAX as u64;
        let (level, alpha) = (u64::from(self), u64::from(alpha));
        ((255 * (level * alpha + FULL * (FULL - alpha)) + FULL * FULL / 2) / (FULL * FULL)) as u8
    }

    fn widened(self) -> u16 {
        self
    }
}

/// The picture in 8-bit sRGB over white, from any type of pixel.
fn over_white(stored: DynamicImage, colours: &Colours) -> RgbImage {
    use DynamicImage as D;
    match stored {
        D::ImageRgb8(image) if colours.is_srgb() => image,
        D::ImageRgb8(image) => flatten(&image, colours, |&Rgb(colour)| (colour, u8::FULL)),
        D::ImageRgba8(image) => flatten(&image, colours, split_rgba),
        D::ImageLuma8(image) => flatten(&image, colours, |&Luma([grey])| ([grey; 3], u8::FULL)),
        D::ImageLumaA8(image) => flatten(&image, colours, |&LumaA([grey, alpha])| ([grey; 3], alpha)),
        D::ImageRgb16(image) => flatten(&image, colours, |&Rgb(colour)| (colour, u16::FULL)),
        D::ImageRgba16(image) => flatten(&image, colours, split_rgba),
        D::ImageLuma16(image) => flatten(&image, colours, |&Luma([grey])| ([grey; 3], u16::FULL)),
        D::ImageLumaA16(image) => flatten(&image, colours, |&LumaA([grey, alpha])| ([grey; 3], alpha)),
        // Pixels of floating-point numbers, which none of the formats has.
        other => flatten(&other.into_rgba8(), colours, split_rgba),
    }
}

fn split_rgba<L: Level>(&Rgba([red, green, blue, alpha]): &Rgba<L>) -> ([L; 3], L) {
    ([red, green, blue], alpha)
}

/// `image` in 8-bit sRGB over white; `split` gives a pixel's colour and opacity.
fn flatten<P: Pixel<Subpixel: Level> + 'static>(
    image: &ImageBuffer<P, Vec<P::Subpixel>>,
    colours: &Colours,
    split: impl Fn(&P) -> ([P::Subpixel; 3], P::Subpixel),
) -> RgbImage {
    let mut pixels = Vec::with_capacity(3 * image.width() as usize * image.height() as usize);
    for row in image.rows() {
        let start = pixels.len();
        if colours.is_srgb() {
            // In the bit depth of the file, so that it is rounded only once.
            pixels.extend(row.map(&split).flat_map(|(colour, alpha)| colour.map(|level| level.over_white(alpha))));
            continue;
        }
        let alphas = row.clone().map(|pixel| split(pixel).1.widened());
        pixels.extend(row.flat_map(|pixel| split(pixel).0.map(|level| colours.narrow(level.widened()))));
        let converted = &mut pixels[start..];
        colours.convert(converted);
        for (colour, alpha) in converted.as_chunks_mut::<3>().0.iter_mut().zip(alphas) {
            *colour = colour.map(|level| level.widened().over_white(alpha));
        }
    }
    RgbImage::from_raw(image.width(), image.height(), pixels).expect("three bytes for each pixel")
}

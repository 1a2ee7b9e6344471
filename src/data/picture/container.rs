//! What a picture's container tells before decoding: its size, its variety, and whether it is complete.

use image::ImageFormat;
use std::borrow::Cow;

use super::{PictureError, png};
pub(super) use crate::content::PictureFormat as Format;
use crate::content::{BMP_HEADER_LENS, Content, HEAD_LEN};

/// The marker at the end of a JPEG.
const JPEG_END: u8 = 0xd9;

/// The marker at the beginning of a JPEG scan.
const JPEG_SCAN: u8 = 0xda;

impl Format {
    /// The format of the picture in `bytes`.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, PictureError> {
        match Content::of(&bytes[..bytes.len().min(HEAD_LEN)]) {
            Content::Picture(format) => Ok(format),
            Content::Empty => Err(PictureError::Empty),
            Content::Other(other) => Err(PictureError::Other(other)),
            Content::Images(_) | Content::Tensors | Content::Unknown => Err(PictureError::NotAPicture),
        }
    }

    /// The format's usual name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
        }
    }

    /// Whether the picture in `bytes` is incomplete, according to the container.
    ///
    /// The decoders of JPEG and WebP fill a missing part with grey. Those of PNG and BMP report it themselves.
    pub(super) fn is_cut_short(self, bytes: &[u8]) -> bool {
        match self {
            Self::Jpeg => jpeg_segments(bytes).last().is_none_or(|(marker, _)| marker != JPEG_END),
            Self::WebP => u32_le(bytes, 4).is_none_or(|len| (bytes.len() as u64) < 8 + u64::from(len)),
            Self::Gif => gif_first_frame(bytes).is_none(),
            Self::Bmp | Self::Png => false,
        }
    }

    /// The name of a variety of the format that cannot be decoded; none if `bytes` is of another variety.
    pub(super) fn foreign_variety(self, bytes: &[u8]) -> Option<&'static str> {
        match self {
            Self::Jpeg => foreign_jpeg(bytes),
            Self::Png => png::foreign_variety(bytes),
            Self::Bmp | Self::Gif | Self::WebP => None,
        }
    }

    /// Width and height, for formats whose decoder would allocate memory or fail before it tells them.
    pub(super) fn early_dimensions(self, bytes: &[u8]) -> Option<(u32, u32)> {
        let word = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        match self {
            // They follow the signature, and the length and name of the header chunk.
            Self::Png => Some((word(16)?, word(20)?)),
            // They follow the file's header and the length of the second header. A negative height means rows from top
            // to bottom.
            Self::Bmp if u32_le(bytes, 14)? != BMP_HEADER_LENS[0] => {
                let side = |at| u32_le(bytes, at).map(|side| side.cast_signed().unsigned_abs());
                Some((side(18)?, side(22)?))
            }
            _ => None,
        }
    }
}

impl From<Format> for ImageFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Bmp => Self::Bmp,
            Format::Gif => Self::Gif,
            Format::Jpeg => Self::Jpeg,
            Format::Png => Self::Png,
            Format::WebP => Self::WebP,
        }
    }
}

fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// The name of a JPEG variety that cannot be decoded: not baseline or progressive, not 8 bits, or with a separate scan
/// for each colour.
fn foreign_jpeg(bytes: &[u8]) -> Option<&'static str> {
    let mut frame = None;
    for (marker, body) in jpeg_segments(bytes) {
        match marker {
            0xc3 | 0xc7 | 0xcb | 0xcf => return Some("a lossless JPEG"),
            0xc5 | 0xc6 | 0xcd | 0xce => return Some("a hierarchical JPEG"),
            0xc9 | 0xca => return Some("a JPEG with arithmetic coding"),
            0xc0..=0xc2 if body.first().is_some_and(|&bits| bits != 8) => {
                return Some("a JPEG of more than 8 bits a colour");
            }
            0xc0 | 0xc1 => frame = Some(body),
            // In a baseline JPEG, compare the number of colours in the first scan with that in the frame.
            JPEG_SCAN => {
                let colours = frame?.get(5)?;
                return (body.first()? < colours).then_some("a JPEG with a scan for each colour");
            }
            _ => {}
        }
    }
    None
}

/// The segments of a JPEG up to its end marker: each marker, and the bytes after the segment's length.
///
/// The compressed data of scans are skipped. If the end marker is missing, the last item has another marker.
fn jpeg_segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
    // None after the end marker, or at the end of the file.
    let mut rest = bytes.get(2..);
    std::iter::from_fn(move || {
        let from_marker = rest.take()?;
        let from_marker = &from_marker[from_marker.windows(2).position(is_marker)?..];
        let (marker, body) = (from_marker[1], &from_marker[2..]);
        let len = match (marker, body) {
            (JPEG_END, _) => return Some((marker, &body[..0])),
            (0x01 | 0xd8, _) => 0,
            (_, [high, low, ..]) => usize::from(u16::from_be_bytes([*high, *low])),
            _ => return None,
        };
        rest = body.get(len..);
        Some((marker, body.get(2..len).unwrap_or_default()))
    })
}

/// The position of a GIF's first frame descriptor, and the position after that frame. Without a frame, the position
/// after the trailer.
fn gif_first_frame(bytes: &[u8]) -> Option<(Option<usize>, usize)> {
    let palette_len = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    // Skips a chain of blocks. Each begins with its length, and an empty block ends the chain.
    let skip_blocks = |mut at: usize| {
        loop {
            let len = usize::from(*bytes.get(at)?);
            at += 1 + len;
            if len == 0 {
                return Some(at);
            }
        }
    };
    let mut at = 13 + palette_len(*bytes.get(10)?);
    loop {
        match *bytes.get(at)? {
            b'!' => at = skip_blocks(at + 2)?,
            b',' => return Some((Some(at), skip_blocks(at + 10 + palette_len(*bytes.get(at + 9)?) + 1)?)),
            // The trailer, or damage, which the decoder reports.
            _ => return Some((None, at + 1)),
        }
    }
}

/// `bytes` with headers changed to what browsers read, if the decoder would read them in another way.
pub(super) fn as_browsers_read(format: Format, bytes: &[u8]) -> Cow<'_, [u8]> {
    let changed = match format {
        Format::Gif => gif_with_room(bytes),
        Format::Bmp => bmp_with_alpha(bytes),
        Format::Jpeg | Format::Png | Format::WebP => None,
    };
    changed.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

/// A GIF whose canvas is large enough for its first frame; none if it already is.
fn gif_with_room(bytes: &[u8]) -> Option<Vec<u8>> {
    let word = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes);
    let (frame, _) = gif_first_frame(bytes)?;
    let frame = frame?;
    let mut screen = [word(6)?, word(8)?];
    let before = screen;
    for (axis, side) in screen.iter_mut().enumerate() {
        *side = (*side).max(word(frame + 1 + 2 * axis)?.saturating_add(word(frame + 5 + 2 * axis)?));
    }
    (screen != before).then(|| {
        let mut bytes = bytes.to_vec();
        bytes[6..8].copy_from_slice(&screen[0].to_le_bytes());
        bytes[8..10].copy_from_slice(&screen[1].to_le_bytes());
        bytes
    })
}

/// A 32-bit BMP in which the last byte of each pixel is declared as alpha; none for other BMPs.
///
/// Version 4 of the header may declare an alpha mask. Browsers then use it even without bit fields.
fn bmp_with_alpha(bytes: &[u8]) -> Option<Vec<u8>> {
    const MASKS: [u32; 4] = [0x00ff_0000, 0x0000_ff00, 0x0000_00ff, 0xff00_0000];
    const WITH_BIT_FIELDS: u32 = 3;
    let has_alpha = u32_le(bytes, 14)? >= 108
        && bytes.get(28..30)? == [32, 0]
        && u32_le(bytes, 30)? == 0
        && u32_le(bytes, 66)? == MASKS[3];
    has_alpha.then(|| {
        let mut bytes = bytes.to_vec();
        bytes[30..34].copy_from_slice(&WITH_BIT_FIELDS.to_le_bytes());
        bytes[54..70].copy_from_slice(&MASKS.map(u32::to_le_bytes).concat());
        bytes
    })
}

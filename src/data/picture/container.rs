//! What a picture's container tells before anything is decoded: its size, its variety, and whether its end is there.

use image::ImageFormat;
use std::borrow::Cow;

use super::{PictureError, png};
pub(super) use crate::content::PictureFormat as Format;
use crate::content::{BMP_HEADER_LENS, Content, HEAD_LEN};

/// The marker that ends a JPEG.
const JPEG_END: u8 = 0xd9;

/// The marker that begins a scan of a JPEG.
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

    /// What people call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
        }
    }

    /// Whether `bytes` ends before the picture in it does, as far as the container tells.
    ///
    /// The decoders of JPEG and WebP fill a missing part with grey; those of PNG and BMP report it themselves.
    pub(super) fn is_cut_short(self, bytes: &[u8]) -> bool {
        match self {
            Self::Jpeg => jpeg_segments(bytes).last().is_none_or(|(marker, _)| marker != JPEG_END),
            Self::WebP => u32_le(bytes, 4).is_none_or(|len| (bytes.len() as u64) < 8 + u64::from(len)),
            Self::Gif => gif_first_frame(bytes).is_none(),
            Self::Bmp | Self::Png => false,
        }
    }

    /// What to call a variety of the format that is not decoded here; none if `bytes` are of no such one.
    pub(super) fn foreign_variety(self, bytes: &[u8]) -> Option<&'static str> {
        match self {
            Self::Jpeg => foreign_jpeg(bytes),
            Self::Png => png::foreign_variety(bytes),
            Self::Bmp | Self::Gif | Self::WebP => None,
        }
    }

    /// Width and height, where the decoder would allocate by them, or stumble, before they can be asked of it.
    pub(super) fn early_dimensions(self, bytes: &[u8]) -> Option<(u32, u32)> {
        let word = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
        match self {
            // Signature, length and name of the header chunk, then these two.
            Self::Png => Some((word(16)?, word(20)?)),
            // After the file's header and the length of its own; a negative height counts from the top.
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

/// What a JPEG is that is neither a baseline nor a progressive one of 8 bits, or has each colour in a scan of its own.
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
            // Of a baseline JPEG, the first scan: its number of colours, against that of the frame.
            JPEG_SCAN => {
                let colours = frame?.get(5)?;
                return (body.first()? < colours).then_some("a JPEG with a scan for each colour");
            }
            _ => {}
        }
    }
    None
}

/// The segments of a JPEG up to its end-of-image marker: each one's marker and what follows its length.
///
/// Scans' entropy-coded data are passed over. Without an end-of-image marker the last item is another one.
fn jpeg_segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
    // Nothing is left once the end was met or the file is over.
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

/// Where a GIF's first frame is described, and where it ends: the position after it, or after the trailer where there is
/// none.
fn gif_first_frame(bytes: &[u8]) -> Option<(Option<usize>, usize)> {
    let palette_len = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    // Past a chain of blocks, each led by its length, ended by an empty one.
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
            // The trailer; anything else is damage, for the decoder to report.
            _ => return Some((None, at + 1)),
        }
    }
}

/// `bytes` with the headers as browsers read them, where the decoder reads them otherwise.
pub(super) fn as_browsers_read(format: Format, bytes: &[u8]) -> Cow<'_, [u8]> {
    let changed = match format {
        Format::Gif => gif_with_room(bytes),
        Format::Bmp => bmp_with_alpha(bytes),
        Format::Jpeg | Format::Png | Format::WebP => None,
    };
    changed.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

/// A GIF whose screen is as large as its first frame needs; none if it is so.
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

/// A BMP of 32 bits a pixel that says that the last of each pixel's bytes is its alpha; none if `bytes` are of another kind.
///
/// The fourth version of the header may say so, and then browsers believe it without being asked for bit fields.
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

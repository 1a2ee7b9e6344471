//! Recognises a file by its first bytes, and tells whether its last ones are there.

use image::ImageFormat;

use super::PictureError;

/// The formats that are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Bmp,
    Gif,
    Jpeg,
    Png,
    WebP,
}

/// Formats that visitors have and that are not decoded: where their mark stands, the mark, what to call them.
const FOREIGN: &[(usize, &[u8], &str)] = &[
    (0, b"%PDF", "a PDF document"),
    (0, b"II*\0", "a TIFF picture or a camera's raw file"),
    (0, b"MM\0*", "a TIFF picture or a camera's raw file"),
    (0, b"II+\0", "a TIFF picture"),
    (0, b"MM\0+", "a TIFF picture"),
    (0, b"IIU\0", "a camera's raw file"),
    (0, b"IIRO", "a camera's raw file"),
    (0, b"FUJIFILMCCD-RAW", "a camera's raw file"),
    (4, b"ftypcrx ", "a camera's raw file"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftypavis", "an AVIF picture"),
    (4, b"ftyphei", "a HEIC picture"),
    (4, b"ftyphev", "a HEIC picture"),
    (4, b"ftypmif", "a HEIC picture"),
    (4, b"ftypmsf", "a HEIC picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (0, b"8BPS", "a Photoshop picture"),
    (0, b"gimp xcf", "a GIMP picture"),
    (0, b"\0\0\x01\0", "an icon"),
    (0, b"v/1\x01", "an OpenEXR picture"),
    (0, b"#?RADIANCE", "a Radiance picture"),
    (0, b"qoif", "a QOI picture"),
    (0, b"DDS ", "a DDS picture"),
];

/// Sizes that a BMP's second header has had over the years.
const BMP_HEADER_LENS: [u32; 8] = [12, 16, 40, 52, 56, 64, 108, 124];

/// The marker that ends a JPEG.
const JPEG_END: u8 = 0xd9;

/// How far into a file a drawing's `<svg` is looked for, past comments and declarations.
const SVG_SEARCH_LEN: usize = 4096;

impl Format {
    /// The format of a file that begins with `bytes`.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, PictureError> {
        match bytes {
            [] => Err(PictureError::Empty),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::WebP),
            [b'B', b'M', ..] if u32_le(bytes, 14).is_some_and(|len| BMP_HEADER_LENS.contains(&len)) => Ok(Self::Bmp),
            _ => Err(foreign(bytes).map_or(PictureError::NotAPicture, PictureError::Foreign)),
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
            Self::Gif => gif_end_of_first_frame(bytes).is_none(),
            Self::Bmp | Self::Png => false,
        }
    }

    /// Whether this is a variety that the format defines and hardly anything reads.
    pub(super) fn is_rare_variant(self, bytes: &[u8]) -> bool {
        // Lossless, hierarchical and arithmetic-coded frames, and those of more than 8 bits a sample.
        self == Self::Jpeg
            && jpeg_segments(bytes).any(|(marker, body)| match marker {
                0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => true,
                0xc0..=0xc2 => body.first().is_some_and(|&bits| bits != 8),
                _ => false,
            })
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

fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let known = FOREIGN.iter().find(|(at, mark, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(mark)));
    if let Some((_, _, name)) = known {
        return Some(name);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let head = &text[..text.len().min(SVG_SEARCH_LEN)];
    let is_svg = head.starts_with(b"<") && head.windows(4).any(|tag| tag == b"<svg");
    is_svg.then_some("an SVG drawing")
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

/// The position after a GIF's first frame, or after its trailer where it has none.
fn gif_end_of_first_frame(bytes: &[u8]) -> Option<usize> {
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
            b',' => return skip_blocks(at + 10 + palette_len(*bytes.get(at + 9)?) + 1),
            // The trailer; anything else is damage, for the decoder to report.
            _ => return Some(at + 1),
        }
    }
}

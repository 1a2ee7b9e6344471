//! Information from a PNG's chunks that its decoder does not give: variety, colours, and the beginning of the
//! animation.

/// Length of the signature before the first chunk.
const SIGNATURE_LEN: usize = 8;

/// The meaning of the samples in a PNG without an ICC profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// They are sRGB, explicitly or by default.
    Srgb,
    /// Light is the sample to the power of `1 / gamma`, with these primaries if they are given.
    Gamma {
        /// From the chunk `gAMA`.
        gamma: f32,
        /// From the chunk `cHRM`: x and y of white, red, green and blue.
        primaries: Option<[[f64; 2]; 4]>,
    },
    /// Code numbers of ITU-T H.273 for primaries and transfer function, from the chunk `cICP`.
    Coded {
        /// 1 means sRGB, 9 BT.2020, 12 Display P3.
        primaries: u8,
        /// 13 means sRGB; 16 and 18 are high dynamic range.
        transfer: u8,
    },
}

/// The chunks of a PNG: each one's name and data.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = bytes.get(SIGNATURE_LEN..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (len, after) = rest.split_first_chunk()?;
        let (name, after) = after.split_first_chunk()?;
        let len = u32::from_be_bytes(*len) as usize;
        // The last chunk may be cut short.
        let (data, after) = after.split_at(len.min(after.len()));
        // Skip the checksum.
        rest = after.get(4..).unwrap_or_default();
        Some((name, data))
    })
}

/// The chunks before the pixels.
fn head(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    chunks(bytes).take_while(|(name, _)| *name != b"IDAT")
}

/// The name of a PNG variety that cannot be decoded; none for other PNGs.
pub(super) fn foreign_variety(bytes: &[u8]) -> Option<&'static str> {
    if head(bytes).any(|(name, _)| name == b"CgBI") {
        return Some("a PNG as Xcode writes it for iPhones (CgBI), which is no PNG to others");
    }
    let is_high_range = |meaning| matches!(meaning, Meaning::Coded { transfer: 16 | 18, .. });
    is_high_range(meaning(bytes)).then_some("a PNG of high dynamic range")
}

/// Whether a PNG's default image is not shown, because it is not a frame of the animation.
pub(super) fn is_hidden_by_animation(bytes: &[u8]) -> bool {
    let has = |wanted: &[u8; 4]| head(bytes).any(|(name, _)| name == wanted);
    // A truncated file may have had frames.
    let has_frames =
        || chunks(bytes).find(|(name, _)| matches!(*name, b"fdAT" | b"IEND")).is_none_or(|(name, _)| name == b"fdAT");
    has(b"acTL") && !has(b"fcTL") && has_frames()
}

/// The meaning of the samples in a PNG without an ICC profile. Chunks take precedence in the order of the
/// specification.
pub(super) fn meaning(bytes: &[u8]) -> Meaning {
    let find = |wanted: &[u8; 4]| head(bytes).find(|(name, _)| *name == wanted).map(|(_, data)| data);
    if let Some(&[primaries, transfer, ..]) = find(b"cICP") {
        return Meaning::Coded { primaries, transfer };
    }
    if find(b"sRGB").is_some() {
        return Meaning::Srgb;
    }
    // Numbers are in units of 1/100,000.
    let number = |data: &[u8], at: usize| {
        let word = data.get(4 * at..4 * at + 4)?.try_into().ok()?;
        Some(f64::from(u32::from_be_bytes(word)) / 1e5)
    };
    let gamma = find(b"gAMA").and_then(|data| number(data, 0)).filter(|&gamma| gamma > 0.0);
    let primaries = find(b"cHRM").and_then(|data| {
        let mut points = [[0.0; 2]; 4];
        for (at, value) in points.as_flattened_mut().iter_mut().enumerate() {
            *value = number(data, at)?;
        }
        Some(points)
    });
    match gamma {
        Some(gamma) => Meaning::Gamma { gamma: gamma as f32, primaries },
        None => Meaning::Srgb,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG of these chunks, without pixels.
    fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        for (name, data) in chunks.iter().chain(&[(b"IDAT", &b""[..])]) {
            bytes.extend((data.len() as u32).to_be_bytes());
            bytes.extend([&name[..], data, &[0; 4]].concat());
        }
        bytes
    }

    #[test]
    fn the_better_way_to_say_what_colours_mean_counts() {
        let (gamma, srgb) = ((b"gAMA", &45_455_u32.to_be_bytes()[..]), (b"sRGB", &[0_u8][..]));
        let coded = (b"cICP", &[12, 13, 0, 1][..]);
        assert_eq!(meaning(&png(&[])), Meaning::Srgb);
        assert_eq!(meaning(&png(&[gamma])), Meaning::Gamma { gamma: 0.45455, primaries: None });
        assert_eq!(meaning(&png(&[gamma, srgb])), Meaning::Srgb);
        assert_eq!(meaning(&png(&[gamma, srgb, coded])), Meaning::Coded { primaries: 12, transfer: 13 });
    }

    #[test]
    fn chunks_that_are_cut_short_or_impossible_say_nothing() {
        assert_eq!(meaning(&png(&[(b"gAMA", &[0; 4])])), Meaning::Srgb, "a gamma of 0");
        assert_eq!(meaning(&png(&[(b"gAMA", &[1])])), Meaning::Srgb);
        let gamma = (b"gAMA", &100_000_u32.to_be_bytes()[..]);
        assert_eq!(meaning(&png(&[gamma, (b"cHRM", &[0; 31])])), Meaning::Gamma { gamma: 1.0, primaries: None });
        assert_eq!(meaning(b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffgAMA"), Meaning::Srgb);
    }

    #[test]
    fn a_picture_that_is_a_frame_of_its_animation_is_not_hidden() {
        let (control, frame, data) = ((b"acTL", &[0; 8][..]), (b"fcTL", &[0; 26][..]), (b"fdAT", &[0; 4][..]));
        let behind = |head: &[(&[u8; 4], &[u8])], tail: &[(&[u8; 4], &[u8])]| {
            [png(head), png(tail).split_off(SIGNATURE_LEN)].concat()
        };
        assert!(is_hidden_by_animation(&behind(&[control], &[frame, data])));
        assert!(!is_hidden_by_animation(&behind(&[control, frame], &[frame, data])));
        assert!(!is_hidden_by_animation(&behind(&[], &[frame, data])));
        assert!(!is_hidden_by_animation(&behind(&[control], &[(b"IEND", b"")])), "there is nothing else to show");
    }
}

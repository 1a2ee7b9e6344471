//! Pictures that cannot be decoded are refused by name, before they take memory.

use super::*;

#[track_caller]
fn refusal(bytes: &[u8]) -> PictureError {
    see(bytes).expect_err("this is not a picture to see")
}

/// A PNG's signature and header chunk, without its checksum and pixels.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let rest = [8, 2, 0, 0, 0, 0, 0, 0, 0];
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes(), &rest].concat()
}

/// The headers of a grey JPEG, without its pixels.
fn jpeg_header(width: u16, height: u16) -> Vec<u8> {
    let [[w0, w1], [h0, h1]] = [width.to_be_bytes(), height.to_be_bytes()];
    let frame = [0xff, 0xc0, 0, 11, 8, h0, h1, w0, w1, 1, 1, 0x11, 0];
    let scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0];
    [[0xff, 0xd8].as_slice(), &frame, &scan].concat()
}

/// The headers of a 24-bit BMP, without its pixels.
fn bmp_header(width: i32, height: i32) -> Vec<u8> {
    let file = [b"BM".as_slice(), &[0; 8], &54_u32.to_le_bytes()].concat();
    let info = [40_u32.to_le_bytes().as_slice(), &width.to_le_bytes(), &height.to_le_bytes(), &[1, 0, 24, 0]].concat();
    [file, info, vec![0; 24]].concat()
}

/// `animated.gif` with another canvas, and another size of its first frame.
fn gif_of(canvas: (u16, u16), frame: Option<(u16, u16)>) -> Vec<u8> {
    let mut bytes = fixture!("animated.gif").to_vec();
    let sides = |(width, height): (u16, u16)| [width.to_le_bytes(), height.to_le_bytes()].concat();
    bytes[6..10].copy_from_slice(&sides(canvas));
    if let Some(frame) = frame {
        let descriptor = [&[b',', 0, 0, 0, 0], sides((50, 40)).as_slice()].concat();
        let at = bytes.windows(9).position(|window| window == descriptor).expect("the frame fills its canvas");
        bytes[at + 5..at + 9].copy_from_slice(&sides(frame));
    }
    bytes
}

/// `animated.webp` with another canvas in its extended header.
fn webp_of(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = fixture!("animated.webp").to_vec();
    assert_eq!(&bytes[12..16], b"VP8X", "an animation has the extended header");
    bytes[24..27].copy_from_slice(&(width - 1).to_le_bytes()[..3]);
    bytes[27..30].copy_from_slice(&(height - 1).to_le_bytes()[..3]);
    bytes
}

#[test]
fn a_header_of_a_hundred_megapixels_is_refused_before_anything_is_decoded() {
    let headers = [
        ("PNG", png_header(10_000, 10_000)),
        ("JPEG", jpeg_header(10_000, 10_000)),
        ("BMP", bmp_header(10_000, 10_000)),
        ("BMP from the top", bmp_header(10_000, -10_000)),
        ("GIF", gif_of((10_000, 10_000), None)),
        ("WebP", webp_of(10_000, 10_000)),
    ];
    for (kind, header) in headers {
        let error = refusal(&header);
        assert!(matches!(error, PictureError::TooLarge { width: 10_000, height: 10_000 }), "{kind}: {error:?}");
        assert!(error.to_string().contains("10000 by 10000 pixels, and the most is 50 million"), "{error}");
    }
}

#[test]
fn absurd_headers_are_refused_too() {
    assert!(matches!(refusal(&png_header(u32::MAX, u32::MAX)), PictureError::TooLarge { .. }));
    assert!(matches!(refusal(&bmp_header(i32::MAX, i32::MAX)), PictureError::TooLarge { .. }));
    assert!(matches!(refusal(&bmp_header(100_000, 1_000)), PictureError::TooLarge { .. }));
    assert!(matches!(refusal(&png_header(0, 5)), PictureError::NoPixels));
    assert!(matches!(refusal(&gif_of((0, 0), Some((0, 0)))), PictureError::NoPixels));
}

#[test]
fn a_gif_frame_far_larger_than_its_canvas_is_refused() {
    let error = refusal(&gif_of((50, 40), Some((65_535, 65_535))));
    assert!(matches!(error, PictureError::TooLarge { width: 65_535, height: 65_535 }), "{error:?}");
}

#[test]
fn an_empty_file_is_refused() {
    assert!(matches!(refusal(&[]), PictureError::Empty));
}

#[test]
fn files_that_are_not_pictures_are_refused() {
    let files: [&[u8]; 5] = [b"x", b"BM is how this letter begins", b"Hello\n", b"\0\0\0\0", b"\x1f\x8b\x08"];
    for bytes in files {
        assert!(matches!(refusal(bytes), PictureError::NotAPicture), "{}", bytes.escape_ascii());
    }
}

#[test]
fn formats_that_are_not_decoded_are_named() {
    let files: [(&[u8], &str); 8] = [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "This is a HEIC picture;"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avif", "This is an AVIF picture;"),
        (b"II*\0\x08\0\0\0", "This is a TIFF picture or a camera's raw file;"),
        (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"\">", "This is an SVG drawing;"),
        (b"\xef\xbb\xbf  <svg/>", "This is an SVG drawing;"),
        (b"%PDF-1.7", "This is a PDF document;"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "This is a JPEG XL picture;"),
        (b"8BPS\0\x01", "This is a Photoshop picture;"),
    ];
    for (bytes, sentence) in files {
        let message = refusal(bytes).to_string();
        assert!(message.starts_with(sentence), "{message}");
        assert!(message.ends_with("export it as JPEG or PNG and choose that."), "{message}");
    }
}

#[test]
fn a_picture_cut_in_half_is_refused_as_cut_short() {
    for (name, whole) in ONE_OF_EACH {
        // The first half of an animation contains its first frame.
        let len = if name == "animated.gif" { whole.len() / 3 } else { whole.len() / 2 };
        let error = refusal(&whole[..len]);
        assert!(matches!(error, PictureError::Truncated { .. }), "{name}: {error:?}");
        assert!(error.to_string().contains("is cut short"), "{error}");
    }
}

#[test]
fn no_cut_shows_a_picture_with_a_part_missing() {
    for (name, whole) in ONE_OF_EACH {
        let seen = see(whole).expect("the fixture is a whole picture");
        let near_the_end = whole.len().saturating_sub(40)..whole.len();
        for len in (0..whole.len()).step_by(61).chain(near_the_end) {
            // Parts after the pixels may be missing, such as a PNG's end mark or a GIF's second frame.
            assert!(see(&whole[..len]).map_or(true, |cut| cut == seen), "{name} cut to {len} bytes");
        }
    }
}

#[test]
fn a_jpeg_or_webp_without_its_last_byte_is_cut_short() {
    for whole in [fixture!("photo.jpg"), fixture!("progressive.jpg"), fixture!("lossy.webp")] {
        assert!(matches!(refusal(&whole[..whole.len() - 1]), PictureError::Truncated { .. }));
    }
}

#[test]
fn what_follows_a_picture_is_ignored() {
    for (name, whole) in ONE_OF_EACH {
        let longer = [whole, b"trailing bytes \xff\xd8\xff"].concat();
        assert!(see(&longer).is_ok_and(|seen| Some(seen) == see(whole).ok()), "{name}");
    }
}

#[test]
fn a_damaged_picture_is_refused() {
    let mut bytes = fixture!("wide.png").to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    assert!(matches!(refusal(&bytes), PictureError::Damaged { format: "PNG", .. }));
}

#[test]
fn varieties_of_jpeg_that_are_not_decoded_are_named() {
    let mut bytes = fixture!("photo.jpg").to_vec();
    let frame = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).expect("a baseline JPEG has a frame");
    let mut is_named = |marker: u8, bits: u8, name: &str| {
        bytes[frame + 1] = marker;
        bytes[frame + 4] = bits;
        let message = refusal(&bytes).to_string();
        let expected = format!("This is {name}; export it as an ordinary JPEG or PNG and choose that.");
        assert_eq!(message, expected);
    };
    is_named(0xc9, 8, "a JPEG with arithmetic coding");
    is_named(0xc3, 8, "a lossless JPEG");
    is_named(0xc5, 8, "a hierarchical JPEG");
    is_named(0xc1, 12, "a JPEG of more than 8 bits a colour");
}

//! Makes pictures of four coloured quarters in variants of the formats that bug reports mention.

use flate2::{Compression, Crc, write::ZlibEncoder};
use image::{DynamicImage, ImageEncoder, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use std::io::{Cursor, Write};

/// Red, green, blue and yellow.
pub const COLOURS: [[u8; 3]; 4] = [[220, 30, 30], [30, 160, 60], [40, 60, 210], [240, 210, 40]];

/// A picture of four quarters: the first two colours above, the others below.
pub fn quarters(colours: [[u8; 3]; 4]) -> RgbImage {
    RgbImage::from_fn(64, 64, |x, y| Rgb(colours[(y / 32 * 2 + x / 32) as usize]))
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).expect("memory is writable");
    file.into_inner()
}

pub fn png(picture: RgbImage) -> Vec<u8> {
    encoded(&picture.into(), ImageFormat::Png)
}

/// A chunk of a PNG.
pub fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(name);
    sum.update(data);
    [&(data.len() as u32).to_be_bytes()[..], name, data, &sum.sum().to_be_bytes()].concat()
}

/// `png` with these chunks after its header.
pub fn with_chunks(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    const HEADER_END: usize = 8 + 25;
    [&png[..HEADER_END], &chunks.concat(), &png[HEADER_END..]].concat()
}

pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory is writable");
    encoder.finish().expect("memory is writable")
}

/// Words in big-endian order.
pub fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Numbers as PNG stores them, in hundred thousandths.
pub fn hundred_thousandths(numbers: &[f64]) -> Vec<u8> {
    words(&numbers.iter().map(|number| (number * 1e5).round() as u32).collect::<Vec<_>>())
}

/// An ICC profile with these tags.
pub fn profile(colours: &[u8; 4], tags: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut header = vec![0; 128];
    header[8] = 2;
    header[12..16].copy_from_slice(b"mntr");
    header[16..20].copy_from_slice(colours);
    header[20..24].copy_from_slice(b"XYZ ");
    header[36..40].copy_from_slice(b"acsp");
    let mut at = (128 + 4 + 12 * tags.len()) as u32;
    let (mut table, mut data) = (words(&[tags.len() as u32]), Vec::new());
    for (name, tag) in tags {
        table.extend([*name, &words(&[at, tag.len() as u32])[..]].concat());
        at += tag.len() as u32;
        data.extend_from_slice(tag);
    }
    let mut profile = [header, table, data].concat();
    let len = profile.len() as u32;
    profile[..4].copy_from_slice(&len.to_be_bytes());
    profile
}

/// A tag with a colour in XYZ, in 65,536ths.
pub fn xyz(numbers: [u32; 3]) -> Vec<u8> {
    [&b"XYZ \0\0\0\0"[..], &words(&numbers)].concat()
}

/// A tag with a gamma.
pub fn gamma_curve(gamma: f32) -> Vec<u8> {
    let [high, low] = ((gamma * 256.0) as u16).to_be_bytes();
    [&b"curv\0\0\0\0\0\0\0\x01"[..], &[high, low, 0, 0]].concat()
}

/// A profile of sRGB's primaries with red and green exchanged.
pub fn swapped_profile() -> Vec<u8> {
    let curve = || gamma_curve(2.2);
    profile(
        b"RGB ",
        &[
            (b"rXYZ", xyz([0x6294, 0xb785, 0x18dc])),
            (b"gXYZ", xyz([0x6fa3, 0x38f6, 0x0391])),
            (b"bXYZ", xyz([0x24a1, 0x0f85, 0xb6d4])),
            (b"rTRC", curve()),
            (b"gTRC", curve()),
            (b"bTRC", curve()),
        ],
    )
}

/// The colours with red and green exchanged.
pub fn swapped() -> [[u8; 3]; 4] {
    COLOURS.map(|[red, green, blue]| [green, red, blue])
}

/// A JPEG with an ICC profile.
pub fn jpeg_of(picture: &DynamicImage, profile: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_icc_profile(profile.to_vec()).expect("JPEG has profiles");
    // The encoder follows the kind of pixels: grey pixels have one channel.
    picture.write_with_encoder(encoder).expect("memory is writable");
    bytes
}

/// The segments of a JPEG with a scan for each colour, without pixels.
pub fn jpeg_with_a_scan_for_each_colour() -> Vec<u8> {
    let frame = [0xff, 0xc0, 0, 17, 8, 0, 64, 0, 64, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
    let scan = |colour: u8| [0xff, 0xda, 0, 8, 1, colour, 0, 0, 63, 0, 0x55];
    [&[0xff, 0xd8][..], &frame, &scan(1), &scan(2), &scan(3), &[0xff, 0xd9]].concat()
}

/// The control data of an animation frame that fills the canvas.
pub fn frame_control() -> Vec<u8> {
    [words(&[0, 64, 64, 0, 0]), vec![0, 100, 3, 232, 0, 0]].concat()
}

/// A PNG whose first picture is grey and not part of its animation. The animation shows the quarters.
pub fn animation_with_hidden_picture() -> Vec<u8> {
    let hidden = png(RgbImage::from_pixel(64, 64, Rgb([128; 3])));
    let quarters = quarters(COLOURS);
    // Each row begins with the number of its filter.
    let rows = quarters.rows().flat_map(|row| std::iter::once(0).chain(row.flat_map(|pixel| pixel.0)));
    let data = [words(&[1]), zlib(&rows.collect::<Vec<u8>>())].concat();
    let frames = [chunk(b"fcTL", &frame_control()), chunk(b"fdAT", &data)].concat();
    let bytes = with_chunks(&hidden, &[chunk(b"acTL", &words(&[1, 0]))]);
    let (before_end, end) = bytes.split_at(bytes.len() - 12);
    [before_end, &frames, end].concat()
}

/// A PNG as Xcode writes it for iPhones, as far as its chunks show.
pub fn png_of_xcode() -> Vec<u8> {
    let plain = png(quarters(COLOURS));
    [&plain[..8], &chunk(b"CgBI", &[0x50, 0, 0x20, 2]), &plain[8..]].concat()
}

/// A PNG of linear light, 0 to 255, with a gamma that says so.
pub fn linear_png() -> Vec<u8> {
    with_chunks(&png(quarters(light())), &[chunk(b"gAMA", &hundred_thousandths(&[1.0]))])
}

/// The linear light of the colours, 0 to 255.
pub fn light() -> [[u8; 3]; 4] {
    COLOURS.map(|colour| colour.map(|level| (255.0 * (f32::from(level) / 255.0).powf(2.2)).round() as u8))
}

/// A BMP of 32 bits per pixel with a header of this length. Its last quarter has an alpha of 0, the others have
/// `alpha`.
pub fn bmp_32(header_len: u32, compression: u32, alpha: u8) -> Vec<u8> {
    let pixels: Vec<u8> = quarters(COLOURS)
        .enumerate_rows()
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .flat_map(|(_, row)| {
            row.flat_map(|(x, y, &Rgb([r, g, b]))| [b, g, r, if x >= 32 && y >= 32 { 0 } else { alpha }])
        })
        .collect();
    let little = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    let head = little(&[header_len, 64, 64, 32 << 16 | 1, compression, pixels.len() as u32, 0, 0, 0, 0]);
    let mut header = [head, little(&[0xff_0000, 0xff00, 0xff, 0xff00_0000])].concat();
    header.resize(header_len.max(40) as usize, 0);
    let start = 14 + header.len() as u32;
    let file = [b"BM".to_vec(), little(&[start + pixels.len() as u32, 0, start])].concat();
    [file, header, pixels].concat()
}

/// A GIF with one frame of 64 by 64 pixels, at this place of a screen of this size.
pub fn gif(screen: (u16, u16), place: (u16, u16)) -> Vec<u8> {
    let mut bytes = encoded(&quarters(COLOURS).into(), ImageFormat::Gif);
    let pair = |(x, y): (u16, u16)| [x.to_le_bytes(), y.to_le_bytes()].concat();
    bytes[6..10].copy_from_slice(&pair(screen));
    let descriptor = [b",\0\0\0\0", &pair((64, 64))[..]].concat();
    let at = bytes.windows(9).position(|window| window == descriptor).expect("the frame's descriptor");
    bytes[at + 1..at + 5].copy_from_slice(&pair(place));
    bytes
}

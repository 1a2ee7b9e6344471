//! Writes pixels as a BMP file. A browser shows it as any other picture, without loss.

/// Length of the headers, of the file and of the picture.
const HEADER_BYTES: u32 = 14 + 40;

/// A BMP file of `rgb`, interleaved rows of `width` pixels, with 24 bits for each pixel.
///
/// # Panics
/// If `rgb` does not consist of whole rows.
pub fn encode(rgb: &[u8], width: usize) -> Vec<u8> {
    assert!(rgb.len().is_multiple_of(3 * width), "rows are whole");
    let height = (rgb.len() / (3 * width)) as u32;
    // Each row is padded to a multiple of four bytes.
    let padding = &[0; 3][..(3 * width).next_multiple_of(4) - 3 * width];
    let pixel_bytes = ((3 * width + padding.len()) as u32) * height;
    let mut file = Vec::with_capacity((HEADER_BYTES + pixel_bytes) as usize);
    file.extend(b"BM");
    let words = [HEADER_BYTES + pixel_bytes, 0, HEADER_BYTES, 40, width as u32, height];
    file.extend(words.into_iter().flat_map(u32::to_le_bytes));
    // One plane, 24 bits for each pixel.
    file.extend([1, 0, 24, 0]);
    file.extend([0, pixel_bytes, 0, 0, 0, 0].into_iter().flat_map(u32::to_le_bytes));
    // From the bottom row to the top row, in the order blue, green, red.
    for row in rgb.chunks(3 * width).rev() {
        file.extend(row.as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [blue, green, red]));
        file.extend(padding);
    }
    file
}

// The test needs a decoder, which only the feature `engine` has.
#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;

    #[test]
    fn another_reader_finds_the_same_pixels() {
        for (width, height) in [(32, 64), (1, 1), (5, 3), (6, 2), (7, 4)] {
            let rgb: Vec<u8> = (0..3 * width * height).map(|index| (index * 7 % 251) as u8).collect();
            let file = encode(&rgb, width);
            let picture = image::load_from_memory_with_format(&file, image::ImageFormat::Bmp).expect("a BMP file");
            assert_eq!((picture.width() as usize, picture.height() as usize), (width, height));
            assert_eq!(picture.to_rgb8().into_raw(), rgb);
        }
    }
}

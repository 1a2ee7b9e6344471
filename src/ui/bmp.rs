//! Writes the data set's images as a BMP file, so that they go the way of any other picture.

use crate::protocol::IMAGE_SIDE;

/// Bytes before the pixels: the file's header and the picture's.
const HEADER_BYTES: u32 = 14 + 40;

/// A file of 24 bits a pixel that holds `rgb`: rows of 32 pixels, interleaved; several images stand below each other.
pub fn encode(rgb: &[u8]) -> Vec<u8> {
    let side = IMAGE_SIDE as u32;
    // A row of 32 pixels has 96 bytes, which needs no padding to a multiple of four.
    let height = (rgb.len() / (3 * IMAGE_SIDE)) as u32;
    let pixel_bytes = 3 * side * height;
    let mut file = Vec::with_capacity((HEADER_BYTES + pixel_bytes) as usize);
    file.extend(b"BM");
    let words = [HEADER_BYTES + pixel_bytes, 0, HEADER_BYTES, 40, side, height];
    file.extend(words.into_iter().flat_map(u32::to_le_bytes));
    // One plane of 24 bits.
    file.extend([1, 0, 24, 0]);
    file.extend([0, pixel_bytes, 0, 0, 0, 0].into_iter().flat_map(u32::to_le_bytes));
    // From the bottom row to the top one, blue first.
    for row in rgb.chunks(3 * IMAGE_SIDE).rev() {
        file.extend(row.as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [blue, green, red]));
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_reader_finds_the_same_pixels() {
        let rgb: Vec<u8> = (0..2 * 3 * IMAGE_SIDE * IMAGE_SIDE).map(|index| (index * 7 % 251) as u8).collect();
        let picture = image::load_from_memory_with_format(&encode(&rgb), image::ImageFormat::Bmp).expect("a BMP file");
        assert_eq!(picture.to_rgb8().into_raw(), rgb);
    }
}

//! Images with random patches, which can only be memorised.

use tenfold::data::{IMAGE_LEN, Images, read_batch};

/// `count` images of 16 random grey patches each, with classes that can only be memorised.
pub fn noise(count: usize) -> Images {
    let shade = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8;
    let records: Vec<u8> = (0..count)
        .flat_map(|image| {
            let patch = |at: usize| at % 1024 / 256 * 4 + at % 32 / 8;
            let pixels = (0..IMAGE_LEN).map(move |at| shade(image * 16 + patch(at)));
            std::iter::once((image * 7 % 10) as u8).chain(pixels)
        })
        .collect();
    read_batch("noise", &records).expect("whole records")
}

//! Tests of `see`, compared with Pillow's results for the same files (`tests/fixtures/pictures`).

mod agreement;
#[cfg(not(target_family = "wasm"))]
mod hostile;
mod refusals;
mod varieties;

use super::*;

/// The bytes of a file among the fixtures.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pictures/", $name)).as_slice()
    };
}
use fixture;

/// A file for each code path of the decoders.
const ONE_OF_EACH: [(&str, &[u8]); 12] = [
    ("wide.png", fixture!("wide.png")),
    ("palette.png", fixture!("palette.png")),
    ("rgb-16.png", fixture!("rgb-16.png")),
    ("photo.jpg", fixture!("photo.jpg")),
    ("progressive.jpg", fixture!("progressive.jpg")),
    ("cmyk.jpg", fixture!("cmyk.jpg")),
    ("lossy-alpha.webp", fixture!("lossy-alpha.webp")),
    ("lossless.webp", fixture!("lossless.webp")),
    ("animated.webp", fixture!("animated.webp")),
    ("animated.gif", fixture!("animated.gif")),
    ("palette.bmp", fixture!("palette.bmp")),
    ("plain.bmp", fixture!("plain.bmp")),
];

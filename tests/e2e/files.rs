//! Makes the files that the tests drop: real test images, and bad files.

use crate::{needs, scratch};
use flate2::Crc;
use image::{DynamicImage, ImageFormat, RgbImage};
use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tenfold::domain::{CLASS_COUNT, CLASSES, IMAGE_SIDE};

/// One label byte, then the red, the green and the blue plane.
const RECORD_BYTES: usize = 1 + 3 * PLANE_BYTES;
const PLANE_BYTES: usize = IMAGE_SIDE * IMAGE_SIDE;

/// A folder for the files of one test, emptied.
pub fn folder(test: &str) -> PathBuf {
    let folder = scratch::folder().join("dropped").join(test);
    // Files of an earlier test must not be dropped as well.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for files to drop");
    folder
}

/// Writes `content` as `name` into `folder`.
pub fn write(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).expect("a file to drop");
    path
}

/// A PNG of each class: the first one among the test images, or the drawn scenes without those.
pub fn pictures() -> &'static [Vec<u8>; CLASS_COUNT] {
    static PICTURES: OnceLock<[Vec<u8>; CLASS_COUNT]> = OnceLock::new();
    PICTURES.get_or_init(|| match needs::real_images() {
        Some(folder) => test_images(&folder),
        // Without test images, the tests run on scenes, which are easier.
        None => CLASSES.map(scene),
    })
}

/// A picture of a cat, as a PNG.
pub fn cat() -> &'static [u8] {
    &pictures()[3]
}

/// The scene on the card of a class.
pub fn scene(class: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join("scenes").join(format!("{class}.png"));
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn test_images(folder: &Path) -> [Vec<u8>; CLASS_COUNT] {
    let inner = folder.join("cifar-10-batches-bin");
    let path = if inner.is_dir() { inner } else { folder.to_owned() }.join("test_batch.bin");
    let batch = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    std::array::from_fn(|class| {
        let mut records = batch.chunks_exact(RECORD_BYTES);
        let record = records.find(|record| usize::from(record[0]) == class).expect("each class is among the images");
        let (red, planes) = record[1..].split_at(PLANE_BYTES);
        let (green, blue) = planes.split_at(PLANE_BYTES);
        let pixels = (0..PLANE_BYTES).flat_map(|pixel| [red[pixel], green[pixel], blue[pixel]]).collect();
        png(RgbImage::from_raw(IMAGE_SIDE as u32, IMAGE_SIDE as u32, pixels).expect("32x32 pixels"))
    })
}

/// A PNG of one colour, `side` by `side` pixels.
pub fn plain_png(side: u32) -> Vec<u8> {
    plain_rectangle(side, side)
}

/// A PNG of one colour, `width` by `height` pixels.
pub fn plain_rectangle(width: u32, height: u32) -> Vec<u8> {
    png(RgbImage::from_pixel(width, height, image::Rgb([90, 140, 200])))
}

/// A PNG of noise, which shows nothing. It is as large as visitors' pictures are.
pub fn noise() -> Vec<u8> {
    let side = 256;
    // A linear congruential generator, with the multiplier and increment of Knuth's MMIX.
    let mut state = 1_u64;
    png(RgbImage::from_fn(side, side, |_, _| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        image::Rgb([40, 48, 56].map(|shift| (state >> shift) as u8))
    }))
}

fn png(image: RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(image).write_to(&mut bytes, ImageFormat::Png).expect("memory takes all");
    bytes.into_inner()
}

/// A PNG of less than a hundred bytes whose header promises 100 megapixels.
pub fn hundred_megapixel_png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    // 10,000 by 10,000 pixels of 8-bit RGB.
    let header = [&10_000_u32.to_be_bytes()[..], &10_000_u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    for (name, content) in [(b"IHDR", &header[..]), (b"IDAT", b"\x78\x9c\x03\x00\x00\x00\x00\x01"), (b"IEND", b"")] {
        let mut sum = Crc::new();
        sum.update(name);
        sum.update(content);
        bytes.extend((content.len() as u32).to_be_bytes());
        bytes.extend(name);
        bytes.extend(content);
        bytes.extend(sum.sum().to_be_bytes());
    }
    bytes
}

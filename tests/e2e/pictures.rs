//! The pictures in the documentation. `cargo xtask pictures` makes them again.
//!
//! CIFAR-10's photographs must not be copied. The networks here learn from the drawn scenes instead, each changed at
//! random.

use crate::{browser::Kind, files, tab::Tab};
use image::{RgbImage, imageops, imageops::FilterType};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::{fs, path::Path};

/// The classes under their scenes' names, in the data set's order.
const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// The number of images in one of CIFAR-10's files.
const COUNT: usize = 10_000;

/// The size of a window that a reader of the documentation sees whole.
const WINDOW: (u32, u32) = (1280, 800);

impl Tab {
    /// Keeps the window's content as `docs/NAME.png`.
    fn keep_picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        fs::write(folder.join(format!("{name}.png")), self.screenshot(false)).expect("a picture");
    }
}

/// One of CIFAR-10's files, filled with random parts of the scenes in different light.
fn batch(random: &mut ChaCha8Rng) -> Vec<u8> {
    let scenes = CLASSES.map(|class| image::load_from_memory(&files::scene(class)).expect("a picture").to_rgb8());
    let mut records = Vec::with_capacity(COUNT * (1 + 3 * 32 * 32));
    for index in 0..COUNT {
        let class = index % CLASSES.len();
        records.push(class as u8);
        let part = changed(&scenes[class], random);
        for channel in 0..3 {
            records.extend(part.pixels().map(|pixel| pixel[channel]));
        }
    }
    records
}

/// A part of `scene`, 32 x 32 pixels.
fn changed(scene: &RgbImage, random: &mut ChaCha8Rng) -> RgbImage {
    let side = random.random_range(scene.width() / 2..=scene.width());
    let [x, y] = [0, 1].map(|_| random.random_range(0..=scene.width() - side));
    let part = imageops::crop_imm(scene, x, y, side, side).to_image();
    let part = imageops::resize(&part, 32, 32, FilterType::Triangle);
    let part = if random.random() { imageops::flip_horizontal(&part) } else { part };
    let part = imageops::huerotate(&part, random.random_range(-40..=40));
    imageops::brighten(&part, random.random_range(-60..=60))
}

#[test]
#[ignore = "writes into docs/: `cargo xtask pictures` runs it"]
fn the_documentation_shows_an_answer_and_a_run() {
    let tab = Tab::open(Kind::WebGpu);
    tab.prefer("light");
    tab.resize(WINDOW);
    tab.visit("?device=cpu");
    tab.wait_until_ready();
    tab.drop_files(&[files::write(&files::folder("documentation"), "dog.png", &files::scene("dog"))]);
    tab.wait_for_answer("dog.png");
    tab.keep_picture("answer");

    let mut random = ChaCha8Rng::seed_from_u64(10);
    let folder = files::folder("drawn");
    let batches = ["data_batch_1.bin", "test_batch.bin"].map(|name| files::write(&folder, name, &batch(&mut random)));
    let settings = "network=cui2017&batch=64&epochs=4&images=3200&conv-rate=0.005&dense-rate=0.0003&warm-up=0.5";
    tab.visit(&format!("?device=cpu&{settings}#learn"));
    tab.wait_until_ready();
    tab.drop_files(&batches);
    tab.wait_for_images();
    tab.drop_files(&[files::write(&files::folder("documentation"), "horse.png", &files::scene("horse"))]);
    tab.wait_for_answer("horse.png");
    tab.click("[data-action=train]");
    tab.wait_for_phase("training");
    tab.wait_for_step(130);
    tab.evaluate("scrollTo(0, 0)");
    tab.keep_picture("run");
    tab.click("[data-action=stop]");
}

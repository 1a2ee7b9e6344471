//! Random drawings that show none of the ten classes: a network should doubt them.
//!
//! There are four families. Each drawing is four times as large as the network's image, and is reduced as a visitor's
//! picture is.

mod noise;
mod objects;
mod sheet;
mod text;
mod textures;

use super::{Seen, see};
use image::{ImageFormat, RgbImage};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::io::Cursor;

/// Side of a drawing, in pixels; a multiple of 32.
const SIDE: u32 = 128;

/// Draws a picture of a family.
type Draw = fn(&mut ChaCha8Rng) -> RgbImage;

/// The names of the families, and the functions that draw them.
const FAMILIES: [(&str, Draw); 4] =
    [("noise", noise::draw), ("textures", textures::draw), ("text", text::draw), ("drawn objects", objects::draw)];

/// The families, each with `count` pictures. They are the same at every call.
pub fn others(count: usize) -> Vec<(&'static str, Vec<Seen>)> {
    let family = |(number, (name, draw)): (u64, (&'static str, Draw))| {
        let mut random = ChaCha8Rng::seed_from_u64(number);
        (name, (0..count).map(|_| as_seen(&draw(&mut random))).collect())
    };
    (0..).zip(FAMILIES).map(family).collect()
}

fn as_seen(drawing: &RgbImage) -> Seen {
    let mut file = Cursor::new(Vec::new());
    drawing.write_to(&mut file, ImageFormat::Bmp).expect("memory takes what is written");
    see(file.get_ref()).expect("a picture that was just encoded")
}

/// A random colour.
fn colour(random: &mut ChaCha8Rng) -> [f32; 3] {
    std::array::from_fn(|_| random.random_range(0.0..256.0))
}

/// The colour at `share` of the way from `a` to `b`.
fn mix(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    std::array::from_fn(|i| a[i] + share * (b[i] - a[i]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn pictures_of_a_family_differ_and_come_out_the_same_each_time() {
        let families = others(20);
        assert_eq!(families.len(), 4);
        for (name, pictures) in &families {
            let different: HashSet<_> = pictures.iter().collect();
            assert_eq!(different.len(), 20, "{name}");
            assert!(pictures.iter().all(|seen| seen.iter().any(|byte| byte != &seen[0])), "{name}: an empty picture");
        }
        assert_eq!(families, others(20));
    }
}

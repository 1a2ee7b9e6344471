//! Objects that are none of the ten classes. Each is drawn with a few shapes, in random colours, sizes and places.

use super::{
    SIDE,
    sheet::{Sheet, ink},
};
use embedded_graphics::{
    Drawable,
    geometry::{Point, Size},
    pixelcolor::Rgb888,
    primitives::{Circle, Ellipse, Line, Primitive, PrimitiveStyle, Rectangle, Triangle},
};
use image::RgbImage;
use rand::{RngExt, rngs::ChaCha8Rng};

/// Draws shapes. Coordinates are in hundredths of the object's size.
struct Pen {
    sheet: Sheet,
    /// Pixels in a hundredth.
    scale: f32,
    origin: [f32; 2],
    /// The object's colours.
    inks: [Rgb888; 3],
}

impl Pen {
    fn at(&self, [x, y]: [i32; 2]) -> Point {
        let [x0, y0] = self.origin;
        Point::new((x0 + self.scale * x as f32) as i32, (y0 + self.scale * y as f32) as i32)
    }

    fn length(&self, length: i32) -> u32 {
        (self.scale * length as f32).max(1.0) as u32
    }

    fn disc(&mut self, centre: [i32; 2], radius: i32, ink: usize) {
        let shape = Circle::with_center(self.at(centre), self.length(2 * radius));
        let Ok(()) = shape.into_styled(PrimitiveStyle::with_fill(self.inks[ink])).draw(&mut self.sheet);
    }

    fn ring(&mut self, centre: [i32; 2], radius: i32, ink: usize) {
        let style = PrimitiveStyle::with_stroke(self.inks[ink], self.length(6));
        let shape = Circle::with_center(self.at(centre), self.length(2 * radius));
        let Ok(()) = shape.into_styled(style).draw(&mut self.sheet);
    }

    fn oval(&mut self, centre: [i32; 2], [width, height]: [i32; 2], ink: usize) {
        let shape = Ellipse::with_center(self.at(centre), Size::new(self.length(width), self.length(height)));
        let Ok(()) = shape.into_styled(PrimitiveStyle::with_fill(self.inks[ink])).draw(&mut self.sheet);
    }

    fn block(&mut self, corner: [i32; 2], [width, height]: [i32; 2], ink: usize) {
        let shape = Rectangle::new(self.at(corner), Size::new(self.length(width), self.length(height)));
        let Ok(()) = shape.into_styled(PrimitiveStyle::with_fill(self.inks[ink])).draw(&mut self.sheet);
    }

    fn wedge(&mut self, corners: [[i32; 2]; 3], ink: usize) {
        let [a, b, c] = corners.map(|corner| self.at(corner));
        let shape = Triangle::new(a, b, c).into_styled(PrimitiveStyle::with_fill(self.inks[ink]));
        let Ok(()) = shape.draw(&mut self.sheet);
    }

    fn stroke(&mut self, from: [i32; 2], to: [i32; 2], ink: usize) {
        let style = PrimitiveStyle::with_stroke(self.inks[ink], self.length(6));
        let Ok(()) = Line::new(self.at(from), self.at(to)).into_styled(style).draw(&mut self.sheet);
    }
}

const OBJECTS: [fn(&mut Pen); 12] = [house, tree, flower, face, cup, fish, chair, lamp, key, umbrella, clock, mushroom];

/// A picture of a random object.
pub fn draw(random: &mut ChaCha8Rng) -> RgbImage {
    let object = OBJECTS[random.random_range(0..OBJECTS.len())];
    let sheet = Sheet::shaded(SIDE, random);
    let size = random.random_range(0.5..1.0) * SIDE as f32;
    let origin = [0; 2].map(|_| random.random_range(0.0..=SIDE as f32 - size));
    let mut pen = Pen { sheet, scale: size / 100.0, origin, inks: [0; 3].map(|_| ink(random)) };
    object(&mut pen);
    pen.sheet.finished()
}

fn house(pen: &mut Pen) {
    pen.block([15, 45], [70, 55], 0);
    pen.wedge([[5, 47], [95, 47], [50, 5]], 1);
    pen.block([42, 65], [16, 35], 2);
    pen.block([22, 55], [14, 14], 2);
    pen.block([64, 55], [14, 14], 2);
}

fn tree(pen: &mut Pen) {
    pen.block([44, 60], [12, 40], 0);
    pen.disc([50, 35], 30, 1);
    pen.disc([30, 48], 20, 1);
    pen.disc([70, 48], 20, 1);
}

fn flower(pen: &mut Pen) {
    pen.block([47, 45], [6, 55], 0);
    for centre in [[50, 15], [72, 31], [64, 56], [36, 56], [28, 31]] {
        pen.disc(centre, 15, 1);
    }
    pen.disc([50, 36], 12, 2);
}

fn face(pen: &mut Pen) {
    pen.disc([50, 50], 45, 0);
    pen.disc([34, 40], 6, 1);
    pen.disc([66, 40], 6, 1);
    pen.oval([50, 70], [40, 14], 2);
}

fn cup(pen: &mut Pen) {
    pen.ring([75, 50], 16, 0);
    pen.block([20, 25], [52, 60], 0);
    pen.oval([46, 25], [52, 14], 1);
}

fn fish(pen: &mut Pen) {
    pen.wedge([[95, 25], [95, 75], [60, 50]], 0);
    pen.oval([42, 50], [75, 45], 0);
    pen.disc([22, 43], 5, 1);
}

fn chair(pen: &mut Pen) {
    pen.block([25, 5], [8, 90], 0);
    pen.block([25, 50], [50, 9], 0);
    pen.block([67, 50], [8, 45], 0);
    pen.block([25, 10], [8, 40], 1);
}

fn lamp(pen: &mut Pen) {
    pen.wedge([[20, 45], [80, 45], [50, 0]], 0);
    pen.block([47, 45], [6, 45], 1);
    pen.oval([50, 92], [44, 12], 1);
}

fn key(pen: &mut Pen) {
    pen.ring([25, 50], 18, 0);
    pen.stroke([43, 50], [95, 50], 0);
    pen.stroke([80, 50], [80, 68], 0);
    pen.stroke([92, 50], [92, 64], 0);
}

fn umbrella(pen: &mut Pen) {
    pen.disc([50, 45], 42, 0);
    // Three scallops of another colour.
    for centre in [22, 50, 78] {
        pen.disc([centre, 52], 14, 1);
    }
    pen.block([47, 45], [6, 50], 2);
}

fn clock(pen: &mut Pen) {
    pen.disc([50, 50], 45, 0);
    pen.disc([50, 50], 39, 1);
    pen.stroke([50, 50], [50, 20], 2);
    pen.stroke([50, 50], [70, 58], 2);
}

fn mushroom(pen: &mut Pen) {
    pen.block([38, 45], [24, 50], 0);
    pen.oval([50, 38], [90, 55], 1);
    for centre in [[30, 32], [52, 22], [70, 38]] {
        pen.disc(centre, 6, 2);
    }
}

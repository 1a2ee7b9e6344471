//! Painting on the 32x32 pixels that the network sees.

use std::rc::Rc;

use crate::domain::{IMAGE_SIDE, order::sorted};
use crate::protocol::inspect::{GREY, SQUARE};

const SIDE: i32 = IMAGE_SIDE as i32;

/// The most strokes that can be undone.
const UNDO_LIMIT: usize = 50;

/// Side of the brush and of the eraser, in pixels.
const BRUSH: i32 = 3;

/// The largest change of a colour by noise, of 255.
const NOISE: i32 = 40;

/// The most colours of the picture that the brush can have.
const COLOURS: usize = 8;

/// Colours for an empty picture: sky, sea, leaves, fur, earth, sun, fire and shadow.
const PAINT_BOX: [Colour; 8] = [
    [135, 190, 235],
    [40, 90, 160],
    [70, 130, 60],
    [190, 130, 70],
    [105, 75, 50],
    [240, 205, 70],
    [200, 50, 40],
    [128, 128, 128],
];

/// A colour: red, green and blue.
pub type Colour = [u8; 3];

/// A tool that changes pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Hides pixels behind a grey square.
    Patch,
    /// Restores the original pixels.
    Eraser,
    /// Paints with this colour.
    Brush(Colour),
    /// Moves the whole picture.
    Move,
}

/// A change of the whole picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Swaps left and right.
    Mirror,
    /// Replaces each pixel by the mean of itself and its neighbours.
    Blur,
    /// Changes each colour at random.
    Noise,
}

/// A movement of the tool from one pixel to another: (column, row).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stroke {
    /// The tool.
    pub tool: Tool,
    /// The first pixel.
    pub from: [i32; 2],
    /// The last pixel.
    pub to: [i32; 2],
    /// Whether a stroke begins here. Later movements are undone together with it.
    pub is_first: bool,
}

/// A picture to paint on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canvas {
    /// The original picture: 32x32 RGB, interleaved.
    original: Rc<[u8]>,
    /// The current picture.
    pixels: Rc<[u8]>,
    /// The picture before each stroke.
    before: Vec<Rc<[u8]>>,
}

impl Canvas {
    /// A canvas with this picture of 3,072 bytes.
    pub fn new(pixels: Rc<[u8]>) -> Self {
        Self { original: pixels.clone(), pixels, before: Vec::new() }
    }

    /// The current picture.
    pub fn pixels(&self) -> &Rc<[u8]> {
        &self.pixels
    }

    /// Whether the current picture differs from the original.
    pub fn is_changed(&self) -> bool {
        self.pixels != self.original
    }

    /// Whether something can be undone.
    pub fn can_undo(&self) -> bool {
        !self.before.is_empty()
    }

    /// Applies `stroke`.
    pub fn paint(&mut self, stroke: Stroke) {
        if stroke.is_first {
            self.note();
        }
        let mut pixels = self.pixels.to_vec();
        match stroke.tool {
            Tool::Move => {
                let [columns, rows] = [0, 1].map(|axis| stroke.to[axis] - stroke.from[axis]);
                let moved = |at: usize| {
                    let (row, column) = ((at / IMAGE_SIDE) as i32 - rows, (at % IMAGE_SIDE) as i32 - columns);
                    offset(column, row).map_or([GREY; 3], |from| colour(&self.pixels, from))
                };
                pixels = (0..IMAGE_SIDE * IMAGE_SIDE).flat_map(moved).collect();
            }
            Tool::Patch => stamp(&mut pixels, stroke, SQUARE as i32, |_| [GREY; 3]),
            Tool::Brush(colour) => stamp(&mut pixels, stroke, BRUSH, |_| colour),
            Tool::Eraser => stamp(&mut pixels, stroke, BRUSH, |at| colour(&self.original, at)),
        }
        self.pixels = pixels.into();
    }

    /// Changes the whole picture; `seed` determines the noise.
    pub fn filter(&mut self, filter: Filter, seed: u32) {
        self.note();
        let pixels = &self.pixels;
        let at = |at: usize| ((at % IMAGE_SIDE) as i32, (at / IMAGE_SIDE) as i32);
        let changed: Vec<u8> = match filter {
            Filter::Mirror => {
                let mirrored = |place: usize| {
                    let (column, row) = at(place);
                    colour(pixels, offset(SIDE - 1 - column, row).expect("within the picture"))
                };
                (0..IMAGE_SIDE * IMAGE_SIDE).flat_map(mirrored).collect()
            }
            Filter::Blur => {
                let blurred = |place: usize| {
                    let (column, row) = at(place);
                    let around = (0..9).filter_map(|i| offset(column + i % 3 - 1, row + i / 3 - 1));
                    let around: Vec<Colour> = around.map(|place| colour(pixels, place)).collect();
                    mean(&around)
                };
                (0..IMAGE_SIDE * IMAGE_SIDE).flat_map(blurred).collect()
            }
            Filter::Noise => {
                let mut state = seed | 1;
                let noisy = |&byte: &u8| {
                    // Marsaglia's xorshift.
                    state ^= state << 13;
                    state ^= state >> 17;
                    state ^= state << 5;
                    let change = (state >> 8) as i32 % (2 * NOISE + 1) - NOISE;
                    (i32::from(byte) + change).clamp(0, 255) as u8
                };
                pixels.iter().map(noisy).collect()
            }
        };
        self.pixels = changed.into();
    }

    /// Undoes the last stroke.
    pub fn undo(&mut self) {
        if let Some(before) = self.before.pop() {
            self.pixels = before;
        }
    }

    /// Restores the original picture; this can be undone.
    pub fn reset(&mut self) {
        self.note();
        self.pixels = self.original.clone();
    }

    /// Colours to paint with: black, white, and the most frequent colours of the original. If it has few colours, those
    /// of a paint box are added.
    pub fn colours(&self) -> Vec<Colour> {
        // Two bits for each channel, so that similar colours fall into one bin.
        let mut bins = vec![Vec::new(); 64];
        for at in 0..IMAGE_SIDE * IMAGE_SIDE {
            let colour = colour(&self.original, at);
            let bin = colour.iter().fold(0, |bin, &byte| 4 * bin + usize::from(byte >> 6));
            bins[bin].push(colour);
        }
        bins.retain(|bin| !bin.is_empty());
        let bins = sorted(bins, |a, b| b.len().cmp(&a.len()));
        let paint_box = if bins.len() < COLOURS / 2 { &PAINT_BOX[..] } else { &[] };
        let frequent = bins.iter().take(COLOURS).map(|bin| mean(bin)).chain(paint_box.iter().copied());
        [[0; 3], [255; 3]]
            .into_iter()
            .chain(frequent.filter(|&colour| colour != [0; 3] && colour != [255; 3]))
            .collect()
    }

    fn note(&mut self) {
        self.before.push(self.pixels.clone());
        if self.before.len() > UNDO_LIMIT {
            self.before.remove(0);
        }
    }
}

/// The index of a pixel, if it is in the picture.
fn offset(column: i32, row: i32) -> Option<usize> {
    let is_there = (0..SIDE).contains(&column) && (0..SIDE).contains(&row);
    is_there.then(|| (row * SIDE + column) as usize)
}

fn colour(pixels: &[u8], at: usize) -> Colour {
    [pixels[3 * at], pixels[3 * at + 1], pixels[3 * at + 2]]
}

fn mean(colours: &[Colour]) -> Colour {
    let count = colours.len().max(1);
    [0, 1, 2].map(|i| (colours.iter().map(|colour| usize::from(colour[i])).sum::<usize>() / count) as u8)
}

/// Changes the pixels in squares of this `side` along the stroke.
fn stamp(pixels: &mut [u8], stroke: Stroke, side: i32, colour: impl Fn(usize) -> Colour) {
    let [columns, rows] = [0, 1].map(|axis| stroke.to[axis] - stroke.from[axis]);
    let steps = columns.abs().max(rows.abs());
    for step in 0..=steps {
        // Rounded to the nearest pixel.
        let along = |from: i32, len: i32| from + (2 * len * step + steps.max(1) * len.signum()) / (2 * steps.max(1));
        let (column, row) = (along(stroke.from[0], columns), along(stroke.from[1], rows));
        for i in 0..side * side {
            if let Some(at) = offset(column - side / 2 + i % side, row - side / 2 + i / side) {
                pixels[3 * at..][..3].copy_from_slice(&colour(at));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Rc<[u8]> {
        (0..3072).map(|at| (at * 7 % 251) as u8).collect()
    }

    fn stroke(tool: Tool, from: [i32; 2], to: [i32; 2]) -> Stroke {
        Stroke { tool, from, to, is_first: true }
    }

    fn changed(canvas: &Canvas) -> Vec<(usize, usize)> {
        let places = (0..1024).filter(|&at| colour(canvas.pixels(), at) != colour(&canvas.original, at));
        places.map(|at| (at % 32, at / 32)).collect()
    }

    #[test]
    fn a_patch_is_a_grey_square_that_is_cut_at_the_border() {
        let mut canvas = Canvas::new(picture());
        canvas.paint(stroke(Tool::Patch, [10, 20], [10, 20]));
        let expected: Vec<_> = (0..16).map(|i| (8 + i % 4, 18 + i / 4)).collect();
        assert_eq!(changed(&canvas), expected);
        assert_eq!(colour(canvas.pixels(), 18 * 32 + 8), [GREY; 3]);
        canvas.paint(stroke(Tool::Patch, [-9, 40], [-9, 40]));
        assert_eq!(changed(&canvas).len(), 16);
    }

    #[test]
    fn a_quick_stroke_leaves_no_gaps() {
        let mut canvas = Canvas::new(picture());
        canvas.paint(stroke(Tool::Brush([1, 2, 3]), [2, 3], [29, 17]));
        for column in 2..=29 {
            let is_painted = (0..32).any(|row| colour(canvas.pixels(), row * 32 + column) == [1, 2, 3]);
            assert!(is_painted, "column {column}");
        }
        assert_eq!(colour(canvas.pixels(), 3 * 32 + 2), [1, 2, 3]);
        assert_eq!(colour(canvas.pixels(), 17 * 32 + 29), [1, 2, 3]);
    }

    #[test]
    fn the_eraser_brings_back_what_was_there_and_undo_takes_back_whole_strokes() {
        let mut canvas = Canvas::new(picture());
        canvas.paint(stroke(Tool::Brush([9, 9, 9]), [5, 5], [5, 5]));
        canvas.paint(Stroke { is_first: false, ..stroke(Tool::Brush([9, 9, 9]), [5, 5], [9, 5]) });
        let painted = canvas.pixels().clone();
        canvas.paint(stroke(Tool::Eraser, [5, 5], [9, 5]));
        assert!(!canvas.is_changed());
        canvas.undo();
        assert_eq!(*canvas.pixels(), painted);
        canvas.undo();
        assert!(!canvas.is_changed() && !canvas.can_undo());
    }

    #[test]
    fn moving_twice_is_moving_by_the_sum_and_mirroring_twice_is_nothing() {
        let (mut once, mut twice) = (Canvas::new(picture()), Canvas::new(picture()));
        once.paint(stroke(Tool::Move, [3, 3], [8, 1]));
        twice.paint(stroke(Tool::Move, [3, 3], [5, 2]));
        twice.paint(stroke(Tool::Move, [5, 2], [8, 1]));
        assert_eq!(once.pixels(), twice.pixels());
        assert_eq!(colour(once.pixels(), 10 * 32 + 15), colour(&once.original, 12 * 32 + 10));
        assert_eq!(colour(once.pixels(), 0), [GREY; 3]);

        let mut canvas = Canvas::new(picture());
        canvas.filter(Filter::Mirror, 0);
        assert!(canvas.is_changed());
        canvas.filter(Filter::Mirror, 0);
        assert!(!canvas.is_changed());
    }

    #[test]
    fn blur_leaves_one_colour_as_it_is_and_noise_does_not_but_is_undone_by_reset() {
        let mut canvas = Canvas::new(vec![90; 3072].into());
        canvas.filter(Filter::Blur, 0);
        assert!(!canvas.is_changed());
        canvas.filter(Filter::Noise, 7);
        let sum: i64 = canvas.pixels().iter().map(|&byte| i64::from(byte) - 90).sum();
        assert!(canvas.is_changed() && sum.abs() < 3072 * 3, "noise has a mean of 0: {sum}");
        canvas.reset();
        assert!(!canvas.is_changed());
    }

    #[test]
    fn the_brush_has_black_white_and_the_pictures_own_colours() {
        let mut pixels = vec![200; 3072];
        pixels[..30].fill(60);
        let colours = Canvas::new(pixels.into()).colours();
        assert_eq!(colours[..4], [[0; 3], [255; 3], [200; 3], [60; 3]]);
        assert_eq!(colours[4..], PAINT_BOX, "a picture of two colours leaves much to be painted");
        let shades: Vec<u8> = (0..3072).map(|at| (at * 8 / 3072 * 30) as u8).collect();
        assert!(!Canvas::new(shades.into()).colours().contains(&PAINT_BOX[0]));
    }
}

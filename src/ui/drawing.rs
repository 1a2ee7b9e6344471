//! A network drawn to scale, as an SVG file without a style sheet.
//!
//! Each box is the output of a layer. Its height and depth are those of the maps, and its width is the root of their
//! number.

use std::fmt::Write as _;

use super::{cards, words};
use crate::spec::{Place, Shape};

/// Height of a row of a map, in units of the drawing.
const ROW: f64 = 2.0;

/// Depth of a column of a map, in units of the drawing.
const COLUMN: f64 = 0.6;

/// Width for the root of the number of maps, in units of the drawing.
const ROOT: f64 = 2.4;

/// Minimum height of a box, so that a single value is visible.
const LEAST: f64 = 5.0;

/// Space for the highest box, which is the image.
const HEIGHT: f64 = 84.0;

/// Minimum width of a column, for its two lines of text.
const TEXT: f64 = 84.0;

/// A box of the drawing.
struct Drawn {
    name: String,
    spoken: String,
    shape: Shape,
}

/// The image, and the output of each layer, without activations, normalisations, dropout and flattening.
fn boxes(places: &[Place]) -> Vec<Drawn> {
    let image = Drawn { name: "image".into(), spoken: "Image".into(), shape: Shape::IMAGE };
    let layers = places.iter().filter_map(|place| {
        let name = cards::drawn(&place.layer.kind)?;
        let spoken = words::sentence(&place.layer.kind.layer().words()?);
        Some(Drawn { name, spoken: spoken.trim_end_matches('.').into(), shape: place.output })
    });
    [image].into_iter().chain(layers).collect()
}

/// The drawing of the network with the layers `places`.
pub fn svg(places: &[Place]) -> String {
    let boxes = boxes(places);
    let (mut content, mut left) = (String::new(), 0.0);
    for Drawn { name, spoken, shape } in &boxes {
        let [channels, rows, columns] = shape.maps();
        let depth = (columns as f64 * COLUMN).max(2.0);
        let (width, height) = ((channels as f64).sqrt() * ROOT, (rows as f64 * ROW).max(LEAST));
        let room = (width + depth + 16.0).max(TEXT);
        let middle = left + room / 2.0;
        let (x, y) = (middle - (width + depth) / 2.0, (HEIGHT - height - depth) / 2.0 + depth + 4.0);
        let (right, bottom, back, top) = (x + width, y + height, x + depth, y - depth);
        let sizes: Vec<u32> = shape.sizes().into_iter().map(|len| len as u32).collect();
        let sizes = words::shape(&sizes);
        // Writing to a string cannot fail.
        let _ = write!(
            content,
            "<g role=\"listitem\" aria-label=\"{spoken}: {sizes}\">\
             <path class=\"side\" fill=\"#c9cffa\" stroke=\"#3346d3\" d=\"M{x:.1} {y:.1}L{back:.1} {top:.1}H{:.1}V{:.1}L{right:.1} {bottom:.1}V{y:.1}Z\"/>\
             <path class=\"front\" fill=\"#eef0fd\" stroke=\"#3346d3\" d=\"M{x:.1} {y:.1}H{right:.1}V{bottom:.1}H{x:.1}Z\"/>\
             <path fill=\"none\" stroke=\"#3346d3\" d=\"M{right:.1} {y:.1}L{:.1} {top:.1}\"/>\
             <text x=\"{middle:.1}\" y=\"{:.1}\">{name}</text>\
             <text class=\"sizes\" x=\"{middle:.1}\" y=\"{:.1}\" fill=\"#5b616c\" font-size=\"11\">{sizes}</text></g>",
            right + depth,
            bottom - depth,
            right + depth,
            HEIGHT + 24.0,
            HEIGHT + 40.0,
        );
        left += room;
    }
    let (middle, height) = (HEIGHT / 2.0 + 4.0, HEIGHT + 48.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"list\" aria-label=\"The network's layers and what each gives\" \
         width=\"{left:.0}\" height=\"{height}\" viewBox=\"0 0 {left:.0} {height}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"12\" text-anchor=\"middle\" stroke-linejoin=\"round\" fill=\"#17191e\">\
         <path class=\"way\" stroke=\"#8a909b\" d=\"M{:.1} {middle}H{:.1}\"/>{content}</svg>",
        TEXT / 2.0,
        left - TEXT / 2.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{NetworkName, Spec, starts};

    fn drawn(network: NetworkName) -> String {
        svg(&Spec::shipped(network).places().expect("a shipped network"))
    }

    #[test]
    fn the_article_s_network_is_five_boxes_each_with_its_shape_in_words() {
        let svg = drawn(NetworkName::Cui2017);
        let said: Vec<_> = svg.split("aria-label=\"").skip(2).filter_map(|rest| rest.split('"').next()).collect();
        let expected = [
            "Image: 3 × 32 × 32",
            "Convolution 4×4, ReLU: 18 × 32 × 32",
            "Max pool 8×8: 18 × 32 × 32",
            "Dense, ReLU: 384",
            "Dense: 10",
        ];
        assert_eq!(said.iter().map(|words| words.replace('\u{a0}', " ")).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn boxes_are_to_scale_and_no_drawing_has_a_number_that_is_none() {
        for start in starts::all() {
            let svg = super::svg(&start.spec.places().expect("it can be"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
        }
        // The front of the image is 32 rows high, and that of maps with 16 rows is half as high.
        let height = |line: &str| {
            let svg = super::svg(&line.parse::<Spec>().expect("layers").places().expect("it can be"));
            let front = svg.split("class=\"front\"").nth(2).expect("a layer").to_owned();
            let numbers: Vec<f64> = front
                .split("d=\"M")
                .nth(1)
                .expect("a path")
                .split(|c: char| !c.is_ascii_digit() && c != '.')
                .filter_map(|number| number.parse().ok())
                .collect();
            // x y H right V bottom
            numbers[3] - numbers[1]
        };
        assert!((height("conv8k3-gavg-dense10") - 64.0).abs() < 0.2);
        assert!((height("max2-conv8k3-gavg-dense10") - 32.0).abs() < 0.2);
    }

    #[test]
    fn what_is_drawn_of_no_layers_is_the_image() {
        assert_eq!(svg(&[]).matches("listitem").count(), 1);
    }
}

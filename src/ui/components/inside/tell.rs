//! Texts about the inside of the network.

use crate::ui::words;
use crate::{
    domain::arithmetic::{Unit, Window},
    protocol::inspect::Maps,
};

/// The text if images of the data set are needed but missing.
pub const NEEDS_IMAGES: &str =
    "This needs CIFAR-10 on this device: a training run fetches it, or you drop its files here.";

/// How many test images have run through the network.
pub fn passed(passed: Option<(u32, u32)>) -> String {
    match passed {
        Some((done, total)) => format!(
            "{} of {} test images have passed through the network.",
            words::count(done.into()),
            words::count(total.into())
        ),
        None => "Asking the network…".into(),
    }
}

/// A figure with about three digits: "1.23", "−0.042", "118".
pub fn number(value: f32) -> String {
    let magnitude = value.abs();
    let digits = match magnitude {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        0.1.. => 3,
        _ => 4,
    };
    let figure = format!("{magnitude:.digits$}");
    let is_zero = figure.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    match (is_zero, value < 0.0) {
        (true, _) => "0".into(),
        (false, true) => format!("−{figure}"),
        (false, false) => figure,
    }
}

/// A figure with its sign, for sums: "+ 1.23", "− 0.042".
pub fn summand(value: f32) -> String {
    let sign = if value < 0.0 { '−' } else { '+' };
    format!("{sign} {}", number(value.abs()))
}

/// The size of a layer's output: "24 maps of 31×31", "384 values".
pub fn size(maps: &Maps) -> String {
    match (maps.channels, maps.height, maps.width) {
        (count, 1, 1) => format!("{count} values"),
        (count, height, width) => format!("{count} maps of {height}×{width}"),
    }
}

/// The name of a map, or of a value in a row, counted from 1: "map 7".
pub fn map_name(maps: &Maps, channel: usize) -> String {
    let word = if maps.area() > 1 { "map" } else { "value" };
    format!("{word} {}", channel + 1)
}

/// The strongest maps of a layer, for screen readers: "Strongest: map 7 (1.23), map 3 (0.98)."
pub fn strongest(maps: &Maps) -> String {
    let strongest = maps.strongest().into_iter().take(3);
    let strongest: Vec<_> =
        strongest.map(|channel| format!("{} ({})", map_name(maps, channel), number(maps.limits[channel]))).collect();
    format!("Strongest: {}.", strongest.join(", "))
}

/// The position of a unit: "map 7, row 3, column 12", or "value 7".
pub fn place(maps: &Maps, unit: Unit) -> String {
    let name = map_name(maps, unit.channel as usize);
    if maps.area() > 1 { format!("{name}, row {}, column {}", unit.row + 1, unit.column + 1) } else { name }
}

/// A part of the picture, counted from 1: "rows 9 to 12, columns 19 to 22".
pub fn window(window: Window) -> String {
    let range = |start: i32, len: u32| format!("{} to {}", start + 1, start + len as i32);
    format!("rows {}, columns {}", range(window.top, window.height), range(window.left, window.width))
}

/// The parts of the picture that speak most for a class and most against it. `values` are rows of `width` values over
/// the whole picture.
pub fn heat(values: &[f32], width: usize, class: &str) -> String {
    let height = values.len() / width.max(1);
    let place = |at: usize| {
        let third = |at: usize, len: usize| 3 * (2 * at + 1) / (2 * len);
        let down = ["top", "middle", "bottom"][third(at / width, height)];
        let across = ["left", "middle", "right"][third(at % width, width)];
        match (down, across) {
            ("middle", "middle") => "middle".into(),
            _ => format!("{down} {across}"),
        }
    };
    let highest = (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b]));
    let lowest = (0..values.len()).min_by(|&a, &b| values[a].total_cmp(&values[b]));
    let (Some(highest), Some(lowest)) = (highest, lowest) else { return String::new() };
    let mut words = Vec::new();
    if values[highest] > 0.0 {
        words.push(format!("Most for {class}: {} ({}).", place(highest), summand(values[highest])));
    }
    if values[lowest] < 0.0 {
        words.push(format!("Most against: {} ({}).", place(lowest), summand(values[lowest])));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_true_minus() {
        let figures = [0.0, -0.00001, 0.04217, -0.4217, 4.217, -42.17, 421.7].map(number);
        assert_eq!(figures, ["0", "0", "0.0422", "−0.422", "4.22", "−42.2", "422"]);
        assert_eq!([summand(-1.5), summand(1.5)], ["− 1.50", "+ 1.50"]);
    }

    #[test]
    fn a_layer_is_told_with_its_strongest_maps() {
        let maps = Maps::of("Max pool 8×8".into(), [4, 2, 2], |channel, row, _| (channel * row) as f32);
        assert_eq!(size(&maps), "4 maps of 2×2");
        assert_eq!(strongest(&maps), "Strongest: map 4 (3.00), map 3 (2.00), map 2 (1.00).");
        let unit = Unit { layer: 1, channel: 3, row: 1, column: 0 };
        assert_eq!(place(&maps, unit), "map 4, row 2, column 1");
    }

    #[test]
    fn a_heat_map_is_told_by_its_extremes() {
        let mut values = vec![0.0; 225];
        values[14] = 2.0;
        values[7 * 15 + 7] = -1.0;
        assert_eq!(heat(&values, 15, "cat"), "Most for cat: top right (+ 2.00). Most against: middle (− 1.00).");
        assert_eq!(heat(&[0.5; 9], 3, "cat"), "Most for cat: bottom right (+ 0.500).");
    }
}

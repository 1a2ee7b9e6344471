//! Figures and sentences as the page says them.

use crate::protocol::{CLASS_COUNT, CLASSES, DeviceReport, Part, Prediction};

use super::progress::Progress;
use super::state::Phase;

/// The class that the network holds most likely: its index in [`CLASSES`].
pub fn winner(prediction: &Prediction) -> usize {
    let likelier = |best: usize, index: usize| {
        if prediction.probabilities[index] > prediction.probabilities[best] { index } else { best }
    };
    (0..CLASS_COUNT).reduce(likelier).expect("there are ten classes")
}

/// The class's name as a title: "Cat".
pub fn title(class: usize) -> String {
    let name = CLASSES[class];
    name[..1].to_ascii_uppercase() + &name[1..]
}

/// "Cat, 87%."
pub fn verdict(prediction: &Prediction) -> String {
    let class = winner(prediction);
    let percent = f64::from(prediction.probabilities[class]) * 100.0;
    // Certainty is not claimed for what only rounds to it.
    let figure = if (99.5..99.95).contains(&percent) { "over 99%".into() } else { format!("{percent:.0}%") };
    format!("{}, {figure}.", title(class))
}

/// "11 ms on WebGPU."
pub fn timing(milliseconds: f32, device_name: &str) -> String {
    let figure = match milliseconds {
        ..10.0 => format!("{milliseconds:.1} ms"),
        10.0..1000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{:.1} s", milliseconds / 1000.0),
    };
    format!("{figure} on {device_name}.")
}

/// A probability on a card: "87.1%".
pub fn figure(probability: f32) -> String {
    let percent = probability * 100.0;
    if percent > 0.0 && percent < 0.05 { "<0.1%".into() } else { format!("{percent:.1}%") }
}

/// The device in a sentence about time: "WebGPU".
pub fn device_name(device: &DeviceReport) -> &'static str {
    match device {
        DeviceReport::WebGpu { .. } => "WebGPU",
        DeviceReport::Cpu { .. } => "the CPU",
    }
}

/// The device on its badge: "WebGPU, NVIDIA ..." or "CPU, because ...".
pub fn badge(device: &DeviceReport) -> String {
    match device {
        DeviceReport::WebGpu { adapter } if adapter.is_empty() => "WebGPU".into(),
        DeviceReport::WebGpu { adapter } => format!("WebGPU, {adapter}"),
        DeviceReport::Cpu { because } => format!("CPU, because {because}"),
    }
}

/// Bytes in the unit that suits them: "13.6 MB".
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.0} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// "3.2 MB of 13.6 MB, 2.1 MB/s"
pub fn progress(progress: &Progress) -> String {
    let mut words = bytes(progress.received_bytes);
    if let Some(total_bytes) = progress.total_bytes {
        words += &format!(" of {}", bytes(total_bytes));
    }
    if let Some(bytes_per_sec) = progress.bytes_per_sec {
        words += &format!(", {}/s", bytes(bytes_per_sec as u64));
    }
    words
}

/// What is on its way: "The weights".
pub fn part(part: Part) -> &'static str {
    match part {
        Part::Program => "The program",
        Part::Weights => "The weights",
    }
}

/// A count with its thousands apart: "7,083,004".
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut words = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

/// The phase as `data-phase` names it.
pub fn phase(phase: &Phase) -> &'static str {
    match phase {
        Phase::Loading(_) => "loading",
        Phase::Ready => "ready",
        Phase::Failed(_) | Phase::Died => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure_of(class: usize, probability: f32) -> Prediction {
        let mut probabilities = [(1.0 - probability) / 9.0; CLASS_COUNT];
        probabilities[class] = probability;
        Prediction { probabilities, milliseconds: 11.0, seen: Vec::new() }
    }

    #[test]
    fn a_verdict_names_the_likeliest_class_and_its_probability() {
        assert_eq!(verdict(&sure_of(3, 0.871)), "Cat, 87%.");
    }

    #[test]
    fn near_certainty_is_not_rounded_up_to_certainty() {
        assert_eq!(verdict(&sure_of(8, 0.997)), "Ship, over 99%.");
        assert_eq!(verdict(&sure_of(8, 0.9999)), "Ship, 100%.");
    }

    #[test]
    fn a_tie_goes_to_the_class_that_comes_first() {
        assert_eq!(winner(&sure_of(0, 0.1)), 0);
    }

    #[test]
    fn times_have_units_and_no_more_digits_than_they_are_good_for() {
        assert_eq!(timing(3.64, "WebGPU"), "3.6 ms on WebGPU.");
        assert_eq!(timing(11.2, "the CPU"), "11 ms on the CPU.");
        assert_eq!(timing(1240.0, "the CPU"), "1.2 s on the CPU.");
    }

    #[test]
    fn small_probabilities_are_not_shown_as_none() {
        assert_eq!(figure(0.8712), "87.1%");
        assert_eq!(figure(0.0001), "<0.1%");
        assert_eq!(figure(0.0), "0.0%");
    }

    #[test]
    fn sizes_and_counts_read_as_a_person_writes_them() {
        assert_eq!(bytes(13_600_000), "13.6 MB");
        assert_eq!(bytes(640_400), "640 kB");
        assert_eq!(count(7_083_004), "7,083,004");
        assert_eq!(count(184), "184");
    }

    #[test]
    fn a_badge_says_why_the_cpu_computes() {
        let device = DeviceReport::Cpu { because: "this browser has no WebGPU".into() };
        assert_eq!(badge(&device), "CPU, because this browser has no WebGPU");
        assert_eq!(badge(&DeviceReport::WebGpu { adapter: String::new() }), "WebGPU");
    }
}

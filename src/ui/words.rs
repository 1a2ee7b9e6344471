//! The page's figures and sentences.

use crate::{
    domain::{
        CLASS_COUNT, CLASSES, Calibration, DeviceReport, Doubted, History, LearningRates, OptimiserChoice, RunFacts,
        Settings, likeliest,
    },
    protocol::{Part, Prediction},
};

use crate::spec::Kind;

use super::progress::Progress;

/// The most likely class: its index in [`CLASSES`].
pub fn winner(prediction: &Prediction) -> usize {
    likeliest(&prediction.probabilities)
}

/// The class's name as a title: "Cat".
pub fn title(class: usize) -> String {
    let name = CLASSES[class];
    name[..1].to_ascii_uppercase() + &name[1..]
}

/// The text when a newer build of the page waits.
pub const UPDATE: &str = "A new version of this page is ready. To use it, close its other tabs and reload.";

/// The text after the link was to be copied.
pub fn link_copied(is_copied: bool) -> &'static str {
    if is_copied {
        "The link is in the clipboard. Whoever opens it can train the same run."
    } else {
        "This browser copied nothing. Copy the page's address yourself: whoever opens it can train the same run."
    }
}

/// A clause as a sentence of its own.
pub fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    // Only ASCII letters: Unicode's tables of upper case would be a fortieth of the page's download.
    let first = letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string());
    format!("{first}{}.", letters.as_str())
}

/// The page's headline.
pub const HEADLINE: &str = "Watch a neural network see, and learn";

/// The invitation for a visitor with a mouse.
pub const INVITATION: &str = "Drop a photo, or train a network from scratch. All in this browser; nothing leaves it.";

/// The invitation for a visitor with a touch screen.
pub const TOUCH_INVITATION: &str =
    "Choose a photo, or train a network from scratch. All in this browser; nothing leaves it.";

/// The text in the place of the visitor's pictures while there are none.
pub const NO_PICTURES: &str = "Your pictures appear here.";

/// The text in place of a class if a picture probably shows none of them.
pub const NONE: &str = "None of these, probably";

/// "Cat, 87%.", or "None of these, probably."
pub fn verdict(prediction: &Prediction) -> String {
    if prediction.is_none { format!("{NONE}.") } else { likeliest_of(prediction) }
}

/// "Cat, 87%."
fn likeliest_of(prediction: &Prediction) -> String {
    let class = winner(prediction);
    let figure = whole_percent(prediction.probabilities[class]).replace('>', "over ");
    format!("{}, {figure}.", title(class))
}

/// The text after the verdict: "11 ms on WebGPU." If the verdict names no class, the most likely class comes before it.
pub fn detail(prediction: &Prediction, device_name: &str) -> String {
    let timing = timing(prediction.milliseconds, device_name);
    if prediction.is_none {
        format!(
            "It knows only the ten below. Closest guess: {} {timing}",
            likeliest_of(prediction).to_ascii_lowercase()
        )
    } else {
        timing
    }
}

/// "11 ms on WebGPU."
fn timing(milliseconds: f32, device_name: &str) -> String {
    format!("{} on {device_name}.", self::milliseconds(milliseconds))
}

/// A probability in whole percents: "87%". A network is never certain, so a probability that would be rounded to 100%
/// is ">99%".
pub fn whole_percent(probability: f32) -> String {
    let percent = probability * 100.0;
    if percent >= 99.5 { ">99%".into() } else { format!("{percent:.0}%") }
}

/// A probability on a card: "87.1%". A probability that would be rounded to 100% is ">99.9%".
pub fn figure(probability: f32) -> String {
    let percent = probability * 100.0;
    match percent {
        99.95.. => ">99.9%".into(),
        0.05.. | 0.0 => format!("{percent:.1}%"),
        _ => "<0.1%".into(),
    }
}

/// How well calibrated a network is, in two sentences: "Its calibration error is 1.2 points. It declines 5.0% of the test
/// images, 98.1% of noise and 40.0% of text."
pub fn calibration(calibration: &Calibration) -> String {
    let others = calibration.others.iter().map(|Doubted { kind, share, .. }| format!("{} of {kind}", percent(*share)));
    let others: Vec<_> = others.collect();
    let (last, rest) = others.split_last().map_or(("", &[][..]), |(last, rest)| (last.as_str(), rest));
    let rest: String = rest.iter().map(|share| format!(", {share}")).collect();
    format!(
        "Its calibration error is {:.1} points. It declines {} of the test images{rest} and {last}.",
        100.0 * calibration.expected_error,
        percent(1.0 - calibration.kept)
    )
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

/// Bytes in a suitable unit: "13.6 MB".
pub fn bytes(count: u64) -> String {
    match count {
        0..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.0} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// The part that the page waits for, and its progress: "The weights: 3.2 MB of 13.6 MB, 2.1 MB/s".
pub fn progress(progress: &Progress) -> String {
    if progress.part == Part::Kernels {
        return format!("{}: compiling and checking", part(progress.part));
    }
    let mut words = bytes(progress.received_bytes);
    if let Some(total_bytes) = progress.total_bytes {
        words += &format!(" of {}", bytes(total_bytes));
    }
    if let Some(bytes_per_sec) = progress.bytes_per_sec {
        words += &format!(", {}/s", bytes(bytes_per_sec as u64));
    }
    format!("{}: {words}", part(progress.part))
}

/// The part that is being downloaded: "The weights".
pub fn part(part: Part) -> &'static str {
    match part {
        Part::Program => "The program",
        Part::Weights => "The weights",
        Part::Kernels => "The GPU's programs",
    }
}

/// A count with commas between its thousands: "7,083,004".
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

/// A number of multiply-adds, exact below a million and rounded above: "884,736", "7.1 M".
pub fn multiply_adds(number: u64) -> String {
    match number {
        0..1_000_000 => count(number),
        1_000_000..100_000_000 => format!("{:.1}\u{a0}M", number as f64 / 1e6),
        _ => format!("{}\u{a0}M", count((number as f64 / 1e6).round() as u64)),
    }
}

/// The dimensions of a layer's output: "18 × 32 × 32".
pub fn shape(dimensions: &[u32]) -> String {
    let words: Vec<_> = dimensions.iter().map(u32::to_string).collect();
    words.join("\u{a0}×\u{a0}")
}

/// The settings of a run for use in a sentence: "Cui 2017 by Adam, learning rates 0.005 and 0.0003, batches of 128,
/// ...".
pub fn settings(settings: &Settings) -> String {
    let optimiser = match settings.optimiser {
        OptimiserChoice::Adam => "Adam",
        OptimiserChoice::Momentum => "Nesterov momentum",
    };
    let LearningRates { convolution, dense } = settings.learning_rates;
    let images = count(settings.train_images as u64);
    let mut words = format!(
        "{} by {optimiser}, learning rates {convolution} and {dense}, batches of {}, ",
        network(settings),
        settings.batch_size
    );
    if settings.has_dropout() {
        words += &format!("dropout {}, ", settings.dropout_rate);
    }
    if settings.weight_decay > 0.0 {
        words += &format!("weight decay {}, ", settings.weight_decay);
    }
    if settings.label_smoothing > 0.0 {
        words += &format!("label smoothing {}, ", settings.label_smoothing);
    }
    words += &match settings.epochs {
        1 => format!("1 epoch of {images} images"),
        epochs => format!("{epochs} epochs of {images} images"),
    };
    words
}

/// What changes during a run, in sentences after its settings: " Changed at step 231: dropout 0.3, flip off."
pub fn changed(settings: &Settings) -> String {
    let (mut words, mut before) = (String::new(), None);
    for (step, what) in settings.changed() {
        if before == Some(step) {
            words += ", ";
        } else {
            let end = if before.is_some() { "." } else { "" };
            words += &format!("{end} Changed at step {}: ", count(step));
        }
        words += &what;
        before = Some(step);
    }
    if before.is_some() { words + "." } else { words }
}

/// The network of a run: "Cui 2017". A visitor's own network comes with its widths: "Own network (conv 18, 36; dense
/// 384)".
pub fn network(settings: &Settings) -> String {
    let title = settings.network.title();
    let Some(spec) = &settings.layers else { return title.into() };
    let outputs = |of: fn(&Kind) -> Option<usize>| spec.layers.iter().filter_map(|layer| of(&layer.kind)).collect();
    let convolutions: Vec<usize> =
        outputs(|kind| if let Kind::Convolution(layer) = kind { Some(layer.outputs) } else { None });
    let mut dense: Vec<usize> = outputs(|kind| if let Kind::Dense(layer) = kind { Some(layer.outputs) } else { None });
    // The last layer has one output for each class in every network.
    dense.pop();
    let widths = [("conv", convolutions), ("dense", dense)].into_iter().filter(|(_, widths)| !widths.is_empty());
    let widths = widths.map(|(word, widths)| {
        let widths: Vec<_> = widths.iter().map(usize::to_string).collect();
        format!("{word} {}", widths.join(", "))
    });
    let widths: Vec<_> = widths.collect();
    if widths.is_empty() { title.into() } else { format!("{title} ({})", widths.join("; ")) }
}

/// The position of a run: "Epoch 3 of 6", or "Paused in epoch 3 of 6".
pub fn epoch(facts: &RunFacts, is_paused: bool) -> String {
    let epoch = facts.step.saturating_sub(1) / facts.steps_per_epoch.max(1) + 1;
    let before = if is_paused { "Paused in epoch" } else { "Epoch" };
    format!("{before} {epoch} of {}", facts.settings.epochs)
}

/// The accuracy of a run, for use after its epoch: ", 46.8% right". It is measured on validation images, or on training
/// images before the first validation. Empty before the first figure.
pub fn accuracy_so_far(curves: &History) -> String {
    let validated = curves.validations.last().map(|validation| validation.accuracy);
    let learnt = curves.points.last().map(|point| point.accuracy);
    validated.or(learnt).map_or_else(String::new, |accuracy| format!(", {} right", percent(accuracy.into())))
}

/// The label of the button that pauses a run, before and after it was pressed.
pub fn pause(is_pausing: bool) -> &'static str {
    if is_pausing { "Pausing…" } else { "Pause" }
}

/// How many of the watched images are classified correctly: "9 of 20 right". Empty before the first answers.
pub fn score(right: usize, of: usize) -> String {
    if of == 0 { String::new() } else { format!("{right} of {of} right") }
}

/// An answer, with the true class if that is known and differs: "Horse, really a deer".
pub fn answer(class: usize, label: Option<usize>) -> String {
    match label {
        Some(label) if label != class => {
            let name = CLASSES[label];
            let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            format!("{}, really {article} {name}", title(class))
        }
        _ => title(class),
    }
}

/// The result of a run in a few short sentences: "46.8% right after 3 min 2 s. It began at 10%; the shipped network has
/// 72.1%. Train on?" None if no accuracy is known.
pub fn finale(
    curves: &History,
    took_secs: Option<f64>,
    from_scratch: bool,
    shipped: Option<f32>,
    is_over: bool,
) -> Option<[String; 2]> {
    let accuracy = curves.validations.last()?.accuracy;
    let after = took_secs.map_or_else(String::new, |secs| format!(" after {}", duration(secs)));
    let began = if from_scratch {
        format!("It began at {}%", 100 / CLASS_COUNT)
    } else {
        "It began with trained weights".into()
    };
    let shipped = shipped.map_or_else(String::new, |percent| format!("; the shipped network has {percent:.1}%"));
    let (so_far, question) = if is_over { ("", " Train on?") } else { (" so far", "") };
    Some([format!("{} right{so_far}{after}.", percent(accuracy.into())), format!("{began}{shipped}.{question}")])
}

/// How often one class was taken for another: "Cat for dog: 61×".
pub fn confusion(label: usize, answer: usize, times: u32) -> String {
    format!("{} for {}: {times}×", title(label), CLASSES[answer])
}

/// A share as a percentage: "70.3%".
pub fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// A duration in its two largest units: "36 s", "3 min 20 s", "2 h 10 min".
pub fn duration(secs: f64) -> String {
    if !secs.is_finite() || secs < 0.0 {
        return "–".into();
    }
    let whole = secs.round() as u64;
    match whole {
        0..10 if secs < 9.95 => format!("{secs:.1} s"),
        0..60 => format!("{whole} s"),
        60..3_600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => {
            let minutes = (secs / 60.0).round() as u64;
            format!("{} h {} min", count(minutes / 60), minutes % 60)
        }
    }
}

/// An estimated duration: "about 2 min", "about 3 h".
pub fn about(secs: f64) -> String {
    match secs {
        ..45.0 => "under a minute".into(),
        45.0..5_400.0 => format!("about {} min", (secs / 60.0).round()),
        _ => format!("about {} h", count((secs / 3_600.0).round() as u64)),
    }
}

/// Milliseconds with no more digits than are meaningful: "3.6 ms", "11 ms", "1.2 s".
pub fn milliseconds(milliseconds: f32) -> String {
    match milliseconds {
        ..10.0 => format!("{milliseconds:.1} ms"),
        10.0..1000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{:.1} s", milliseconds / 1000.0),
    }
}

/// A number at a tick of an axis: "0.25", "2,000".
pub fn axis(number: f64) -> String {
    if number >= 1_000.0 { count(number as u64) } else { number.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::NetworkName;

    fn sure_of(class: usize, probability: f32) -> Prediction {
        let mut probabilities = [(1.0 - probability) / 9.0; CLASS_COUNT];
        probabilities[class] = probability;
        Prediction { probabilities, is_none: false, milliseconds: 11.0, seen: Vec::new() }
    }

    #[test]
    fn a_verdict_names_the_likeliest_class_and_its_probability() {
        assert_eq!(verdict(&sure_of(3, 0.871)), "Cat, 87%.");
    }

    #[test]
    fn near_certainty_is_not_rounded_up_to_certainty() {
        assert_eq!(verdict(&sure_of(8, 0.997)), "Ship, over 99%.");
        assert_eq!(verdict(&sure_of(8, 0.9999)), "Ship, over 99%.");
        assert_eq!(verdict(&sure_of(8, 1.0)), "Ship, over 99%.");
        assert_eq!(whole_percent(0.994), "99%");
        assert_eq!(whole_percent(0.9999), ">99%");
        assert_eq!(figure(0.9991), "99.9%");
        assert_eq!(figure(0.9999), ">99.9%");
        assert_eq!(figure(1.0), ">99.9%");
    }

    #[test]
    fn a_doubted_picture_is_none_of_them_and_the_likeliest_comes_second() {
        let doubted = Prediction { is_none: true, ..sure_of(3, 0.34) };
        assert_eq!(verdict(&doubted), "None of these, probably.");
        assert_eq!(
            detail(&doubted, "WebGPU"),
            "It knows only the ten below. Closest guess: cat, 34%. 11 ms on WebGPU."
        );
        assert_eq!(detail(&sure_of(3, 0.34), "WebGPU"), "11 ms on WebGPU.");
    }

    #[test]
    fn a_network_of_ones_own_is_told_by_its_widths() {
        let own = |line: &str| network(&NetworkName::Own.settings().with_network(line.parse().expect("layers")));
        assert_eq!(own("conv18k4r-max2-conv36k4r-max2-flat-dense384r-dense10"), "Own network (conv 18, 36; dense 384)");
        assert_eq!(own("conv16k3r-gavg-dense10"), "Own network (conv 16)");
        assert_eq!(own("flat-dense10"), "Own network");
        assert_eq!(network(&Settings::default()), "Cui 2017");
        assert_eq!(sentence("the network has no layers"), "The network has no layers.");
    }

    #[test]
    fn a_wrong_answer_stands_beside_the_truth() {
        assert_eq!(answer(7, Some(4)), "Horse, really a deer");
        assert_eq!(answer(8, Some(0)), "Ship, really an airplane");
        assert_eq!(answer(4, Some(4)), "Deer");
        assert_eq!(answer(4, None), "Deer");
        assert_eq!((score(9, 20).as_str(), score(0, 0).as_str()), ("9 of 20 right", ""));
    }

    #[test]
    fn a_finale_says_how_good_the_run_is_where_it_began_and_what_it_could_be() {
        let validation = crate::domain::Validation { step: 231, loss: 1.5, accuracy: 0.468, images: 5_000 };
        let curves = History { validations: vec![validation], ..History::default() };
        let [headline, rest] = finale(&curves, Some(182.0), true, Some(72.1), true).expect("there is an accuracy");
        assert_eq!(headline, "46.8% right after 3 min 2 s.");
        assert_eq!(rest, "It began at 10%; the shipped network has 72.1%. Train on?");
        let [headline, rest] = finale(&curves, None, false, None, true).expect("there is an accuracy");
        assert_eq!((headline.as_str(), rest.as_str()), ("46.8% right.", "It began with trained weights. Train on?"));
        let [headline, rest] = finale(&curves, None, true, None, false).expect("there is an accuracy");
        assert_eq!((headline.as_str(), rest.as_str()), ("46.8% right so far.", "It began at 10%."));
        assert_eq!(finale(&History::default(), None, true, None, true), None, "nothing was measured");
    }

    #[test]
    fn calibration_is_told_in_figures() {
        let doubted = |kind: &str, share| Doubted { kind: kind.into(), pictures: 1_000, share, auroc: 0.9 };
        let told = Calibration {
            temperature: 0.5,
            fitted_on: 1_000,
            expected_error: 0.0123,
            expected_error_before: 0.2,
            least_log_sum_exp: 4.5,
            kept: 0.95,
            others: vec![doubted("noise", 0.981), doubted("textures", 0.7), doubted("text", 0.4)],
        };
        assert_eq!(
            calibration(&told),
            "Its calibration error is 1.2 points. It declines 5.0% of the test images, 98.1% of noise, 70.0% of textures \
             and 40.0% of text."
        );
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
        assert_eq!(multiply_adds(884_736), "884,736");
        assert_eq!(multiply_adds(7_966_464), "8.0\u{a0}M");
        assert_eq!(multiply_adds(118_412_000), "118\u{a0}M");
        assert_eq!(shape(&[18, 32, 32]), "18\u{a0}×\u{a0}32\u{a0}×\u{a0}32");
    }

    #[test]
    fn a_badge_says_why_the_cpu_computes() {
        let device = DeviceReport::Cpu { because: "this browser has no WebGPU".into() };
        assert_eq!(badge(&device), "CPU, because this browser has no WebGPU");
        assert_eq!(badge(&DeviceReport::WebGpu { adapter: String::new() }), "WebGPU");
    }

    #[test]
    fn durations_read_as_a_person_says_them() {
        assert_eq!(duration(3.24), "3.2 s");
        assert_eq!(duration(36.4), "36 s");
        assert_eq!(duration(200.0), "3 min 20 s");
        assert_eq!(duration(7_800.0), "2 h 10 min");
        assert_eq!(duration(f64::INFINITY), "–");
        assert_eq!(
            [30.0, 118.0, 1_850.0, 9_000.0].map(about),
            ["under a minute", "about 2 min", "about 31 min", "about 3 h"]
        );
    }
}

//! Three guided tasks. Runs show which of their steps are done, and what there was to see.

use crate::domain::{History, NetworkName, RunFacts, Settings, StartingWeights, order::sorted};

/// A guided task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Make a network learn its images by heart.
    Overfit,
    /// Find the best learning rate.
    Rate,
    /// See what dropout does.
    Dropout,
}

/// The most images that count as few.
const FEW_IMAGES: usize = 1_000;

/// The training accuracy of a network that knows its images by heart.
const BY_HEART: f32 = 0.9;

/// A difference between two accuracies that is not due to chance. On 5,000 validation images, chance gives 0.02 at
/// most.
const CLEAR: f32 = 0.05;

/// Two validation accuracies that differ by less are about equal.
const CLOSE: f32 = 0.02;

/// A difference between training and validation accuracy that shows overfitting.
const FAR: f32 = 0.3;

/// Below this accuracy a network guesses among ten classes. Pure guessing gives 0.1.
const GUESSING: f32 = 0.15;

/// The number of learning rates to compare, at least.
const RATES: usize = 3;

/// What is known of a run.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Its settings and progress.
    pub facts: &'a RunFacts,
    /// Its curves; none if they are not at hand.
    pub curves: Option<&'a History>,
    /// Its last accuracy on validation images.
    pub accuracy: Option<f32>,
    /// Whether it ended because its loss was no longer a number.
    pub has_diverged: bool,
}

impl Seen<'_> {
    /// Its last validation accuracy, once all its epochs are done.
    fn finished(&self) -> Option<f32> {
        let is_over = self.facts.step >= self.facts.steps && self.facts.steps > 0;
        self.accuracy.filter(|accuracy| is_over && !self.has_diverged && accuracy.is_finite())
    }

    /// Its training accuracy at the end, if its curves are at hand.
    fn trained(&self) -> Option<f32> {
        let last = self.curves?.points.last()?;
        Some(last.accuracy).filter(|accuracy| accuracy.is_finite() && last.loss.is_finite())
    }
}

impl Task {
    /// All tasks, the easiest first.
    pub const ALL: [Self; 3] = [Self::Overfit, Self::Rate, Self::Dropout];

    /// Its name for scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Overfit => "overfit",
            Self::Rate => "rate",
            Self::Dropout => "dropout",
        }
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overfit => "Make it overfit",
            Self::Rate => "Find the best learning rate",
            Self::Dropout => "What does dropout do?",
        }
    }

    /// What to do, and why.
    pub fn lead(self) -> &'static str {
        match self {
            Self::Overfit => {
                "A network with millions of weights can learn a few images by heart. Train it on 250 images, without \
                 dropout, and watch the accuracy. It climbs on the training images, while validation stays behind: \
                 that is overfitting."
            }
            Self::Rate => {
                "The learning rate decides how much a network learns in its time. Train three times, and change only \
                 “Learning rate, dense layers” in the settings. Begin with 0.00001, then try 0.0003 and 0.01."
            }
            Self::Dropout => {
                "Dropout makes learning harder. See what that is good for: train once without dropout. Then set \
                 “Dropout” to 0.5, change nothing else, and train again."
            }
        }
    }

    /// Its steps.
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Overfit => &[
                "Train on 1,000 images or fewer, without dropout.",
                "Its training accuracy passes 90%.",
                "Its validation accuracy is 30 points lower.",
            ],
            Self::Rate => &[
                "Finish a run.",
                "Finish three runs that differ only in one learning rate.",
                "The best of them has a lower and a higher rate beside it.",
            ],
            Self::Dropout => &["Finish a run without dropout.", "Finish the same run with dropout."],
        }
    }

    /// The settings of its first run. The run takes little more than the time of its 12 validations. The tasks'
    /// settings differ only in what each task is about, so that one run can serve several tasks.
    pub fn settings(self) -> Settings {
        let mut settings = Settings {
            epochs: 12,
            batch_size: 10,
            train_images: 250,
            dropout_rate: 0.0,
            flip: false,
            ..NetworkName::Cui2017.page_settings()
        };
        if self == Self::Rate {
            settings.learning_rates.dense = 1e-5;
        }
        settings
    }

    /// Which of its steps `runs` show to be done, and a sentence or two on what there was to see.
    pub fn check(self, runs: &[Seen]) -> (Vec<bool>, Option<String>) {
        // Other starting weights may have seen any images.
        let runs: Vec<_> = runs.iter().filter(|run| run.facts.start == StartingWeights::Scratch).collect();
        match self {
            Self::Overfit => overfit(&runs),
            Self::Rate => rate(&runs),
            Self::Dropout => dropout(&runs),
        }
    }

    /// Whether the curves of the kept run with these `facts` would tell more than its summary.
    pub fn needs_curves(self, facts: &RunFacts) -> bool {
        let settings = &facts.settings;
        match self {
            Self::Overfit => learns_few(settings),
            Self::Rate => false,
            Self::Dropout => settings.has_dropout() && facts.step >= facts.steps,
        }
    }
}

fn learns_few(settings: &Settings) -> bool {
    settings.train_images <= FEW_IMAGES && (settings.dropout_rate == 0.0 || !settings.has_dropout())
}

/// A share in whole percents. The page's other texts have a digit more, which a sentence does not need.
fn whole(share: f32) -> String {
    format!("{:.0}%", share * 100.0)
}

fn overfit(runs: &[&Seen]) -> (Vec<bool>, Option<String>) {
    // Of several runs, the one that comes furthest counts.
    let (mut ticks, mut said) = (vec![false; 3], None);
    for run in runs.iter().filter(|run| learns_few(&run.facts.settings) && run.facts.step > 0) {
        let points = run.curves.map_or(&[][..], |curves| &curves.points);
        let knows = |accuracy: f32, loss: f32| accuracy >= BY_HEART && loss.is_finite();
        let is_high = points.iter().any(|point| knows(point.accuracy, point.loss));
        let measured = run.curves.map_or(&[][..], |curves| &curves.validations);
        let far = measured.iter().rev().find_map(|validation| {
            let point = points.iter().rfind(|point| point.step <= validation.step)?;
            let is_far = knows(point.accuracy, point.loss) && point.accuracy - validation.accuracy >= FAR;
            is_far.then_some((point.accuracy, validation.accuracy))
        });
        let now = [true, is_high, far.is_some()];
        if now.iter().filter(|tick| **tick).count() > ticks.iter().filter(|tick| **tick).count() {
            ticks = now.to_vec();
            said = far.map(|(training, validation)| {
                format!(
                    "Training accuracy reached {}, validation stayed at {}: it learnt the images by heart.",
                    whole(training),
                    whole(validation)
                )
            });
        }
    }
    (ticks, said)
}

/// A learning rate, and the validation accuracy of its run; none if the run diverged.
type Rated = (f64, Option<f32>);

/// The largest group of runs that differ in one learning rate only, in the order of that rate.
fn rated(runs: &[&Seen]) -> Vec<Rated> {
    let of: [fn(&mut Settings) -> &mut f64; 2] =
        [|settings| &mut settings.learning_rates.dense, |settings| &mut settings.learning_rates.convolution];
    let mut largest = Vec::new();
    for rate in of {
        let parted = |run: &Seen| {
            let mut settings = run.facts.settings.clone();
            let rate = std::mem::take(rate(&mut settings));
            (settings, rate)
        };
        for first in runs {
            let (others, _) = parted(first);
            let mut group: Vec<Rated> = Vec::new();
            for run in runs.iter().filter(|run| run.finished().is_some() || run.has_diverged) {
                let (settings, rate) = parted(run);
                if settings == others && group.iter().all(|(known, _)| *known != rate) {
                    group.push((rate, run.finished()));
                }
            }
            if group.len() > largest.len() {
                largest = group;
            }
        }
    }
    sorted(largest, |(a, _), (b, _)| a.total_cmp(b))
}

fn rate(runs: &[&Seen]) -> (Vec<bool>, Option<String>) {
    let group = rated(runs);
    let mut best: Option<(usize, f64, f32)> = None;
    for (place, &(rate, accuracy)) in group.iter().enumerate() {
        if let Some(accuracy) = accuracy.filter(|accuracy| best.is_none_or(|(.., highest)| *accuracy > highest)) {
            best = Some((place, rate, accuracy));
        }
    }
    let has_finished = group.iter().any(|(_, accuracy)| accuracy.is_some());
    let are_enough = group.len() >= RATES && has_finished;
    let is_between = best.is_some_and(|(place, ..)| place > 0 && place + 1 < group.len());
    let said = best.filter(|_| are_enough).map(|(place, rate, accuracy)| {
        let found = format!("Of {} rates, {rate} is the best: {} of new images right.", group.len(), whole(accuracy));
        let (lowest, highest) = (group[0], group[group.len() - 1]);
        match place {
            0 => format!("{found} It is the lowest. Try a lower one."),
            _ if !is_between => format!("{found} It is the highest. Try a higher one."),
            _ => format!("{found} {} {}", beside(lowest, accuracy, "low"), beside(highest, accuracy, "high")),
        }
    });
    (vec![has_finished, are_enough, are_enough && is_between], said)
}

/// A sentence on a rate that was compared with the best one. `how` says on which side it is: "low" or "high".
fn beside((rate, accuracy): Rated, best: f32, how: &str) -> String {
    match accuracy {
        None => format!("{rate} was too {how}: the run diverged, and its loss was no longer a number."),
        Some(accuracy) if best - accuracy < CLOSE => format!("{rate} came close, with {}.", whole(accuracy)),
        Some(accuracy) if accuracy < GUESSING => {
            format!("{rate} was too {how}: the run stalled at {}, which is guessing.", whole(accuracy))
        }
        Some(accuracy) => format!("{rate} was too {how}, with {}.", whole(accuracy)),
    }
}

fn dropout(runs: &[&Seen]) -> (Vec<bool>, Option<String>) {
    let runs: Vec<_> = runs
        .iter()
        .filter(|run| run.facts.settings.has_dropout())
        .filter_map(|run| Some((run.facts.settings.dropout_rate, run.finished()?, *run)))
        .collect();
    let without = || runs.iter().filter(|(rate, ..)| *rate == 0.0);
    let same = |settings: &Settings| Settings { dropout_rate: 0.0, ..settings.clone() };
    let mut said = None;
    for (_, plain_accuracy, plain) in without() {
        for (rate, accuracy, run) in runs.iter().filter(|(rate, ..)| *rate > 0.0) {
            if said.is_none() && same(&run.facts.settings) == plain.facts.settings {
                said = Some(compared((*plain_accuracy, plain.trained()), *rate, (*accuracy, run.trained())));
            }
        }
    }
    (vec![without().next().is_some(), said.is_some()], said)
}

/// Sentences on two runs, each with its accuracy on validation images and, if known, on training images.
fn compared(plain: (f32, Option<f32>), rate: f32, with: (f32, Option<f32>)) -> String {
    let of_new = |accuracy: f32| format!("{} of new images", whole(accuracy));
    let (Some(plain_trained), Some(trained)) = (plain.1, with.1) else {
        return format!("Right without dropout: {}. With dropout {rate}: {}.", of_new(plain.0), of_new(with.0));
    };
    let both = |trained: f32, accuracy: f32| format!("{} of training images and {}", whole(trained), of_new(accuracy));
    let (before, after) = (plain_trained - plain.0, trained - with.0);
    let seen = if before - after >= CLEAR {
        "Dropout narrowed the gap: less was learnt by heart."
    } else {
        "Dropout changed little here."
    };
    format!(
        "Right without dropout: {}. With dropout {rate}: {}. {seen}",
        both(plain_trained, plain.0),
        both(trained, with.0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CurvePoint, Validation};

    /// A run that has done `step` of 300 steps, with this validation accuracy.
    fn run(step: u64, settings: Settings) -> RunFacts {
        RunFacts { settings, start: StartingWeights::Scratch, step, steps_per_epoch: 25, steps: 300 }
    }

    /// Curves that end with these accuracies.
    fn curves(step: u64, training: f32, validation: f32) -> History {
        let points =
            vec![CurvePoint { step: 1, loss: 2.3, accuracy: 0.1 }, CurvePoint { step, loss: 0.5, accuracy: training }];
        let validations = vec![Validation { step, loss: 3.0, accuracy: validation, images: 5_000 }];
        History { points, validations, ..History::default() }
    }

    fn seen<'a>(facts: &'a RunFacts, accuracy: f32, curves: Option<&'a History>) -> Seen<'a> {
        Seen { facts, curves, accuracy: Some(accuracy), has_diverged: false }
    }

    fn with_rate(dense: f64) -> Settings {
        let mut settings = Task::Rate.settings();
        settings.learning_rates.dense = dense;
        settings
    }

    #[test]
    fn every_task_begins_with_possible_settings_for_few_images_and_they_differ_only_in_a_rate() {
        for task in Task::ALL {
            assert_eq!(task.settings().check(), Ok(()));
            assert!(task.settings().train_images <= FEW_IMAGES && task.settings().has_dropout());
            assert_eq!(task.check(&[]), (vec![false; task.steps().len()], None));
        }
        assert_eq!(Task::Overfit.settings(), Task::Dropout.settings());
        assert_eq!(Task::Overfit.settings(), with_rate(NetworkName::Cui2017.page_settings().learning_rates.dense));
    }

    #[test]
    fn a_run_overfits_step_by_step_and_the_sentence_has_its_figures() {
        let facts = run(100, Task::Overfit.settings());
        let check = |training, validation| {
            let curves = curves(100, training, validation);
            Task::Overfit.check(&[seen(&facts, validation, Some(&curves))])
        };
        assert_eq!(check(0.4, 0.3), (vec![true, false, false], None));
        assert_eq!(check(0.9, 0.7), (vec![true, true, false], None), "validation is close by");
        let said = "Training accuracy reached 98%, validation stayed at 36%: it learnt the images by heart.";
        assert_eq!(check(0.98, 0.36), (vec![true; 3], Some(said.into())));
        assert_eq!(Task::Overfit.check(&[seen(&facts, 0.36, None)]).0, [true, false, false], "no curves, no more");
    }

    #[test]
    fn no_run_with_many_images_dropout_trained_weights_or_a_loss_that_is_no_number_overfits() {
        let task = Task::Overfit;
        let by_heart = curves(100, 0.98, 0.36);
        let all = |facts: &RunFacts, curves: &History| task.check(&[seen(facts, 0.36, Some(curves))]).0;
        let many = run(100, Settings { train_images: 5_000, ..task.settings() });
        assert_eq!(all(&many, &by_heart), [false; 3]);
        let dropout = run(100, Settings { dropout_rate: 0.5, ..task.settings() });
        assert_eq!(all(&dropout, &by_heart), [false; 3]);
        let shipped = RunFacts { start: StartingWeights::Shipped, ..run(100, task.settings()) };
        assert_eq!(all(&shipped, &by_heart), [false; 3]);
        let mut broken = by_heart.clone();
        broken.points[1].loss = f32::NAN;
        assert_eq!(all(&run(100, task.settings()), &broken), [true, false, false]);
        // A high accuracy that was reached only after the last validation says nothing about it.
        let mut late = by_heart.clone();
        late.points[1].step = 120;
        assert_eq!(all(&run(120, task.settings()), &late), [true, true, false]);
        // Two runs do not overfit together.
        let (high, low) = (curves(100, 0.95, 0.9), curves(100, 0.3, 0.2));
        let facts = run(100, task.settings());
        let both = [seen(&facts, 0.9, Some(&high)), seen(&facts, 0.2, Some(&low))];
        assert_eq!(task.check(&both).0, [true, true, false]);
    }

    #[test]
    fn the_best_of_three_rates_is_found_between_a_lower_and_a_higher_one() {
        let facts = [1e-5, 3e-4, 1e-2].map(|rate| run(300, with_rate(rate)));
        let runs = |accuracies: [f32; 3]| {
            let seen = facts.iter().zip(accuracies).map(|(facts, accuracy)| seen(facts, accuracy, None));
            Task::Rate.check(&seen.collect::<Vec<_>>())
        };
        assert_eq!(Task::Rate.check(&[seen(&facts[0], 0.3, None)]), (vec![true, false, false], None));
        let said = "Of 3 rates, 0.0003 is the best: 36% of new images right. 0.00001 was too low, with 32%. \
                    0.01 was too high, with 27%.";
        assert_eq!(runs([0.32, 0.36, 0.27]), (vec![true; 3], Some(said.into())));
        let (ticks, said) = runs([0.32, 0.36, 0.1]);
        let stalled = "0.01 was too high: the run stalled at 10%, which is guessing.";
        assert_eq!((ticks, said.expect("words").ends_with(stalled)), (vec![true; 3], true));
        assert!(runs([0.35, 0.36, 0.1]).1.expect("words").contains("0.00001 came close, with 35%."));
        let (ticks, said) = runs([0.4, 0.36, 0.1]);
        assert_eq!((ticks, said.expect("words").ends_with("Try a lower one.")), (vec![true, true, false], true));
        let (ticks, said) = runs([0.32, 0.36, 0.4]);
        assert_eq!((ticks, said.expect("words").ends_with("Try a higher one.")), (vec![true, true, false], true));
    }

    #[test]
    fn a_run_that_diverged_is_a_rate_that_was_too_high() {
        let (low, good, high) = (run(300, with_rate(1e-5)), run(300, with_rate(3e-4)), run(7, with_rate(0.5)));
        let runs = [
            seen(&low, 0.32, None),
            seen(&good, 0.36, None),
            Seen { facts: &high, curves: None, accuracy: Some(f32::NAN), has_diverged: true },
        ];
        let (ticks, said) = Task::Rate.check(&runs);
        assert_eq!(ticks, [true; 3]);
        assert!(
            said.expect("words").ends_with("0.5 was too high: the run diverged, and its loss was no longer a number.")
        );
        assert_eq!(Task::Rate.check(&runs[2..]), (vec![false; 3], None), "alone it shows nothing");
    }

    #[test]
    fn runs_that_differ_in_more_or_are_not_over_are_no_comparison_of_rates() {
        let task = Task::Rate;
        let same = [1e-5, 3e-4].map(|rate| run(300, with_rate(rate)));
        let is_enough = |third: &RunFacts| {
            let runs = [seen(&same[0], 0.3, None), seen(&same[1], 0.36, None), seen(third, 0.2, None)];
            task.check(&runs).0[1]
        };
        assert!(is_enough(&run(300, with_rate(0.01))));
        assert!(!is_enough(&run(299, with_rate(0.01))), "not finished");
        assert!(!is_enough(&run(300, with_rate(3e-4))), "a rate that is known already");
        assert!(!is_enough(&run(300, Settings { epochs: 13, ..with_rate(0.01) })), "another length");
        assert!(!is_enough(&run(300, Settings { seed: 1, ..with_rate(0.01) })), "another seed");
        let other = with_rate(0.01).with_network("conv18k4r-flat-dense10".parse().expect("layers"));
        assert!(!is_enough(&run(300, other)), "another network");
        let mut both = with_rate(0.01);
        both.learning_rates.convolution = 0.1;
        assert!(!is_enough(&run(300, both)), "both rates differ");
        let nan = [seen(&same[0], 0.3, None), seen(&same[1], 0.36, None), seen(&same[1], f32::NAN, None)];
        assert_eq!(task.check(&nan).0, [true, false, false]);
    }

    #[test]
    fn two_runs_that_differ_only_in_dropout_are_compared_with_their_own_figures() {
        let plain = run(300, Task::Dropout.settings());
        let with = run(300, Settings { dropout_rate: 0.5, ..Task::Dropout.settings() });
        let (plain_curves, with_curves) = (curves(300, 0.82, 0.36), curves(300, 0.46, 0.32));
        let runs = [seen(&with, 0.32, Some(&with_curves)), seen(&plain, 0.36, Some(&plain_curves))];
        assert_eq!(Task::Dropout.check(&runs[..1]), (vec![false, false], None));
        assert_eq!(Task::Dropout.check(&runs[1..]), (vec![true, false], None));
        let said = "Right without dropout: 82% of training images and 36% of new images. With dropout 0.5: 46% of \
                    training images and 32% of new images. Dropout narrowed the gap: less was learnt by heart.";
        assert_eq!(Task::Dropout.check(&runs), (vec![true, true], Some(said.into())));
        let little = curves(300, 0.8, 0.36);
        let runs = [seen(&with, 0.36, Some(&little)), runs[1]];
        assert!(Task::Dropout.check(&runs).1.expect("words").ends_with("Dropout changed little here."));
        // After a reload the curves may not be at hand.
        let said = "Right without dropout: 36% of new images. With dropout 0.5: 32% of new images.";
        assert_eq!(Task::Dropout.check(&[seen(&plain, 0.36, None), seen(&with, 0.32, None)]).1.as_deref(), Some(said));
    }

    #[test]
    fn runs_that_differ_in_more_are_not_over_or_have_no_dropout_layer_show_nothing_of_dropout() {
        let plain = run(300, Task::Dropout.settings());
        let dropped = || Settings { dropout_rate: 0.5, ..Task::Dropout.settings() };
        let is_compared =
            |other: &RunFacts| Task::Dropout.check(&[seen(&plain, 0.36, None), seen(other, 0.3, None)]).0[1];
        assert!(is_compared(&run(300, dropped())));
        assert!(!is_compared(&run(250, dropped())), "not finished");
        assert!(!is_compared(&run(300, Settings { flip: true, ..dropped() })), "other images");
        assert!(!is_compared(&RunFacts { start: StartingWeights::Current, ..run(300, dropped()) }), "other weights");
        let nan = [seen(&plain, 0.36, None), seen(&plain, f32::NAN, None)];
        assert_eq!(Task::Dropout.check(&nan).0, [true, false]);
        let without_layer = NetworkName::Tenfold2026.page_settings();
        assert_eq!(Task::Dropout.check(&[seen(&run(300, without_layer), 0.5, None)]).0, [false, false]);
    }
}

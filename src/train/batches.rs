//! Shuffles, augments and normalises training images into batches. Each batch depends only on its step.

use crate::{
    data::{CHANNEL_LEN, IMAGE_LEN, Images, Normalisation},
    domain::{CLASS_COUNT, IMAGE_SIDE, Settings},
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

/// Separates the random generators of order and augmentation from each other and from dropout's.
const ORDER: u64 = 0x6f72_6465_7200_0000;
const AUGMENTATION: u64 = 0x6175_676d_0000_0000;

/// The images of one step, on the host.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Normalised pixels, `[n, 3, 32, 32]`.
    pub images: Vec<f32>,
    /// Target probabilities, `[n, 10]`. Without label smoothing and mixing, 1 at each image's class.
    pub targets: Vec<f32>,
    /// Number of images.
    pub len: usize,
}

/// The training images that one epoch shows.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The images.
    pub images: &'a Images,
    /// Another network's answers to the images, if it was asked: probabilities, `[n, 10]`.
    pub answers: Option<&'a [f32]>,
    /// The number of images once all have arrived. Until then, `images` are the first ones.
    pub total: usize,
}

impl<'a> From<&'a Images> for View<'a> {
    fn from(images: &'a Images) -> Self {
        Self { images, answers: None, total: images.len() }
    }
}

/// The share of a target that comes from other networks' answers, if there are any. The labels give the rest.
const TEACHERS_SHARE: f32 = 0.8;

/// Moves `targets` towards `answers`, another network's answers to the same images (Hinton et al., "Distilling the
/// Knowledge in a Neural Network", 2015). Both are probabilities, `[n, 10]`.
pub(super) fn teach(targets: &mut [f32], answers: impl IntoIterator<Item = f32>) {
    for (target, answer) in targets.iter_mut().zip(answers) {
        *target = (1.0 - TEACHERS_SHARE) * *target + TEACHERS_SHARE * answer;
    }
}

/// The batches of a run, for any step.
pub struct Batches<'a> {
    views: &'a [View<'a>],
    /// The number of images from which the run learns. They are the first ones.
    image_count: usize,
    /// How many of them have arrived.
    arrived: usize,
    normalisation: Normalisation,
    settings: Settings,
    /// The epoch that was last asked for, and the order of its images.
    order: (u64, Vec<u32>),
}

impl<'a> Batches<'a> {
    /// Batches of `views` with these `settings`. Epochs show the views in turn. An epoch always has the steps of all
    /// images. Until all have arrived, it shows those that are here several times.
    ///
    /// # Panics
    /// If there is no view, a view has fewer images than a batch, or the batch size is 0.
    pub fn new(views: &'a [View<'a>], normalisation: Normalisation, settings: Settings) -> Self {
        let fewest = views.iter().map(|view| view.images.len()).min().expect("there is a view");
        let total = views.iter().map(|view| view.total).min().expect("there is a view");
        let image_count = total.min(settings.train_images);
        let arrived = fewest.min(image_count);
        assert!((1..=arrived).contains(&settings.batch_size), "a batch holds between 1 and all images");
        let order = (0, epoch_order(image_count, arrived, settings.seed, 0));
        Self { views, image_count, arrived, normalisation, settings, order }
    }

    /// Steps in an epoch. Images that do not fill a last batch are left out in this epoch.
    pub fn steps_per_epoch(&self) -> u64 {
        self.settings.steps_per_epoch(self.image_count)
    }

    /// Takes over the changes of the run's `settings`, which a visitor may have added to.
    pub(super) fn take_changes(&mut self, settings: &Settings) {
        self.settings.changes.clone_from(&settings.changes);
    }

    /// The batch of `step`, counted from 0 at the run's start.
    pub fn batch(&mut self, step: u64) -> Batch {
        let Settings { batch_size, seed, label_smoothing, flip, shift_pixels, cutout_pixels, cutmix_share, .. } =
            self.settings.at(step);
        let others = label_smoothing / CLASS_COUNT as f32;
        let epoch = step / self.steps_per_epoch();
        if self.order.0 != epoch {
            self.order = (epoch, epoch_order(self.image_count, self.arrived, seed, epoch));
        }
        let start = (step % self.steps_per_epoch()) as usize * batch_size;
        let mut random = generator(seed ^ AUGMENTATION, step);
        let mut batch = Batch {
            images: Vec::with_capacity(batch_size * IMAGE_LEN),
            targets: vec![others; batch_size * CLASS_COUNT],
            len: batch_size,
        };
        let View { images, answers, .. } = self.views[(epoch % self.views.len() as u64) as usize];
        let mut augmented = [0; IMAGE_LEN];
        let order = self.order.1.iter().cycle().skip(start % self.arrived);
        for (at, &index) in order.take(batch_size).enumerate() {
            let index = index as usize;
            let mirrored = flip && is_mirrored(seed, index as u64, epoch);
            let augmentation = Augmentation::draw(mirrored, shift_pixels, &mut random);
            augmentation.apply(images.planar(index), &mut augmented);
            self.normalisation.append_planar(&augmented, &mut batch.images);
            if cutout_pixels > 0 {
                let normalised = &mut batch.images[at * IMAGE_LEN..];
                hide_square(normalised, i32::from(cutout_pixels), &mut random);
            }
            let target = &mut batch.targets[at * CLASS_COUNT..][..CLASS_COUNT];
            target[usize::from(images.label(index))] += 1.0 - label_smoothing;
            if let Some(answers) = answers {
                teach(target, answers[index * CLASS_COUNT..][..CLASS_COUNT].iter().copied());
            }
        }
        if cutmix_share > 0.0 {
            mix(&mut batch, cutmix_share, &mut random);
        }
        batch
    }
}

fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
    random
}

/// The order in which an epoch shows the images that have arrived, which are the first ones. It is the order of all
/// images, without those that are missing.
fn epoch_order(image_count: usize, arrived: usize, seed: u64, epoch: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..image_count as u32).collect();
    order.shuffle(&mut generator(seed ^ ORDER, epoch));
    order.retain(|&index| (index as usize) < arrived);
    order
}

/// Whether an image is mirrored in an epoch. It is in every other one, so that two epochs together show both (Jordan,
/// 2024).
fn is_mirrored(seed: u64, index: u64, epoch: u64) -> bool {
    // SplitMix64's finaliser (Steele et al., 2014). One of its bits decides which images begin mirrored.
    let mut bits = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits >> 31) ^ epoch) & 1 == 1
}

/// `at` reflected into `0..side` at the first or the last pixel.
fn reflected(at: i32, side: i32) -> i32 {
    let at = at.abs();
    if at < side { at } else { 2 * (side - 1) - at }
}

/// Sets a square of `side` pixels in every plane of `normalised` to 0, the mean of all images. The square's centre is
/// any pixel, so a part of it can lie outside (DeVries and Taylor, 2017).
fn hide_square(normalised: &mut [f32], side: i32, random: &mut ChaCha8Rng) {
    let [rows, columns] = square_within(side, random);
    for plane in normalised.chunks_exact_mut(CHANNEL_LEN) {
        for row in rows.clone() {
            plane[row * IMAGE_SIDE..][columns.clone()].fill(0.0);
        }
    }
}

/// For a `share` of the images, replaces a rectangle by the same rectangle of the batch's next image. The target then
/// gets the rectangle's share of that image's target (Yun et al., "CutMix", 2019). The rectangle's area is random and
/// its shape is the image's. Its centre is any pixel, so a part of it can lie outside.
fn mix(batch: &mut Batch, share: f32, random: &mut ChaCha8Rng) {
    let Batch { images: originals, targets: own, len } = batch;
    let (originals, own) = (originals.clone(), own.clone());
    for at in 0..*len {
        if !random.random_bool(f64::from(share)) {
            continue;
        }
        let side = (IMAGE_SIDE as f32 * random.random_range(0.0..1.0_f32).sqrt()).round() as i32;
        let [rows, columns] = square_within(side, random);
        let other = (at + 1) % *len;
        for channel in 0..IMAGE_LEN / CHANNEL_LEN {
            for row in rows.clone() {
                let line = channel * CHANNEL_LEN + row * IMAGE_SIDE;
                let from = &originals[other * IMAGE_LEN + line..][columns.clone()];
                batch.images[at * IMAGE_LEN + line..][columns.clone()].copy_from_slice(from);
            }
        }
        let area = (rows.len() * columns.len()) as f32 / CHANNEL_LEN as f32;
        let class = |image: usize, class: usize| own[image * CLASS_COUNT + class];
        for (i, target) in batch.targets[at * CLASS_COUNT..][..CLASS_COUNT].iter_mut().enumerate() {
            *target = (1.0 - area) * class(at, i) + area * class(other, i);
        }
    }
}

/// The rows and columns that a square of `side` pixels covers in an image. Its centre is a random pixel.
fn square_within(side: i32, random: &mut ChaCha8Rng) -> [std::ops::Range<usize>; 2] {
    let image_side = IMAGE_SIDE as i32;
    [0; 2].map(|_| {
        let first = random.random_range(0..image_side) - side / 2;
        first.max(0) as usize..(first + side).min(image_side) as usize
    })
}

/// The random change of one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Augmentation {
    mirrored: bool,
    /// Shift to the right, in pixels.
    right: i32,
    /// Shift down, in pixels.
    down: i32,
}

impl Augmentation {
    fn draw(mirrored: bool, shift_pixels: u8, random: &mut ChaCha8Rng) -> Self {
        let reach = i32::from(shift_pixels);
        Self { mirrored, right: random.random_range(-reach..=reach), down: random.random_range(-reach..=reach) }
    }

    /// Writes the changed `planar` to `out`. Pixels from outside the image are reflected at its edge.
    fn apply(self, planar: &[u8], out: &mut [u8; IMAGE_LEN]) {
        let side = IMAGE_SIDE as i32;
        for (plane, out) in planar.chunks_exact(CHANNEL_LEN).zip(out.chunks_exact_mut(CHANNEL_LEN)) {
            for (at, out) in (0..).zip(out) {
                let [row, column] = [at / side - self.down, at % side - self.right].map(|at| reflected(at, side));
                let column = if self.mirrored { side - 1 - column } else { column };
                *out = plane[(row * side + column) as usize];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::read_batch;

    /// Twenty images whose pixels all have the image's number as their value.
    fn images() -> Images {
        let records: Vec<u8> = (0..20_u8).flat_map(|i| [vec![i % 10], vec![i; IMAGE_LEN]].concat()).collect();
        read_batch("batch.bin", &records).expect("whole records")
    }

    fn settings() -> Settings {
        Settings { batch_size: 6, ..Settings::default() }
    }

    /// Keeps pixel values as they are, in units of 1/255.
    const PLAIN: Normalisation = Normalisation { mean: [0.0; 3], std: [1.0 / 255.0; 3] };

    fn numbers(batch: &Batch) -> Vec<u8> {
        batch.images.chunks_exact(IMAGE_LEN).map(|image| image[0].round() as u8).collect()
    }

    #[test]
    fn a_target_is_a_fifth_the_label_and_the_rest_the_answer() {
        let mut targets = [1.0, 0.0];
        teach(&mut targets, [0.5, 0.5]);
        assert!((targets[0] - 0.6).abs() < 1e-6 && (targets[1] - 0.4).abs() < 1e-6, "{targets:?}");
    }

    #[test]
    fn while_images_arrive_an_epoch_has_its_steps_and_shows_those_that_are_here_in_the_order_of_all() {
        let images = images();
        let (all, few) = ([View::from(&images)], images.first(8));
        let begun = [View { total: images.len(), ..(&few).into() }];
        let mut later = Batches::new(&all, PLAIN, settings());
        let mut early = Batches::new(&begun, PLAIN, settings());
        assert_eq!(early.steps_per_epoch(), later.steps_per_epoch());
        let shown = |batches: &mut Batches| (3..6).flat_map(|step| numbers(&batches.batch(step))).collect::<Vec<_>>();
        let (early, mut later) = (shown(&mut early), shown(&mut later));
        assert!(early.iter().all(|&number| number < 8) && early.len() == 18);
        later.retain(|&number| number < 8);
        let len = later.len();
        assert!(len > 4, "18 of 20 images are shown, and so most of the first 8");
        assert_eq!(early[..len], later);
        // They begin again after all eight.
        assert_eq!(early[..10], early[8..]);
    }

    #[test]
    fn an_epoch_shows_no_image_twice_and_the_next_another_order() {
        let images = images();
        let views = [(&images).into()];
        let mut batches = Batches::new(&views, PLAIN, settings());
        assert_eq!(batches.steps_per_epoch(), 3);
        let mut epoch = |n: u64| (0..3).flat_map(|i| numbers(&batches.batch(3 * n + i))).collect::<Vec<_>>();
        let (first, second) = (epoch(0), epoch(1));
        let mut unique = first.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), 18);
        assert_ne!(first, second);
        assert_eq!(first, epoch(0), "a resumed run sees what an uninterrupted one would");
    }

    #[test]
    fn a_run_on_a_part_of_the_images_sees_the_first_ones_only() {
        let images = images();
        let views = [(&images).into()];
        let mut batches = Batches::new(&views, PLAIN, Settings { train_images: 7, ..settings() });
        assert_eq!(batches.steps_per_epoch(), 1);
        assert!((0..9).all(|step| numbers(&batches.batch(step)).iter().all(|&number| number < 7)));
    }

    #[test]
    fn targets_follow_their_images() {
        let images = images();
        let batch = Batches::new(&[(&images).into()], PLAIN, settings()).batch(0);
        for (image, target) in numbers(&batch).iter().zip(batch.targets.chunks_exact(CLASS_COUNT)) {
            let class = target.iter().position(|&t| t == 1.0).expect("a class");
            assert_eq!(class, usize::from(image % 10));
            assert_eq!(target.iter().sum::<f32>(), 1.0);
        }
    }

    #[test]
    fn two_epochs_show_every_image_both_ways_and_about_half_begin_mirrored() {
        let mirrored = |epoch| (0..1000).filter(move |&index| is_mirrored(7, index, epoch));
        let first: Vec<_> = mirrored(0).collect();
        assert!((450..550).contains(&first.len()), "{}", first.len());
        assert_eq!(first.len() + mirrored(1).count(), 1000);
        assert!(mirrored(2).eq(first));
    }

    #[test]
    fn a_mixed_image_shows_two_and_its_target_has_the_share_of_each() {
        let settings = Settings { flip: false, cutmix_share: 1.0, ..settings() };
        let images = images();
        let views = [(&images).into()];
        let mut batches = Batches::new(&views, PLAIN, settings);
        let mut mixed = 0;
        for step in 0..6 {
            let batch = batches.batch(step);
            for (pixels, target) in batch.images.chunks_exact(IMAGE_LEN).zip(batch.targets.chunks_exact(CLASS_COUNT)) {
                assert!((target.iter().sum::<f32>() - 1.0).abs() < 1e-6);
                for (class, &share) in (0_usize..).zip(target) {
                    let shown = pixels.iter().filter(|&&pixel| pixel.round() as usize % 10 == class).count();
                    assert!((shown as f32 / IMAGE_LEN as f32 - share).abs() < 1e-6, "{class}: {shown} of {share}");
                }
                mixed += usize::from(target.iter().filter(|&&share| share > 0.0).count() == 2);
            }
        }
        assert!(mixed > 18, "{mixed} of 36 show two classes");
    }

    #[test]
    fn epochs_show_views_in_turn_and_targets_are_a_fifth_the_label_and_the_rest_the_answers() {
        let originals = images();
        let brighter = originals.redrawn(originals.pixels().iter().map(|pixel| pixel + 100).collect());
        let brighter = brighter.expect("as many images");
        // The answer to image i: class 9 with probability i / 20, otherwise class 0.
        let answers: Vec<f32> = (0..20)
            .flat_map(|i| {
                let share = i as f32 / 20.0;
                [[1.0 - share].as_slice(), &[0.0; 8], &[share]].concat()
            })
            .collect();
        let views = [View::from(&originals), View { answers: Some(&answers), ..(&brighter).into() }];
        let mut batches = Batches::new(&views, PLAIN, settings());
        for epoch in 0..4 {
            let batch = batches.batch(3 * epoch);
            for (shown, target) in numbers(&batch).iter().zip(batch.targets.chunks_exact(CLASS_COUNT)) {
                assert_eq!(*shown >= 100, epoch % 2 == 1);
                let (number, share) = (usize::from(shown % 100), if epoch % 2 == 1 { 0.8 } else { 0.0 });
                for (class, &target) in target.iter().enumerate() {
                    let label = f32::from(u8::from(class == number % 10));
                    let want = (1.0 - share) * label + share * answers[number * CLASS_COUNT + class];
                    assert!((target - want).abs() < 1e-6, "image {number}, class {class}: {target}, not {want}");
                }
            }
        }
    }

    #[test]
    fn smoothed_targets_keep_their_sum() {
        let images = images();
        let settings = Settings { label_smoothing: 0.2, ..settings() };
        let batch = Batches::new(&[(&images).into()], PLAIN, settings).batch(0);
        for target in batch.targets.chunks_exact(CLASS_COUNT) {
            assert!((target.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!((target.iter().copied().fold(0.0, f32::max) - 0.82).abs() < 1e-6);
        }
    }

    #[test]
    fn a_square_of_every_image_is_hidden_and_the_rest_is_as_without() {
        let images = images();
        let batch =
            |cutout_pixels| Batches::new(&[(&images).into()], PLAIN, Settings { cutout_pixels, ..settings() }).batch(0);
        let (with, without) = (batch(8), batch(0));
        for (with, without) in with.images.chunks_exact(IMAGE_LEN).zip(without.images.chunks_exact(IMAGE_LEN)) {
            // Image number 0 is black anyway.
            if without[0] == 0.0 {
                continue;
            }
            let hidden: Vec<_> = (0..IMAGE_LEN).filter(|&at| with[at] != without[at]).collect();
            assert!(hidden.iter().all(|&at| with[at] == 0.0));
            // At least a quarter of the square lies inside, in each of three planes.
            assert!((3 * 16..=3 * 64).contains(&hidden.len()), "{}", hidden.len());
        }
    }

    #[test]
    fn an_image_is_mirrored_and_shifted_and_goes_on_mirrored_at_its_edge() {
        let planar: Vec<u8> = (0..IMAGE_LEN).map(|i| (i % 32) as u8 + 1).collect();
        let mut out = [0; IMAGE_LEN];
        Augmentation { mirrored: true, right: 2, down: 1 }.apply(&planar, &mut out);
        assert_eq!(out[32..37], [30, 31, 32, 31, 30]);
        assert_eq!(out[..32], out[64..96], "above the first row is the second");
        Augmentation { mirrored: false, right: 0, down: 0 }.apply(&planar, &mut out);
        assert_eq!(out[..], planar[..]);
    }
}

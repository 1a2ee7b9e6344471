//! Normalises pixels to mean 0 and standard deviation 1, for each channel.

use serde::{Deserialize, Serialize};

use super::{CHANNEL_LEN, IMAGE_LEN, batch::Images, picture::Seen};

/// The mean and the standard deviation of each channel over the training images.
///
/// They apply to `pixel / 255`: 0 is black and 1 is full intensity. They are stored with the weights, because a network
/// needs the normalisation that it was trained with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normalisation {
    /// Mean of red, green and blue.
    pub mean: [f32; 3],
    /// Standard deviation of red, green and blue; above 0.
    pub std: [f32; 3],
}

impl Normalisation {
    /// The normalisation of `images`, from exact sums over every pixel.
    ///
    /// The standard deviation is that of the population. For a channel that never varies it is one level, 1/255, so
    /// that the channel normalises to 0 and not to infinity.
    ///
    /// # Panics
    /// If there are no images.
    pub fn of(images: &Images) -> Self {
        assert!(!images.is_empty(), "no images to take the mean of");
        let mut sums = [0_u64; 3];
        let mut square_sums = [0_u64; 3];
        for index in 0..images.len() {
            for (channel, plane) in images.planar(index).chunks_exact(CHANNEL_LEN).enumerate() {
                sums[channel] += plane.iter().map(|&byte| u64::from(byte)).sum::<u64>();
                square_sums[channel] += plane.iter().map(|&byte| u64::from(byte).pow(2)).sum::<u64>();
            }
        }
        let count = (images.len() * CHANNEL_LEN) as u64;
        Self {
            mean: sums.map(|sum| (sum as f64 / count as f64 / 255.0) as f32),
            std: std::array::from_fn(|channel| {
                // n^2 variance = n sum(x^2) - sum(x)^2, exact in integers.
                let count = u128::from(count);
                let scaled = count * u128::from(square_sums[channel]) - u128::from(sums[channel]).pow(2);
                let deviation = (scaled as f64).sqrt() / count as f64;
                (if deviation > 0.0 { deviation / 255.0 } else { 1.0 / 255.0 }) as f32
            }),
        }
    }

    /// Whether it can be used; a file may contain impossible values.
    pub fn is_usable(&self) -> bool {
        self.mean.iter().all(|mean| mean.is_finite()) && self.std.iter().all(|std| std.is_normal() && *std > 0.0)
    }

    /// Appends the 3,072 normalised values of an image in planes, as in [`Images::planar`].
    ///
    /// # Panics
    /// If `planar` is not 3,072 bytes long.
    pub fn append_planar(&self, planar: &[u8], values: &mut Vec<f32>) {
        assert_eq!(planar.len(), IMAGE_LEN, "an image is three planes of 32x32");
        for (channel, plane) in planar.chunks_exact(CHANNEL_LEN).enumerate() {
            values.extend(plane.iter().map(|&byte| self.value(channel, byte)));
        }
    }

    /// Appends the 3,072 normalised values of an image whose pixels have their colours side by side.
    ///
    /// The values are in planes, as those of [`Normalisation::append_planar`]: red, green, blue.
    pub fn append_seen(&self, seen: &Seen, values: &mut Vec<f32>) {
        let (pixels, _) = seen.as_chunks::<3>();
        for channel in 0..3 {
            values.extend(pixels.iter().map(|pixel| self.value(channel, pixel[channel])));
        }
    }

    fn value(&self, channel: usize, byte: u8) -> f32 {
        (f32::from(byte) / 255.0 - self.mean[channel]) / self.std[channel]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::batch::read_batch;

    /// Two images. Red is half 0 and half 255, green is 51 and then 153, blue is always 102.
    fn images() -> Images {
        let red = [vec![0; 512], vec![255; 512]].concat();
        let first = [vec![0], red.clone(), vec![51; 1024], vec![102; 1024]].concat();
        let second = [vec![0], red, vec![153; 1024], vec![102; 1024]].concat();
        read_batch("batch.bin", &[first, second].concat()).expect("two whole records")
    }

    #[test]
    fn mean_and_deviation_agree_with_a_hand_computation() {
        let normalisation = Normalisation::of(&images());
        assert_eq!(normalisation.mean, [0.5, 0.4, 0.4]);
        assert_eq!(normalisation.std, [0.5, 0.2, 1.0 / 255.0]);
    }

    #[test]
    fn planar_and_interleaved_bytes_normalise_alike() {
        let images = images();
        let normalisation = Normalisation::of(&images);
        let (mut planar, mut seen) = (vec![7.0], vec![7.0]);
        normalisation.append_planar(images.planar(1), &mut planar);
        normalisation.append_seen(&images.interleaved(1), &mut seen);
        assert_eq!(planar, seen);
        assert_eq!(planar.len(), 1 + 3072);
        assert_eq!((planar[0], planar[1], planar[1024]), (7.0, -1.0, 1.0));
        assert!((planar[1025] - 1.0).abs() < 1e-6, "(0.6 - 0.4) / 0.2");
        assert!(planar[2049].abs() < 1e-4, "a constant channel normalises to 0");
    }
}

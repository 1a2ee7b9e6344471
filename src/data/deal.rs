//! Draws random images of each class.

use crate::domain::CLASS_COUNT;

/// The indices of `per_class` images of each class, class by class, drawn with `seed`. A class with fewer images gives
/// all of them.
pub fn deal(labels: &[u8], per_class: usize, seed: u64) -> Vec<u32> {
    let mut random = SplitMix(seed);
    let mut dealt = Vec::with_capacity(CLASS_COUNT * per_class);
    for class in 0..CLASS_COUNT {
        let of_class = (0..).zip(labels).filter(|&(_, &label)| usize::from(label) == class);
        let mut indices: Vec<u32> = of_class.map(|(index, _)| index).collect();
        // The first positions of a Fisher-Yates shuffle.
        for place in 0..per_class.min(indices.len()) {
            let other = place + random.below(indices.len() - place);
            indices.swap(place, other);
            dealt.push(indices[place]);
        }
    }
    dealt
}

/// SplitMix64 (Steele, Lea and Flood, 2014), with the constants of Vigna's public-domain
/// <https://prng.di.unimi.it/splitmix64.c>. It is good enough to choose pictures.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; the bias is below 2^-32 for bounds below 2^32.
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // The first numbers that splitmix64.c gives for the seed 1234567.
        let mut random = SplitMix(1_234_567);
        let numbers: [u64; 5] = std::array::from_fn(|_| random.next());
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(numbers, published);
    }

    #[test]
    fn each_class_gives_its_share_without_repeats_and_another_seed_another_choice() {
        let labels: Vec<u8> = (0..1000_u32).map(|index| (index % 10) as u8).collect();
        let dealt = deal(&labels, 10, 1);
        assert_eq!(dealt.len(), 100);
        for (place, &index) in dealt.iter().enumerate() {
            assert_eq!(usize::from(labels[index as usize]), place / 10);
        }
        let mut unique = dealt.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), 100);
        assert_eq!(dealt, deal(&labels, 10, 1));
        assert_ne!(dealt, deal(&labels, 10, 2));
    }

    #[test]
    fn a_class_with_few_images_gives_them_all() {
        let mut dealt = deal(&[7, 7, 3], 10, 5);
        dealt.sort_unstable();
        assert_eq!(dealt, [0, 1, 2]);
    }

    #[test]
    fn every_image_is_dealt_as_often_as_another() {
        let labels = [3; 20];
        let mut counts = [0_u32; 20];
        for seed in 0..20_000 {
            for index in deal(&labels, 5, seed) {
                counts[index as usize] += 1;
            }
        }
        // 5,000 each are expected, with a standard deviation of 61.
        assert!(counts.iter().all(|count| (4_700..5_300).contains(count)), "{counts:?}");
    }
}

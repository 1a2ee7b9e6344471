//! No input makes a reader panic, or take more memory than CIFAR-10 needs.

use proptest::prelude::*;

use super::*;

/// As many cases as `PROPTEST_CASES` says; nothing is written beside the sources.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// One small file of each kind.
fn one_of_each() -> Vec<Vec<u8>> {
    let tar = tar_of(&binary_entries());
    let mut files: Vec<_> = [
        fixture!("data_batch_2"),
        fixture!("train.parquet"),
        fixture!("gzip.parquet"),
        fixture!("second-layout.parquet"),
        fixture!("small-pages.parquet"),
        fixture!("repeated.parquet"),
    ]
    .map(<[u8]>::to_vec)
    .into();
    files.extend([gzip(&tar), tar, batch(Slot::Test)]);
    files
}

/// A file with up to eight bytes changed, near its ends more often, and possibly a piece taken out or repeated.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let at = prop_oneof![(0_usize..600), any::<usize>(), (1_usize..1500).prop_map(|from_end| usize::MAX - from_end)];
    let changes = prop::collection::vec((at, any::<u8>()), 1..8);
    let piece = prop::option::of((any::<prop::sample::Index>(), 1_usize..600, any::<bool>()));
    (prop::sample::select(one_of_each()), changes, piece).prop_map(|(mut bytes, changes, piece)| {
        for (at, byte) in changes {
            // The largest numbers count from the end.
            let from_end = usize::MAX - at;
            let len = bytes.len();
            bytes[if from_end < 1500 { len - 1 - from_end % len } else { at % len }] = byte;
        }
        if let Some((from, len, is_repeated)) = piece {
            let from = from.index(bytes.len());
            let piece: Vec<_> = bytes.drain(from..bytes.len().min(from + len)).collect();
            if is_repeated {
                let twice = piece.repeat(2);
                bytes.splice(from..from, twice);
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000), piece_len in 1_usize..600) {
        prop_assert!(read_in_pieces(&bytes, piece_len).is_err());
    }

    #[test]
    fn random_bytes_behind_a_known_beginning_do_not_panic(
        whole in prop::sample::select(one_of_each()),
        kept_len in 2_usize..600,
        rest in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let _ = read(&[&whole[..kept_len], &rest].concat());
    }

    #[test]
    fn random_footers_do_not_panic(footer in prop::collection::vec(any::<u8>(), 0..500)) {
        let len = (footer.len() as u32).to_le_bytes();
        let _ = read(&[&b"PAR1"[..], &footer, &len, b"PAR1"].concat());
    }

    #[test]
    fn damaged_files_do_not_panic(bytes in mutated(), piece_len in 1_usize..20_000) {
        if let Ok(found) = read_in_pieces(&bytes, piece_len) {
            let (Contents::Train(images) | Contents::Test(images) | Contents::Batch { images, .. }) = found.contents
            else {
                return Ok(());
            };
            prop_assert!(images.labels().iter().all(|&label| label < 10));
        }
    }
}

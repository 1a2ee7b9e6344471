//! No input makes seeing panic.

use proptest::prelude::*;

use super::*;

/// As many cases as `PROPTEST_CASES` says; nothing is written beside the sources.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// One of the fixtures with up to eight bytes changed and possibly a piece taken out.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8);
    let piece = prop::option::of((any::<prop::sample::Index>(), 1_usize..64));
    (prop::sample::select(ONE_OF_EACH.to_vec()), changes, piece).prop_map(|((_, whole), changes, piece)| {
        let mut bytes = whole.to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some((from, len)) = piece {
            let from = from.index(bytes.len());
            bytes.drain(from..bytes.len().min(from + len));
        }
        bytes
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(see(&bytes).is_err());
    }

    #[test]
    fn random_bytes_behind_a_known_signature_do_not_panic(
        (_, whole) in prop::sample::select(ONE_OF_EACH.to_vec()),
        signature_len in 8_usize..64,
        rest in prop::collection::vec(any::<u8>(), 0..512),
    ) {
        let _ = see(&[&whole[..signature_len], &rest].concat());
    }

    #[test]
    fn damaged_pictures_do_not_panic(bytes in mutated()) {
        let _ = see(&bytes);
    }
}

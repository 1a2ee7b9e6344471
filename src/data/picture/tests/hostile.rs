//! No input makes `see` panic.

use proptest::prelude::*;

use super::*;
use crate::data::damage::{config, damaged};

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
    fn damaged_pictures_do_not_panic(bytes in damaged(ONE_OF_EACH.map(|(_, whole)| whole.to_vec()).into())) {
        let _ = see(&bytes);
    }
}

//! No input makes a reader panic, or use more memory than CIFAR-10 needs.

use proptest::prelude::*;

use super::*;
use crate::data::damage::{config, damaged};

/// A small file of each format that is not compressed as a whole.
fn one_of_each() -> Vec<Vec<u8>> {
    let mut files: Vec<_> = [
        fixture!("data_batch_2"),
        fixture!("by_column"),
        fixture!("train.parquet"),
        fixture!("test.parquet"),
        fixture!("gzip.parquet"),
        fixture!("uncompressed.parquet"),
        fixture!("required.parquet"),
        fixture!("second-layout.parquet"),
        fixture!("small-pages.parquet"),
        fixture!("repeated.parquet"),
    ]
    .map(<[u8]>::to_vec)
    .into();
    files.extend(tars());
    files.push(batch(Slot::Test));
    files
}

/// An archive of binary batches, and one of Python batches with an extended header.
fn tars() -> [Vec<u8>; 2] {
    let python = Slot::ALL.map(|slot| (format!("cifar-10-batches-py/{}", slot.stem()), pickle::batch_of(slot)));
    let record = b"28 mtime=1244139721.1234567\n";
    let mut with_extension = header(b"PaxHeader", record.len() as u64, tar::EntryType::XHeader).as_bytes().to_vec();
    with_extension.extend_from_slice(record);
    with_extension.resize(1024, 0);
    with_extension.extend(tar_of(&python));
    [tar_of(&binary_entries()), with_extension]
}

/// The result of reading `bytes` in pieces of `piece_lens`, which are repeated.
fn read_as_it_comes(mut bytes: &[u8], piece_lens: &[usize]) -> Result<Found, ArchiveError> {
    let mut reader = ArchiveReader::with_counts("dropped".to_owned(), COUNTS);
    for &len in piece_lens.iter().cycle() {
        let (piece, rest) = bytes.split_at(len.min(bytes.len()));
        reader.feed(piece)?;
        bytes = rest;
        if bytes.is_empty() {
            break;
        }
    }
    reader.finish()
}

/// Checks that `bytes` are read as CIFAR-10 or refused, and that the pieces make no difference.
fn check(bytes: &[u8], piece_lens: &[usize]) -> Result<(), TestCaseError> {
    let whole = read_in_pieces(bytes, usize::MAX);
    match (&whole, read_as_it_comes(bytes, piece_lens)) {
        (Ok(found), Ok(in_pieces)) => prop_assert!(*found == in_pieces, "pieces change what is read"),
        (Err(error), Err(in_pieces)) => prop_assert_eq!(error.to_string(), in_pieces.to_string()),
        (Ok(_), Err(error)) => prop_assert!(false, "only in pieces: {}", error),
        (Err(error), Ok(_)) => prop_assert!(false, "only as a whole: {}", error),
    }
    let Ok(Found { contents, origin }) = whole else { return Ok(()) };
    prop_assert_eq!(origin, Origin::Other);
    let splits = match &contents {
        Contents::Whole(dataset) => vec![(&dataset.train, 20), (&dataset.test, 4)],
        Contents::Train(images) => vec![(images, 20)],
        Contents::Test(images) | Contents::Batch { images, .. } => vec![(images, 4)],
    };
    for (images, count) in splits {
        prop_assert_eq!(images.len(), count);
        prop_assert_eq!(images.pixels().len(), count * 3072);
        prop_assert!(images.labels().iter().all(|&label| label < 10));
    }
    Ok(())
}

/// Lengths of the pieces in which a file arrives; some are 0.
fn piece_lens() -> impl Strategy<Value = Vec<usize>> {
    let len = prop_oneof![0_usize..20, 0_usize..700, 1_usize..40_000];
    // At least one length is positive, so that the whole file is fed.
    (prop::collection::vec(len, 0..8), 1_usize..4000).prop_map(|(mut lens, last)| {
        lens.push(last);
        lens
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
    fn damaged_files_are_cifar_or_refused_however_they_arrive(
        bytes in damaged(one_of_each()),
        piece_lens in piece_lens(),
    ) {
        check(&bytes, &piece_lens)?;
    }

    #[test]
    fn archives_that_were_damaged_before_they_were_packed_are_too(
        tar in damaged(tars().into()),
        piece_lens in piece_lens(),
    ) {
        check(&gzip(&tar), &piece_lens)?;
    }

    #[test]
    fn archives_that_were_damaged_after_they_were_packed_are_too(
        bytes in damaged(tars().map(|tar| gzip(&tar)).into()),
        piece_lens in piece_lens(),
    ) {
        check(&bytes, &piece_lens)?;
    }
}

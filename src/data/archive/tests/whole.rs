//! All formats, in pieces of any size.

use super::*;

#[test]
fn every_format_is_read_in_pieces_of_any_size() {
    let tar = tar_of(&binary_entries());
    let batch = |slot, images| Contents::Batch { slot, images };
    let files = [
        ("tar.gz", gzip(&tar), Contents::Whole(dataset())),
        ("tar", tar, Contents::Whole(dataset())),
        ("bin", super::batch(Slot::Train(1)), batch(None, images(4..8))),
        ("pickle", fixture!("data_batch_2").to_vec(), batch(Some(Slot::Train(1)), images(4..8))),
        ("train", fixture!("train.parquet").to_vec(), Contents::Train(images(0..20))),
        ("test", fixture!("test.parquet").to_vec(), Contents::Test(images(20..24))),
    ];
    for (name, bytes, contents) in files {
        for piece_len in [1, 7, 261, 262, 263, 512, 3073, 10_000, usize::MAX] {
            let found = read_in_pieces(&bytes, piece_len).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(found.contents == contents, "{name} in pieces of {piece_len}");
            assert_eq!(found.origin, Origin::Other);
        }
    }
}

#[test]
fn an_archives_first_training_batch_is_there_as_soon_as_its_last_byte_has_come() {
    let tar = tar_of(&binary_entries());
    // Before it come the names of the classes and the fourth batch, each with its header.
    let end = 512 + 512 + 2 * 512 + batch(Slot::Train(3)).len().next_multiple_of(512) + batch(Slot::Train(0)).len();
    let mut reader = ArchiveReader::of_four_a_batch("dropped");
    reader.feed(&tar[..end - 1]).expect("the beginning of an archive");
    assert_eq!(reader.first_batch(), None);
    reader.feed(&tar[end - 1..end]).expect("one more byte");
    assert_eq!(reader.first_batch(), Some(images(0..4)));
    // In a gzip file, and in a format that is read at its end.
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(&tar).expect("memory is writable");
    let packed = packed.finish().expect("memory is writable");
    for (bytes, is_there) in [(&packed[..], true), (fixture!("train.parquet"), false)] {
        let mut reader = ArchiveReader::of_four_a_batch("dropped");
        bytes.chunks(1000).for_each(|piece| reader.feed(piece).expect("a file as published"));
        assert_eq!(reader.first_batch().is_some(), is_there);
    }
}

#[test]
fn every_format_cut_short_is_refused() {
    let tar = tar_of(&binary_entries());
    let files = [
        gzip(&tar),
        // A tar archive is complete without its end mark and the padding before it.
        tar[..tar.len() - 1024 - 512].to_vec(),
        batch(Slot::Test),
        fixture!("data_batch_2").to_vec(),
        fixture!("test.parquet").to_vec(),
    ];
    for whole in files {
        let near_the_end = whole.len().saturating_sub(20)..whole.len();
        for len in (0..whole.len()).step_by(97).chain(near_the_end) {
            refusal(&whole[..len]);
        }
    }
    assert!(refusal(&gzip(&tar)[..500]).starts_with("dropped is cut short"));
    assert!(refusal(&fixture!("data_batch_2")[..5000]).starts_with("dropped is cut short"));
    assert!(refusal(&batch(Slot::Test)[..5000]).starts_with("dropped ends inside record 1"));
    assert!(refusal(&fixture!("test.parquet")[..1000]).starts_with("dropped is damaged in its end, so it may be cut"));
}

#[test]
fn files_that_are_not_cifar_are_refused_by_their_content() {
    assert_eq!(refusal(b""), "dropped is empty; download it again.");
    assert!(refusal(b"<!DOCTYPE html><title>404</title>").starts_with("dropped is a web page instead of images"));
    assert!(refusal(b"PK\x03\x04").starts_with("dropped is a ZIP archive; unpack it and choose what is in it"));
    for bytes in [&b"\x89PNG\r\n\x1a\n"[..], b"Hello", &[0xff; 1000], &[0x0a; 3073]] {
        assert!(refusal(bytes).starts_with("dropped is not CIFAR-10 in a form that Tenfold reads; choose "));
    }
}

#[test]
fn a_label_of_ten_is_refused_with_its_record() {
    let mut bytes = batch(Slot::Test);
    bytes[2 * RECORD_LEN] = 10;
    assert!(
        refusal(&bytes).starts_with("dropped has label 10 in record 2 (counted from 0), and labels go from 0 to 9")
    );
}

#[test]
fn a_batch_of_another_length_is_refused() {
    let bytes = batch(Slot::Test);
    assert!(refusal(&bytes[..3 * RECORD_LEN]).starts_with("dropped holds 3 images instead of 4"));
    assert!(refusal(&bytes.repeat(2)).starts_with("dropped is longer than the 12292 bytes"));
}

#[test]
fn the_first_of_two_errors_is_told_however_the_file_arrives() {
    let mut batch = batch(Slot::Test).repeat(2);
    batch[RECORD_LEN] = 10;
    let mut tar = tar_of(&binary_entries());
    tar[512 + 512] = b'x';
    tar.resize(2 * COUNTS.max_unpacked_bytes() as usize, 0);
    // A gzip header, the beginning of the archive in an uncompressed block that is long enough to be recognised, and a
    // block of an unknown type.
    let head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\0\x00\x20\xff\xdf";
    let packed = [head, &tar[..8192], &[7; 300]].concat();
    let files = [
        (batch, "dropped has label 10 in record 1"),
        (tar, "dropped is damaged between two"),
        (packed, "dropped is damaged between two"),
    ];
    for (bytes, said) in files {
        for piece_len in [1, 1000, 3073, usize::MAX] {
            let message = read_in_pieces(&bytes, piece_len).expect_err("it should be refused").to_string();
            assert!(message.starts_with(said), "in pieces of {piece_len}: {message}");
        }
    }
}

#[test]
fn a_refused_file_stays_refused() {
    let mut reader = ArchiveReader::new("dropped");
    assert!(reader.feed(&[0xff; 5000]).is_err());
    assert!(matches!(reader.feed(&[0; 1000]), Err(ArchiveError::RefusedBefore { .. })));
    assert!(matches!(reader.finish(), Err(ArchiveError::RefusedBefore { .. })));
}

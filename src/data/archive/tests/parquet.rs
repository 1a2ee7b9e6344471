//! Parquet files of each kind that pyarrow writes, and files that are not CIFAR-10.

use super::*;

#[test]
fn every_way_to_write_the_same_rows_reads_the_same() {
    let files = [
        ("gzip", fixture!("gzip.parquet")),
        ("uncompressed", fixture!("uncompressed.parquet")),
        ("second layout", fixture!("second-layout.parquet")),
        ("small pages", fixture!("small-pages.parquet")),
        ("required", fixture!("required.parquet")),
    ];
    for (name, bytes) in files {
        let contents = read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(contents == Contents::Test(images(20..24)), "{name}");
    }
}

#[test]
fn repeated_values_are_looked_up() {
    let Contents::Test(read) = read(fixture!("repeated.parquet")).expect("four rows") else { panic!("test images") };
    assert_eq!(read.labels(), [0, 3, 0, 3]);
    assert_eq!(read.planar(2), images(20..21).planar(0));
    assert_eq!(read.planar(3), images(21..22).planar(0));
}

#[test]
fn other_columns_are_named() {
    let message = refusal(fixture!("other-columns.parquet"));
    assert!(message.starts_with("dropped has the columns image, bytes, path, class, and CIFAR-10 has "), "{message}");
    assert!(refusal(fixture!("more-columns.parquet")).contains("fine_label"));
    assert!(refusal(fixture!("text-labels.parquet")).contains("label (a whole number)"));
}

#[test]
fn what_is_not_read_of_parquet_is_named() {
    assert!(refusal(fixture!("zstd.parquet")).starts_with("dropped uses Zstandard compression, which"));
    assert!(refusal(fixture!("delta.parquet")).starts_with("dropped uses DELTA_BINARY_PACKED encoding, which"));
}

#[test]
fn rows_that_are_not_cifars_are_refused_with_their_number() {
    let cases = [
        (fixture!("label-10.parquet"), "dropped has label 10 in record 2 "),
        (fixture!("no-label.parquet"), "dropped has no label in record 3 "),
        (fixture!("no-image.parquet"), "dropped has no image in record 1 "),
        (fixture!("grey.parquet"), "dropped has an image of 32x32 pixels of L8 in record 2 "),
        (fixture!("not-a-png.parquet"), "dropped has a GIF in record 1 "),
        (fixture!("jpeg.parquet"), "dropped has a JPEG in record 2 (counted from 0), and CIFAR-10's images are PNGs; "),
        (fixture!("three-rows.parquet"), "dropped holds 3 images instead of 4; "),
    ];
    for (bytes, said) in cases {
        let message = refusal(bytes);
        assert!(message.starts_with(said), "{message}");
    }
}

#[test]
fn a_footer_longer_than_the_file_is_refused() {
    let mut bytes = fixture!("test.parquet").to_vec();
    let len_at = bytes.len() - 8;
    for len in [0, 3, bytes.len() as u32, u32::MAX] {
        bytes[len_at..len_at + 4].copy_from_slice(&len.to_le_bytes());
        assert!(refusal(&bytes).starts_with("dropped is damaged in "));
    }
}

#[test]
fn images_of_another_format_are_told_also_where_there_are_too_few() {
    let mut reader = ArchiveReader::new("dropped");
    reader.feed(fixture!("jpeg.parquet")).expect("it is read at its end");
    let message = reader.finish().expect_err("four rows, not ten thousand").to_string();
    assert!(message.starts_with("dropped has a JPEG in record 2 "), "{message}");
}

//! Python batches that differ from the published ones.

use super::*;

/// The Python batch of `slot`: the fixture with other pixels and labels.
pub(super) fn batch_of(slot: Slot) -> Vec<u8> {
    let mut bytes = fixture!("data_batch_2").to_vec();
    let binary = batch(slot);
    let records: Vec<_> = binary.chunks(RECORD_LEN).collect();
    let pixels_at = position(&bytes, &record(4)[1..200]);
    for (index, record) in records.iter().enumerate() {
        bytes[pixels_at + 3072 * index..][..3072].copy_from_slice(&record[1..]);
        let label_at = labels_at() + 2 * index;
        bytes[label_at] = record[0];
    }
    bytes
}

fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("it is in the fixture")
}

/// The position of the first label: after the key, the list and its mark, in the opcode's operand.
fn labels_at() -> usize {
    position(fixture!("data_batch_2"), b"K\x02K\x05K\x08K\x01e") + 1
}

/// The fixture with the first `old` replaced by `new`.
fn with(old: &[u8], new: &[u8]) -> Vec<u8> {
    let bytes = fixture!("data_batch_2");
    let at = position(bytes, old);
    [&bytes[..at], new, &bytes[at + old.len()..]].concat()
}

#[test]
fn an_array_stored_by_column_gives_the_same_images() {
    let contents = read(fixture!("by_column")).expect("it is as published but for the order");
    assert!(contents == Contents::Batch { slot: Some(Slot::Test), images: images(20..24) });
}

#[test]
fn a_key_from_the_memo_is_found() {
    // First, "labels" comes from a memo entry that does not exist. Then the batch's label is "labels", which is stored
    // as memo entry 3.
    let bytes = with(b"U\x06labelsq\x04", b"h\x63");
    assert!(refusal(&bytes).contains("opcode BINGET instead of a key"), "{}", refusal(&bytes));
    let bytes = [&with(b"U\x15training batch 2 of 5", b"U\x06labels")[..]].concat();
    let at = position(&bytes, b"U\x06labelsq\x04");
    let bytes = [&bytes[..at], b"h\x03", &bytes[at + 10..]].concat();
    assert!(read(&bytes).is_ok_and(|contents| contents == Contents::Batch { slot: None, images: images(4..8) }));
}

#[test]
fn other_opcodes_are_refused_by_name() {
    let cases: [(&[u8], &[u8], &str); 9] = [
        (b"cnumpy.core.multiarray\n_reconstruct\n", b"cos\nsystem\n", "opcode GLOBAL of os.system instead of"),
        (b"cnumpy\nndarray\n", b"cbuiltins\neval\n", "opcode GLOBAL of builtins.eval instead of ndarray"),
        (b"U\x06labels", b"X\x06\0\0\0labels", "opcode BINUNICODE instead of a key"),
        (b"K\x02K\x05", b"I2\nK\x05", "opcode INT instead of a label"),
        (b"}q\x01(", b"]q\x01(", "opcode EMPTY_LIST instead of a dictionary"),
        (b"NNN", b"NN0", "opcode POP instead of numpy's type uint8"),
        (b"tbU\x09filenames", b"t0U\x09filenames", "opcode POP instead of the array's state"),
        (b"U\x06labels", b"U\x06lobels", "the key \"lobels\" instead of batch_label, labels, data or filenames"),
        (b"eu.", b"eu\xfe", "opcode 0xfe instead of the pickle's end"),
    ];
    for (old, new, said) in cases {
        let message = refusal(&with(old, new));
        assert!(message.starts_with("dropped is not a Python batch as published: at byte "), "{message}");
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn other_shapes_and_types_are_refused() {
    assert!(refusal(&with(b"K\x04M\x00\x0c", b"K\x05M\x00\x0c")).contains("the number 5 instead of a row of 3072"));
    assert!(refusal(&with(b"U\x02u1", b"U\x02f4")).contains("\"f4\" instead of numpy's type uint8"));
    assert!(refusal(&with(b"K\x01e", b"e")).contains("opcode SHORT_BINSTRING instead of the list's items"));
    assert!(refusal(&with(b"K\x01e", b"K\x01K\x01e")).contains("opcode BININT1 instead of the list's end"));
}

#[test]
fn a_label_of_ten_is_refused_with_its_record() {
    assert!(refusal(&with(b"K\x05K\x08", b"K\x05K\x0a")).starts_with("dropped has label 10 in record 2 "));
    assert!(refusal(&with(b"K\x05K\x08", b"J\xff\xff\xff\xffK\x08")).starts_with("dropped has label -1 in record 1 "));
}

#[test]
fn a_string_longer_than_the_file_allocates_nothing() {
    assert!(refusal(&with(b"T\x00\x30\x00\x00", b"T\xff\xff\xff\x7f")).starts_with("dropped is cut short"));
}

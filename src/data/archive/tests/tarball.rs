//! Tar archives that are not as published.

use tar::EntryType;

use super::*;

/// An archive that begins with one entry of a hostile header and goes on as it should.
fn tar_with(first: &tar::Header, body: &[u8]) -> Vec<u8> {
    let mut bytes = first.as_bytes().to_vec();
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes.extend(tar_of(&binary_entries()));
    bytes
}

#[test]
fn a_gzip_bomb_is_refused_before_it_is_unpacked() {
    let mut entries = binary_entries();
    entries.extend((0..40).map(|number| (format!("zeroes-{number}"), vec![0; 1 << 20])));
    let bomb = gzip(&tar_of(&entries));
    assert!(bomb.len() < 1 << 20, "forty million bytes in {}", bomb.len());
    assert!(refusal(&bomb).starts_with("dropped unpacks to more than "), "{}", refusal(&bomb));
    // Behind the archive's end, too.
    let mut tar = tar_of(&binary_entries());
    tar.resize(40 << 20, 0);
    assert!(refusal(&gzip(&tar)).starts_with("dropped unpacks to more than "));
}

#[test]
fn names_that_lead_out_of_the_archive_are_refused() {
    for name in ["../data_batch_1.bin", "cifar/../../x", "/etc/passwd", "..", "C:\\x", "a\\..\\b", "D:data_batch_1.bin"]
    {
        let message = refusal(&tar_with(&header(name.as_bytes(), 0, EntryType::Regular), &[]));
        assert!(message.contains("which leads out of the archive"), "{message}");
        assert!(message.contains(&name.escape_debug().to_string()), "{message}");
    }
}

#[test]
fn links_and_devices_are_refused() {
    let kinds = [
        (EntryType::Symlink, "a link"),
        (EntryType::Link, "a link"),
        (EntryType::GNUSparse, "a file with holes"),
        (EntryType::Fifo, "a device"),
        (EntryType::GNULongName, "a name longer than 100 bytes"),
        (EntryType::new(b'Z'), "an entry of an unknown kind"),
    ];
    for (kind, named) in kinds {
        let message = refusal(&tar_with(&header(b"data_batch_1.bin", 0, kind), &[]));
        assert!(message.starts_with(&format!("data_batch_1.bin in dropped is {named}, ")), "{message}");
    }
}

#[test]
fn a_batch_that_is_there_twice_is_refused() {
    let mut entries = binary_entries();
    entries.push(("elsewhere/data_batch_4.bin".to_owned(), batch(Slot::Train(3))));
    assert!(refusal(&tar_of(&entries)).starts_with("elsewhere/data_batch_4.bin in dropped is there twice"));
}

#[test]
fn a_batch_that_is_not_there_is_named() {
    let mut entries = binary_entries();
    entries.retain(|(name, _)| !name.ends_with("test_batch.bin") && !name.ends_with("data_batch_3.bin"));
    assert!(refusal(&tar_of(&entries)).starts_with("dropped lacks data_batch_3, test_batch; download it again"));
}

#[test]
fn absurd_sizes_are_refused() {
    for size_bytes in [12_293, 1 << 40, (1 << 63) - 1, u64::MAX] {
        let message = refusal(&tar_with(&header(b"data_batch_1.bin", size_bytes, EntryType::Regular), &[]));
        assert!(message.starts_with("data_batch_1.bin in dropped has "), "{message}");
    }
    let message = refusal(&tar_with(&header(b"train.bin", 150_000_000, EntryType::Regular), &[]));
    assert!(message.starts_with("train.bin in dropped has 150000000 bytes, which no file of CIFAR-10 has"));
    assert!(refusal(&tar_with(&header(b"folder/", 512, EntryType::Directory), &[0; 512])).contains("has 512 bytes"));
}

#[test]
fn a_damaged_header_is_refused() {
    let mut bytes = tar_of(&binary_entries());
    bytes[120] ^= 1;
    assert!(refusal(&bytes).starts_with("dropped is damaged between two of the files in it"));
}

#[test]
fn damage_inside_a_batch_is_found_with_its_record() {
    let mut entries = binary_entries();
    entries[2].1[RECORD_LEN] = 200;
    let message = refusal(&gzip(&tar_of(&entries)));
    assert!(message.starts_with("cifar/data_batch_1.bin in dropped has label 200 in record 1 "), "{message}");
    entries[2].1.truncate(3 * RECORD_LEN);
    entries[2].1[RECORD_LEN] = 2;
    assert!(refusal(&tar_of(&entries)).starts_with("cifar/data_batch_1.bin in dropped holds 3 images instead of 4"));
    entries[2].1.clear();
    assert!(refusal(&tar_of(&entries)).starts_with("cifar/data_batch_1.bin in dropped holds 0 images instead of 4"));
}

#[test]
fn damage_that_leaves_the_structure_whole_is_found_by_the_checksum() {
    let mut bytes = gzip(&tar_of(&binary_entries()));
    let checksum_at = bytes.len() - 8;
    bytes[checksum_at] ^= 1;
    assert!(refusal(&bytes).starts_with("dropped cannot be unpacked"));
    bytes[checksum_at] ^= 1;
    bytes.push(0);
    assert!(refusal(&bytes).starts_with("dropped cannot be unpacked"), "something follows");
}

#[test]
fn harmless_extensions_are_passed_over_and_overriding_ones_refused() {
    for (record, is_harmless) in [
        (&b"28 mtime=1244139721.1234567\n"[..], true),
        (b"12 path=../x\n", false),
        (b"13 comment=x\n12 size=512\n", false),
        (b"22 GNU.sparse.major=1\n", false),
        (b"14 linkpath=x\n", false),
        (b"99 comment=x\n", false),
        (b"comment=x\n", false),
    ] {
        let header = header(b"PaxHeader", record.len() as u64, EntryType::XHeader);
        let read = read(&tar_with(&header, record));
        assert_eq!(read.is_ok(), is_harmless, "{}: {:?}", record.escape_ascii(), read.err());
    }
}

#[test]
fn an_archive_of_python_batches_is_read() {
    let whole = Slot::ALL.map(|slot| (format!("cifar-10-batches-py/{}", slot.stem()), pickle::batch_of(slot)));
    let Contents::Whole(read) = read(&gzip(&tar_of(&whole))).expect("six batches") else { panic!("a whole archive") };
    assert!(read == dataset());
}

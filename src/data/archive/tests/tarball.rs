//! Tar archives that differ from the published ones.

use tar::EntryType;

use super::*;

/// An archive whose first entry has a hostile header; the rest is valid.
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
    // This also applies after the end of the archive.
    let mut tar = tar_of(&binary_entries());
    tar.resize(40 << 20, 0);
    assert!(refusal(&gzip(&tar)).starts_with("dropped unpacks to more than "));
}

/// A tar archive of the usual files. `entry` makes the header from a file's name.
fn renamed(entry: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in binary_entries() {
        bytes.extend(entry(&name));
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// The size of the file `name`.
fn size_of(name: &str) -> u64 {
    let entries = binary_entries();
    let (_, content) = entries.iter().find(|(other, _)| other == name).expect("one of the entries");
    content.len() as u64
}

/// An entry of this type, with its content padded to whole blocks.
fn extension(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = header(b"extension", body.len() as u64, EntryType::new(kind)).as_bytes().to_vec();
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// A record of an extended header. It begins with its own length.
fn pax(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let len = (1..).find(|len: &usize| len.to_string().len() + rest.len() == *len).expect("there is such a length");
    format!("{len}{rest}").into_bytes()
}

#[track_caller]
fn assert_whole(what: &str, bytes: &[u8]) {
    match read(bytes) {
        Ok(Contents::Whole(read)) => assert!(read == dataset(), "{what}: other images"),
        Ok(_) => panic!("{what}: not all of it"),
        Err(error) => panic!("{what}: {error}"),
    }
}

#[test]
fn of_a_path_only_the_last_part_matters() {
    for folder in ["", "./", "../", "/", "/home/somebody/", "C:\\Downloads\\", "a/../b/", "T\u{e9}l\u{e9}chargements/"]
    {
        let bytes = renamed(|name| {
            let path = name.replace("cifar/", folder);
            header(path.as_bytes(), size_of(name), EntryType::Regular).as_bytes().to_vec()
        });
        assert_whole(folder, &bytes);
    }
}

#[test]
fn every_way_to_write_a_long_name_is_read() {
    let folder =
        "a folder of a name that is longer than the hundred bytes that the oldest headers have for it, and then some/";
    let path_of = |name: &str| name.replace("cifar/", folder);
    let short = |name: &str| header(b"cut short.bin", size_of(name), EntryType::Regular).as_bytes().to_vec();
    assert_whole("pax", &renamed(|name| [extension(b'x', &pax("path", &path_of(name))), short(name)].concat()));
    assert_whole("Solaris", &renamed(|name| [extension(b'X', &pax("path", &path_of(name))), short(name)].concat()));
    let with_zero = |name: &str| [path_of(name).into_bytes(), vec![0]].concat();
    assert_whole("GNU", &renamed(|name| [extension(b'L', &with_zero(name)), short(name)].concat()));
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in binary_entries() {
        let mut header = header(b"", bytes.len() as u64, EntryType::Regular);
        // The path is split between the header's name and its prefix.
        header.set_path(path_of(&name)).expect("a name that can be divided");
        header.set_cksum();
        tar.append(&header, bytes.as_slice()).expect("memory is writable");
    }
    assert_whole("ustar", &tar.into_inner().expect("memory is writable"));
}

#[test]
fn every_kind_of_header_is_read() {
    let kinds =
        [("of 1979", tar::Header::new_old()), ("ustar", tar::Header::new_ustar()), ("GNU", tar::Header::new_gnu())];
    for (kind, blank) in kinds {
        let bytes = renamed(|name| {
            let mut header = blank.clone();
            header.set_path(name).expect("a short name");
            header.set_size(size_of(name));
            header.set_cksum();
            header.as_bytes().to_vec()
        });
        assert_whole(kind, &bytes);
        assert_whole(kind, &gzip(&bytes));
    }
}

#[test]
fn a_size_that_an_extension_says_counts() {
    let bytes = renamed(|name| {
        let size = pax("size", &size_of(name).to_string());
        let header = header(name.as_bytes(), 0, EntryType::Regular);
        [extension(b'x', &size), header.as_bytes().to_vec()].concat()
    });
    assert_whole("size", &bytes);
}

#[test]
fn what_other_programs_put_between_the_files_is_passed_over() {
    let others = [
        extension(b'g', &pax("comment", "of git")),
        extension(b'V', b""),
        extension(b'K', b"where a link leads\0"),
        extension(b'0', b"Mac OS X        "),
        header(b"data_batch_1 of somewhere else", 0, EntryType::Symlink).as_bytes().to_vec(),
        header(b"cifar/", 0, EntryType::Directory).as_bytes().to_vec(),
    ];
    let bytes = [others.concat(), tar_of(&binary_entries())].concat();
    assert_whole("others", &bytes);
}

#[test]
fn a_batch_that_is_no_file_is_refused() {
    let kinds = [
        (EntryType::Symlink, "a link"),
        (EntryType::Link, "a link"),
        (EntryType::GNUSparse, "a file with holes"),
        (EntryType::Fifo, "a device"),
    ];
    for (kind, named) in kinds {
        let message = refusal(&tar_with(&header(b"data_batch_1.bin", 0, kind), &[]));
        assert!(message.starts_with(&format!("data_batch_1.bin in dropped is {named}, ")), "{message}");
    }
}

#[test]
fn an_archive_for_matlab_is_named() {
    let body = [&b"MATLAB 5.0 MAT-file, Platform: GLNXA64"[..], &[b' '; 2 << 20]].concat();
    let header = header(b"cifar-10-batches-mat/data_batch_1.mat", body.len() as u64, EntryType::Regular);
    let message = refusal(&gzip(&tar_with(&header, &body)));
    let said = "cifar-10-batches-mat/data_batch_1.mat in dropped is a MATLAB file; choose cifar-10-binary.tar.gz";
    assert!(message.starts_with(said), "{message}");
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
    let folder = refusal(&tar_with(&header(b"folder/", 2 << 20, EntryType::Directory), &[0; 512]));
    assert!(folder.contains("has 2097152 bytes"), "{folder}");
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
    bytes.push(7);
    assert!(refusal(&bytes).starts_with("dropped cannot be unpacked"), "something follows");
}

#[test]
fn a_gzip_file_of_several_members_is_read_as_one() {
    let tar = tar_of(&binary_entries());
    for member_len in [512, 10_000, 20_001, tar.len()] {
        let members: Vec<u8> = tar.chunks(member_len).flat_map(gzip).collect();
        for bytes in [members.clone(), [members, vec![0; 1000]].concat()] {
            for piece_len in [1, 7, 4096, usize::MAX] {
                let found = read_in_pieces(&bytes, piece_len).unwrap_or_else(|error| panic!("{member_len}: {error}"));
                assert!(found.contents == Contents::Whole(dataset()), "members of {member_len}, pieces of {piece_len}");
            }
        }
    }
    let cut: Vec<u8> = tar.chunks(10_000).take(2).flat_map(gzip).collect();
    assert!(refusal(&cut).starts_with("dropped is cut short"), "{}", refusal(&cut));
}

#[test]
fn every_other_file_may_be_compressed_by_gzip_too() {
    let files = [
        (batch(Slot::Test), Contents::Batch { slot: None, images: images(20..24) }),
        // The fixture's label says that it is the second batch.
        (pickle::batch_of(Slot::Test), Contents::Batch { slot: Some(Slot::Train(1)), images: images(20..24) }),
        (fixture!("test.parquet").to_vec(), Contents::Test(images(20..24))),
    ];
    for (bytes, contents) in files {
        let packed = gzip(&bytes);
        assert!(read(&packed).expect("it is as it was") == contents);
        refusal(&packed[..packed.len() / 2]);
    }
    assert!(refusal(&gzip(&gzip(&batch(Slot::Test)))).starts_with("dropped was compressed twice by gzip"));
    assert!(refusal(&gzip(b"Hello")).starts_with("dropped is not CIFAR-10"));
}

#[test]
fn extensions_that_make_no_sense_are_refused() {
    for record in [&b"99 comment=x\n"[..], b"comment=x\n", b"22 GNU.sparse.major=1\n", b"10 size=-1\n"] {
        let header = header(b"PaxHeader", record.len() as u64, EntryType::XHeader);
        refusal(&tar_with(&header, record));
    }
    let long = header(b"PaxHeader", 2 << 20, EntryType::XHeader);
    assert!(refusal(&tar_with(&long, &[0; 2 << 20])).starts_with("PaxHeader in dropped has 2097152 bytes"));
}

#[test]
fn an_archive_of_python_batches_is_read() {
    let whole = Slot::ALL.map(|slot| (format!("cifar-10-batches-py/{}", slot.stem()), pickle::batch_of(slot)));
    let Contents::Whole(read) = read(&gzip(&tar_of(&whole))).expect("six batches") else { panic!("a whole archive") };
    assert!(read == dataset());
}

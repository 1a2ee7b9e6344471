//! Files from bug reports: the page tells by their content what they are. The stage shows what the network sees.

use crate::{files, tab::Tab};
use burn::tensor::Device;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::io::Write;
use tenfold::{checkpoint::export_weights, data::Normalisation, model::Network, spec::tenfold2026};

#[path = "../common/varieties.rs"]
mod varieties;

use varieties::COLOURS;

/// The largest difference between a colour and the expected one, and between the stage and the network's input.
const LEVELS: u8 = 24;

/// The colours in the middle of the four quarters, of the network's input and of the stage's centre square.
fn seen_and_shown(tab: &Tab) -> [Vec<[u8; 3]>; 2] {
    let script = "(async () => {
        const image = document.querySelector('.picture img');
        await image.decode();
        const side = Math.min(image.naturalWidth, image.naturalHeight);
        const stage = Object.assign(document.createElement('canvas'), { width: 32, height: 32 }).getContext('2d');
        const [left, top] = [image.naturalWidth - side, image.naturalHeight - side].map(rest => rest / 2);
        stage.drawImage(image, left, top, side, side, 0, 0, 32, 32);
        const seen = document.querySelector('.seen canvas').getContext('2d');
        const colours = canvas => [[6, 6], [25, 6], [6, 25], [25, 25]]
            .map(([x, y]) => [...canvas.getImageData(x, y, 1, 1).data].slice(0, 3));
        return [colours(seen), colours(stage)];
    })()";
    serde_json::from_value(tab.evaluate(script)).expect("four colours of each")
}

/// Drops `bytes` under a misleading name, and expects these quarters on the stage and in the network's input.
fn is_seen_as_shown(tab: &Tab, name: &str, bytes: &[u8], expected: [[u8; 3]; 4]) {
    tab.drop_files(&[files::write(&files::folder("cases"), name, bytes)]);
    tab.wait_for_answer(name);
    let [seen, stage] = seen_and_shown(tab);
    let is_close = |a: &[u8; 3], b: &[u8; 3]| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= LEVELS);
    for (at, expected) in expected.iter().enumerate() {
        assert!(
            is_close(&seen[at], expected),
            "{name}, quarter {at}: the network sees {:?}, not {expected:?}",
            seen[at]
        );
        assert!(is_close(&stage[at], &seen[at]), "{name}, quarter {at}: {:?} is shown, {:?} seen", stage[at], seen[at]);
    }
}

#[test]
fn the_stage_shows_what_the_network_sees_whatever_a_pictures_name_and_variety() {
    let tab = Tab::ready_on_cpu();
    let with_white = [COLOURS[0], COLOURS[1], COLOURS[2], [255; 3]];
    let swapped = varieties::jpeg_of(&varieties::quarters(varieties::swapped()).into(), &varieties::swapped_profile());
    is_seen_as_shown(&tab, "picture.bin", &varieties::png(varieties::quarters(COLOURS)), COLOURS);
    is_seen_as_shown(&tab, "alpha.png", &varieties::bmp_32(108, 0, 255), with_white);
    is_seen_as_shown(&tab, "screen.jpg", &varieties::gif((1, 1), (0, 0)), COLOURS);
    is_seen_as_shown(&tab, "gamma.tar.gz", &varieties::linear_png(), COLOURS);
    is_seen_as_shown(&tab, "hidden.safetensors", &varieties::animation_with_hidden_picture(), COLOURS);
    is_seen_as_shown(&tab, "profile.parquet", &swapped, COLOURS);
    assert_eq!(tab.alerts(), [""; 0]);
    tab.keep_screenshot("cases");
}

/// Drops `bytes`, and expects one alert that names the file and contains `words`.
fn is_refused(name: &str, bytes: &[u8], words: &str) {
    let tab = Tab::ready_on_cpu();
    tab.drop_files(&[files::write(&files::folder("cases-refused"), name, bytes)]);
    let sentence = tab.only_alert();
    assert!(sentence.contains(name) && sentence.contains(words), "{sentence:?}");
    assert_eq!(tab.attribute("data-phase"), "ready");
}

#[test]
fn files_that_are_something_else_are_refused_as_what_they_are() {
    is_refused("icon.png", &varieties::png_of_xcode(), "a PNG as Xcode writes it for iPhones");
    let pytorch = [&b"PK\x03\x04"[..], &[0; 22], b"\x10\0\0\0archive/data.pkl\x80\x02}q\0."].concat();
    is_refused("scans.gif", &varieties::jpeg_with_a_scan_for_each_colour(), "a JPEG with a scan for each colour");
    is_refused("weights.safetensors", &pytorch, "This is a PyTorch file; save the weights as SafeTensors");
    is_refused("cifar-10-binary.tar.gz", b"PK\x03\x04cifar", "This is a ZIP archive; unpack it");
    is_refused("test.parquet", include_bytes!("../fixtures/archives/jpeg.parquet"), "has a JPEG in record 2");
    is_refused("cat.jpg", b"\0\0\0\x1cftypheic\0\0\0\0", "This is a HEIC picture; export it as JPEG or PNG");
}

/// CIFAR-10's archive, with images of one colour, as other programs pack it: paths are in extended headers, and the gzip file
/// has several members.
fn archive_of_another_program() -> Vec<u8> {
    let batch = (0..10_000).flat_map(|image| std::iter::once(image as u8 % 10).chain([image as u8; 3072]));
    let batch: Vec<u8> = batch.collect();
    let entry = |name: &[u8], kind: tar::EntryType, content: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_size(content.len() as u64);
        header.set_entry_type(kind);
        header.set_cksum();
        let padding = vec![0; content.len().next_multiple_of(512) - content.len()];
        [header.as_bytes(), content, &padding].concat()
    };
    let names = (1..=5).map(|number| format!("data_batch_{number}")).chain(["test_batch".into()]);
    let members = names.flat_map(|name| {
        let rest = format!(" path=somebody/cifar-10-batches-bin/{name}.bin\n");
        // A record begins with its own length, which has two digits here.
        let path = format!("{}{rest}", 2 + rest.len());
        let extended = entry(b"extended", tar::EntryType::XHeader, path.as_bytes());
        let parts = [extended, entry(b"short", tar::EntryType::Regular, &batch)];
        parts.map(|part| gzip(&part))
    });
    members.chain([gzip(&[0; 1024])]).flatten().collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory is writable");
    encoder.finish().expect("memory is writable")
}

#[test]
fn an_archive_that_another_program_packed_is_read_whatever_its_name() {
    let tab = Tab::ready_on_cpu();
    tab.show("learn");
    let bytes = archive_of_another_program();
    tab.drop_files(&[files::write(&files::folder("cases-archive"), "holiday.png", &bytes)]);
    tab.wait_for_images();
    let sentence = tab.text("[aria-label='CIFAR-10']");
    assert!(sentence.contains("50,000") && sentence.contains("10,000"), "{sentence:?}");
}

/// A file with the weights of a narrow network, and its number of parameters.
fn narrow() -> (Vec<u8>, usize) {
    let network = Network::fresh(&tenfold2026::spec([8, 8, 8]), 1, &Device::flex()).expect("a narrow network");
    let normalisation = Normalisation { mean: [0.5; 3], std: [0.25; 3] };
    let bytes = pollster::block_on(export_weights(&network, &normalisation)).expect("the CPU does not fail");
    (bytes, network.parameter_count())
}

/// The same weights as 16-bit numbers: the upper halves of the 32-bit numbers.
fn as_bf16(file: &[u8]) -> Vec<u8> {
    let (_, header) = SafeTensors::read_metadata(file).expect("just made");
    let file = SafeTensors::deserialize(file).expect("just made");
    let halves = file.tensors().into_iter().map(|(name, view)| {
        let data: Vec<u8> = view.data().chunks_exact(4).flat_map(|number| [number[2], number[3]]).collect();
        (name, view.shape().to_vec(), data)
    });
    let halves: Vec<_> = halves.collect();
    let views = halves.iter().map(|(name, shape, data)| {
        (name, TensorView::new(Dtype::BF16, shape.clone(), data).expect("bytes fill the shape"))
    });
    safetensors::serialize(views, header.metadata().clone()).expect("names are unique")
}

#[test]
fn of_imported_weights_their_own_figures_are_shown_whatever_the_type_of_their_numbers() {
    let (bytes, parameters) = narrow();
    assert!((1_000..1_000_000).contains(&parameters), "a narrow network");
    let tab = Tab::ready_on_cpu();
    for (name, bytes) in [("narrow.png", as_bf16(&bytes)), ("narrow.bin", bytes)] {
        tab.drop_files(&[files::write(&files::folder("cases-narrow"), name, &bytes)]);
        tab.wait_until("the import", &format!("document.querySelector('.network').innerText.includes('{name}')"));
        let panel = tab.text(".network");
        let figure = format!("{},{:03} parameters", parameters / 1_000, parameters % 1_000);
        assert!(panel.contains(&figure) && !panel.contains("accuracy"), "{panel}");
        assert_eq!(tab.alerts(), [""; 0]);
    }
}

#[test]
fn weights_that_cannot_be_are_refused_by_the_tensor() {
    let (bytes, _) = narrow();
    let file = SafeTensors::deserialize(&bytes).expect("just made");
    let tensors = file.tensors();
    let changed = tensors.iter().map(|(name, view)| {
        let data = view.data();
        let is_it = name == "conv3.statistics";
        (name, view, if is_it { (-1.0_f32).to_le_bytes().repeat(data.len() / 4) } else { data.to_vec() })
    });
    let changed: Vec<_> = changed.collect();
    let views = changed.iter().map(|(name, view, data)| {
        (name, TensorView::new(view.dtype(), view.shape().to_vec(), data).expect("bytes fill the shape"))
    });
    let bytes = safetensors::serialize(views, None).expect("names are unique");
    is_refused("narrow.safetensors", &bytes, "conv3.statistics holds negative variances");
}

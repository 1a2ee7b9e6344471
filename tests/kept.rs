//! Runs that this version or earlier ones have kept stay readable for ever. Some of them are in `tests/fixtures/runs`.

#[path = "common/disk.rs"]
#[expect(dead_code, reason = "no fault is wanted here")]
mod disk;
#[path = "common/learning.rs"]
#[expect(dead_code, reason = "what a run promises is tested elsewhere")]
mod learning;
#[path = "common/noise.rs"]
mod noise;

use burn::tensor::Device;
use disk::Disk;
use learning::go_on;
use noise::noise;
use pollster::block_on;
use std::{fs, path::PathBuf};
use tenfold::spec::tenfold2026;
use tenfold::{
    checkpoint::{Logbook, read_snapshot, snapshot::read_facts, write_snapshot},
    data::Normalisation,
    domain::{
        CurvePoint, History, LearningRates, NetworkName, OptimiserChoice, RunId, Settings, StartingWeights, Validation,
    },
    model::Network,
    protocol::BUILD,
    shelf::{
        Keeper, Label,
        adopt::adopt,
        record::hex,
        runs::{self, pair},
    },
    train::Run,
};

/// Steps that the runs in the fixtures have made.
const STEP: u64 = 7;

const ID: RunId = RunId(1);

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/runs").join(name)
}

fn settings(optimiser: OptimiserChoice) -> Settings {
    Settings {
        optimiser,
        epochs: 3,
        batch_size: 8,
        learning_rates: LearningRates { convolution: 1e-2, dense: 1e-3 },
        cutmix_share: 0.5,
        ..NetworkName::Tenfold2026.settings()
    }
}

/// What the run in `changed-1.run` changes, before and after it was kept.
const CHANGES: &str = "3:dropout=0.2,5:conv-rate=0.003,5:flip=off,9:weight-decay=0.001";

/// Curves with finite and infinite figures, and NaN.
fn history() -> History {
    let validation = |step, loss| Validation { step, loss, accuracy: 0.25, images: 32 };
    History {
        points: vec![CurvePoint { step: 5, loss: 2.3, accuracy: 0.125 }],
        validations: vec![validation(5, 1.5), validation(6, f32::INFINITY), validation(7, f32::NAN)],
        ..History::default()
    }
}

/// Checks a fixture's run with this optimiser, in every part.
fn check(bytes: &[u8], settings: Settings, is_digest_noted: bool) {
    let device = Device::flex();
    let images = noise(40);
    let (mut run, logbook) = read_snapshot(bytes, &device).expect("it is read for ever");
    assert_eq!((run.step, &run.settings), (STEP, &settings));
    assert_eq!(logbook.normalisation, Normalisation::of(&images));
    assert_eq!((logbook.start, logbook.image_count), (StartingWeights::Scratch, 40));
    assert_eq!(logbook.image_digest, is_digest_noted.then(|| hex(&images.digest())));
    assert_eq!(logbook.history.points, history().points);
    // Compared as text, since NaN does not equal NaN.
    assert_eq!(format!("{:?}", logbook.history.validations[2]), format!("{:?}", history().validations[2]));
    // Every tensor was read exactly: a snapshot of the run that was read has the same bits.
    let written = block_on(write_snapshot(&run, &logbook)).expect("the CPU does not fail");
    let tensors = |file: &[u8]| {
        let head = u64::from_le_bytes(*file.first_chunk().expect("a length")) as usize;
        file[8 + head..].to_vec()
    };
    assert!(tensors(&written) == tensors(bytes), "the tensors are the same bits");
    let heard = block_on(go_on(&mut run, &images, None));
    assert_eq!(run.step, 15);
    assert!(heard.iter().all(|progress| progress.loss.is_finite()), "it goes on: {heard:?}");
}

#[test]
fn what_format_1_of_the_shelf_keeps_is_read_for_ever() {
    let changed = Settings { changes: CHANGES.into(), ..settings(OptimiserChoice::Momentum) };
    for (name, settings) in [
        ("adam-1.run", settings(OptimiserChoice::Adam)),
        ("momentum-1.run", settings(OptimiserChoice::Momentum)),
        ("changed-1.run", changed),
    ] {
        let disk = Disk::default();
        disk.put(&pair(ID).files()[0], fs::read(path(name)).expect("it is committed"));
        let listed = block_on(runs::list(&disk, None)).expect("the files can be listed");
        assert_eq!((listed.runs.len(), listed.unreadable.len()), (1, 0));
        assert_eq!((listed.runs[0].facts.step, listed.runs[0].accuracy), (STEP, Some(0.25)));
        check(&block_on(runs::load(&disk, ID)).expect("it is whole").body, settings, true);
    }
}

#[test]
fn the_one_run_that_earlier_versions_kept_is_taken_in_with_figures_that_they_could_not_write() {
    let bytes = fs::read(path("earlier.tenfold")).expect("it is committed");
    assert!(bytes.windows(4).any(|text| text == b"null"), "as serde_json wrote what is not a number");
    check(&bytes, settings(OptimiserChoice::Adam), false);
    let disk = Disk::default();
    disk.put("run.tenfold", bytes.clone());
    let label_of = |bytes: &[u8]| {
        let (facts, _) = read_facts(bytes).map_err(|error| error.to_string())?;
        Ok(Label { build: BUILD.into(), facts, accuracy: None, trained_secs: 0.0, kept_at_ms: 0 })
    };
    assert_eq!(block_on(adopt(&disk, label_of)), Ok(Vec::new()));
    let listed = block_on(runs::list(&disk, None)).expect("the files can be listed");
    assert_eq!(block_on(runs::load(&disk, listed.runs[0].id)).expect("it is whole").body, bytes);
}

#[test]
fn runs_that_cannot_be_are_refused_with_the_reason() {
    let bytes = fs::read(path("earlier.tenfold")).expect("it is committed");
    let refused = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len(), "the rest stays where it is");
        let at = bytes.windows(from.len()).position(|text| text == from.as_bytes()).expect("it says so");
        let mut changed = bytes.clone();
        changed[at..at + from.len()].copy_from_slice(to.as_bytes());
        read_snapshot(&changed, &Device::flex()).expect_err("it is not as it was").to_string()
    };
    let reason = refused(r#"\"optimiser\":\"Adam\""#, r#"\"optimiser\":\"Lion\""#);
    assert!(reason.contains("Lion"), "{reason}");
    let text = String::from_utf8_lossy(&bytes);
    let std = &text[text.find(r#"\"std\":["#).expect("it says so")..];
    let std = &std[..std.find(',').expect("three numbers")];
    let zero = format!("{:0<width$}", r#"\"std\":[0."#, width = std.len());
    let reason = refused(std, &zero);
    assert!(reason.contains("standard deviation"), "{reason}");
    let reason = refused(r#"\"batch_size\":8"#, r#"\"batch_size\":0"#);
    assert!(reason.contains("Batch size must be"), "{reason}");
    for len in [0, 7, 8, 500, bytes.len() - 1] {
        assert!(read_snapshot(&bytes[..len], &Device::flex()).is_err(), "{len} bytes");
    }
}

#[test]
fn a_run_with_weights_that_are_not_finite_has_no_snapshot() {
    let settings = Settings {
        learning_rates: LearningRates { convolution: 1.0, dense: 1.0 },
        warm_up_epochs: 0.0,
        ..settings(OptimiserChoice::Momentum)
    };
    let images = noise(40);
    let mut run = Run::from_network(narrow(), settings);
    let logbook = Logbook {
        start: StartingWeights::Scratch,
        normalisation: Normalisation { mean: [0.0; 3], std: [1e-30; 3] },
        image_count: 40,
        image_digest: None,
        history: History::default(),
    };
    let views = [(&images).into()];
    let mut batches = tenfold::train::batches::Batches::new(&views, logbook.normalisation, run.settings.clone());
    for step in 0..3 {
        run.advance(batches.batch(step), 5);
    }
    let error = block_on(write_snapshot(&run, &logbook)).expect_err("the weights overflow");
    assert!(error.to_string().contains("no longer finite"), "{error}");
}

fn narrow() -> Network {
    let device = Device::flex().autodiff();
    Network::fresh(&tenfold2026::spec([8, 8, 8]), 1, &device).expect("widths for which there are kernels")
}

/// Writes fixtures of this format that are missing. None must ever be written again.
#[test]
#[ignore = "writes what the other tests read"]
fn write_fixtures() {
    fs::create_dir_all(path("")).expect("a folder");
    let images = noise(40);
    for (name, optimiser, changes) in [
        ("adam", OptimiserChoice::Adam, ""),
        ("momentum", OptimiserChoice::Momentum, ""),
        ("changed", OptimiserChoice::Momentum, CHANGES),
    ] {
        if path(&format!("{name}-1.run")).exists() {
            continue;
        }
        let settings = Settings { changes: changes.into(), ..settings(optimiser) };
        let mut run = Run::from_network(narrow(), settings);
        block_on(go_on(&mut run, &images, Some(STEP)));
        let mut logbook = Logbook {
            start: StartingWeights::Scratch,
            normalisation: Normalisation::of(&images),
            image_count: images.len(),
            image_digest: Some(hex(&images.digest())),
            history: history(),
        };
        let bytes = block_on(write_snapshot(&run, &logbook)).expect("the CPU does not fail");
        let facts = logbook.facts(&run.settings, run.step);
        let label = Label {
            build: BUILD.into(),
            facts,
            accuracy: Some(0.25),
            trained_secs: 0.0,
            kept_at_ms: 1_795_000_000_000,
        };
        let disk = Disk::default();
        block_on(runs::save(&mut Keeper::fresh(pair(ID)), &disk, &label, &bytes)).expect("nothing fails");
        let file = disk.content(&pair(ID).files()[0]).expect("it is kept");
        fs::write(path(&format!("{name}-1.run")), file).expect("a file");
        if optimiser == OptimiserChoice::Adam {
            // As earlier versions wrote it: without the digest, and with null for figures that are not finite.
            logbook.image_digest = None;
            logbook.history.validations[1].loss = f32::NAN;
            let mut bytes = block_on(write_snapshot(&run, &logbook)).expect("the CPU does not fail");
            let nan = br#"\"NaN\""#;
            while let Some(at) = bytes.windows(nan.len()).position(|text| text == nan) {
                bytes[at..at + nan.len()].copy_from_slice(b"null   ");
            }
            fs::write(path("earlier.tenfold"), bytes).expect("a file");
        }
    }
}

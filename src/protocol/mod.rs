//! What the page asks of the worker and what the worker tells the page.
//!
//! Both directions are one enum each, encoded as [postcard](https://docs.rs/postcard) bytes that are
//! transferred, not copied, between the threads. A file that the visitor drops travels beside its
//! [`Request::Classify`] as the browser's own `File` handle, so that the page never holds its bytes; a file that the
//! worker makes travels beside its [`Event::Exported`] or [`Event::Decoded`] as transferred bytes.

pub mod benchmark;
pub mod comparison;
pub mod images;
pub mod inspect;
pub mod training;

pub use comparison::{Compared, Opinion};
pub use images::{DataImage, FetchStage, ImagesStatus, Kept, TestReport};
pub use training::{End, ExportFormat, Measured, RunStatus, Setup, Watched};

use crate::domain::{
    CLASS_COUNT, CurvePoint, DeviceChoice, DeviceReport, History, KeptRun, NetworkName, NetworkSummary, RunId,
    Settings, ShelfItem, Split, StartingWeights, UnreadableFile, Validation,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Names what this was built from: a page and a worker with different names may not understand each other.
pub const BUILD: &str = env!("TENFOLD_BUILD");

/// Identifies a picture within one visit; the page counts up from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PictureId(pub u32);

/// What the network still needs before it answers, in the order in which it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// The worker's own wasm.
    Program,
    /// The network's weights.
    Weights,
    /// The GPU's programs, which its driver compiles for the self-check: nothing of them arrives that could be counted.
    Kernels,
}

/// What the network says about one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Probability of each class, in the order of [`CLASSES`]; they sum to 1.
    pub probabilities: [f32; CLASS_COUNT],
    /// Whether the picture probably shows none of the classes.
    pub is_none: bool,
    /// Time from decoded pixels to probabilities, in milliseconds.
    pub milliseconds: f32,
    /// What the network saw: 32x32 RGB, interleaved, row by row (3,072 bytes).
    pub seen: Vec<u8>,
}

/// What the page asks of the worker.
///
/// While a run goes on, requests are answered between two of its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Choose a device and load a network; what is kept on this device is told too. A run that goes on is paused.
    Start {
        /// Which device the visitor asked for.
        device: DeviceChoice,
        /// Which network; none for [`NetworkName::FIRST_SHOWN`], or for another where that one's files are missing.
        network: Option<NetworkName>,
        /// Where each network's folder (`weights.safetensors`, `card.json`) is, named after it; ends in a slash.
        weights_url: String,
        /// Where the host may have CIFAR-10's files; ends in a slash.
        data_url: String,
    },
    /// Classify the picture in the file that travels beside this message, and watch it during runs.
    Classify {
        /// The picture's name in the answer.
        id: PictureId,
    },
    /// Watch these pictures no longer.
    Forget {
        /// Which.
        ids: Vec<PictureId>,
    },

    /// Find CIFAR-10: on the host, or else at the Hugging Face hub.
    FetchImages,
    /// Read CIFAR-10, or a part of it, from the file that travels beside this message.
    AddImages {
        /// The file's name.
        name: String,
    },
    /// End the fetching or reading that goes on.
    CancelImages,
    /// Forget CIFAR-10, in memory and on this device.
    DeleteImages,
    /// Choose ten test images of each class.
    Deal {
        /// Decides which.
        seed: u64,
    },
    /// Show single images.
    Show {
        /// Of which half.
        half: Split,
        /// Their numbers, at most 1,000.
        indices: Vec<u32>,
    },

    /// Begin a run; those that are kept stay.
    Train {
        /// What decides its course.
        settings: Settings,
        /// Which weights it starts from.
        start: StartingWeights,
    },
    /// Let the run wait.
    Pause,
    /// Let a run go on.
    Resume {
        /// Which of those that are kept; none for the one that waits.
        run: Option<RunId>,
    },
    /// End the run; its network answers.
    Stop,
    /// Let the shipped weights answer again; a run that goes on ends, and stays kept.
    Reset,
    /// Measure the network on the run's validation images now.
    Validate,
    /// Measure the network on all test images.
    Test,

    /// Make a file of the network or of the run.
    Export {
        /// Which.
        format: ExportFormat,
    },
    /// Take the network or the run in the file that travels beside this message.
    Import {
        /// The file's name.
        name: String,
    },

    /// Say which runs there are, as other tabs may have changed that.
    ListRuns,
    /// Tell the curves of a run.
    Curves {
        /// Which.
        run: RunId,
    },
    /// Call a run by another name.
    RenameRun {
        /// Which.
        run: RunId,
        /// The name; empty for none.
        name: String,
    },
    /// Make a file of a run, or a copy of a file that cannot be read.
    ExportItem(ShelfItem),
    /// Delete a run, or a file that cannot be read.
    DeleteItem(ShelfItem),

    /// Ask every network about the same picture, and say what each is; not while a run goes on.
    Compare {
        /// Which picture, if one was classified.
        id: Option<PictureId>,
    },

    /// Say something of the inside of the network that answers.
    Inspect(inspect::Question),

    /// Time steps of a run with these settings on the device that answers; not while a run goes on.
    Pace {
        /// The settings.
        settings: Settings,
    },
    /// Measure training steps on WebGPU, on the CPU, and on both.
    Race,
    /// End that.
    CancelRace,

    /// Time a training step of the run that these settings would give; not while a run goes on.
    TimeStep(Settings),

    /// Time something, for comparison with others.
    Benchmark(benchmark::Benchmark),
}

/// A request without its details: how an event names the request that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestKind {
    /// [`Request::Start`].
    Start,
    /// [`Request::Classify`].
    Classify,
    /// [`Request::Forget`].
    Forget,
    /// [`Request::FetchImages`].
    FetchImages,
    /// [`Request::AddImages`].
    AddImages,
    /// [`Request::CancelImages`].
    CancelImages,
    /// [`Request::DeleteImages`].
    DeleteImages,
    /// [`Request::Deal`].
    Deal,
    /// [`Request::Show`].
    Show,
    /// [`Request::Train`].
    Train,
    /// [`Request::Pause`].
    Pause,
    /// [`Request::Resume`].
    Resume,
    /// [`Request::Stop`].
    Stop,
    /// [`Request::Reset`].
    Reset,
    /// [`Request::Validate`].
    Validate,
    /// [`Request::Test`].
    Test,
    /// [`Request::Export`].
    Export,
    /// [`Request::Import`].
    Import,
    /// [`Request::ListRuns`].
    ListRuns,
    /// [`Request::Curves`].
    Curves,
    /// [`Request::RenameRun`].
    RenameRun,
    /// [`Request::ExportItem`].
    ExportItem,
    /// [`Request::DeleteItem`].
    DeleteItem,
    /// [`Request::Compare`].
    Compare,
    /// [`Request::Inspect`].
    Inspect,
    /// [`Request::Pace`].
    Pace,
    /// [`Request::Race`].
    Race,
    /// [`Request::CancelRace`].
    CancelRace,
    /// [`Request::TimeStep`].
    TimeStep,
    /// [`Request::Benchmark`].
    Benchmark,
}

impl Request {
    /// What it asks for, without the details.
    pub fn kind(&self) -> RequestKind {
        match self {
            Self::Start { .. } => RequestKind::Start,
            Self::Classify { .. } => RequestKind::Classify,
            Self::Forget { .. } => RequestKind::Forget,
            Self::FetchImages => RequestKind::FetchImages,
            Self::AddImages { .. } => RequestKind::AddImages,
            Self::CancelImages => RequestKind::CancelImages,
            Self::DeleteImages => RequestKind::DeleteImages,
            Self::Deal { .. } => RequestKind::Deal,
            Self::Show { .. } => RequestKind::Show,
            Self::Train { .. } => RequestKind::Train,
            Self::Pause => RequestKind::Pause,
            Self::Resume { .. } => RequestKind::Resume,
            Self::Stop => RequestKind::Stop,
            Self::Reset => RequestKind::Reset,
            Self::Validate => RequestKind::Validate,
            Self::Test => RequestKind::Test,
            Self::Export { .. } => RequestKind::Export,
            Self::Import { .. } => RequestKind::Import,
            Self::ListRuns => RequestKind::ListRuns,
            Self::Curves { .. } => RequestKind::Curves,
            Self::RenameRun { .. } => RequestKind::RenameRun,
            Self::ExportItem(_) => RequestKind::ExportItem,
            Self::DeleteItem(_) => RequestKind::DeleteItem,
            Self::Compare { .. } => RequestKind::Compare,
            Self::Inspect(_) => RequestKind::Inspect,
            Self::Pace { .. } => RequestKind::Pace,
            Self::Race => RequestKind::Race,
            Self::CancelRace => RequestKind::CancelRace,
            Self::TimeStep(_) => RequestKind::TimeStep,
            Self::Benchmark(_) => RequestKind::Benchmark,
        }
    }
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Bytes arrived.
    Loading {
        /// Of what.
        part: Part,
        /// How many so far.
        received_bytes: u64,
        /// How many there are, unless the server does not say or compresses.
        total_bytes: Option<u64>,
    },
    /// The network answers from now on.
    Ready {
        /// What computes.
        device: DeviceReport,
        /// What answers.
        network: NetworkSummary,
    },
    /// Other weights answer from now on.
    Answering {
        /// What answers.
        network: NetworkSummary,
    },
    /// The network's answer to one picture.
    Classified {
        /// Which picture.
        id: PictureId,
        /// The answer.
        prediction: Prediction,
    },
    /// A picture as it was decoded, of which the network sees a smaller square; told once, before the answer. It travels
    /// beside this message as a BMP file.
    Decoded {
        /// Which picture.
        id: PictureId,
    },
    /// One picture cannot be classified.
    Refused {
        /// Which picture.
        id: PictureId,
        /// A sentence for the visitor.
        reason: String,
    },
    /// Nothing can be classified any more.
    Failed {
        /// A sentence for the visitor.
        reason: String,
    },
    /// What was asked for could not be done; all is as before.
    NotDone {
        /// The request that this answers.
        asked: RequestKind,
        /// A sentence for the visitor.
        reason: String,
    },

    /// Where CIFAR-10 is; told at the start and at each change.
    Images(ImagesStatus),
    /// A file of images is on its way; ends with [`Event::Images`] or [`Event::FetchEnded`].
    Fetching {
        /// Where from: a host's name, or "your file".
        source: String,
        /// The file's name.
        file: String,
        /// What is done to it.
        stage: FetchStage,
        /// Bytes so far.
        received_bytes: u64,
        /// Bytes in all, where that is known.
        total_bytes: Option<u64>,
    },
    /// No more images are on their way.
    FetchEnded {
        /// The request that this answers: [`RequestKind::FetchImages`] or [`RequestKind::AddImages`].
        asked: RequestKind,
        /// Why there are none, as a sentence; none where the visitor ended it.
        reason: Option<String>,
    },
    /// Ten test images of each class, in the classes' order.
    Dealt {
        /// A hundred images, or fewer where the test images are few.
        images: Vec<DataImage>,
    },
    /// Single images.
    Shown {
        /// Of which half.
        half: Split,
        /// The images, in the order asked for.
        images: Vec<DataImage>,
    },

    /// How the run stands; told at each change.
    Run(RunStatus),
    /// Which runs are on the shelf; told at the start and at each change.
    Runs {
        /// Those that can be taken up, the one that was kept last first.
        runs: Vec<KeptRun>,
        /// What cannot be read.
        unreadable: Vec<UnreadableFile>,
    },
    /// All points of a run that is kept.
    Curves {
        /// Which run.
        run: RunId,
        /// Its curves, up to where it is kept.
        history: History,
    },
    /// Something that the visitor should know, and that changes nothing else.
    Notice {
        /// A sentence.
        sentence: String,
    },
    /// All points of a run that was resumed or imported, before those that come.
    History(History),
    /// New points of the curves, at most ten times a second.
    Progress {
        /// The new points, by step.
        points: Vec<CurvePoint>,
        /// Steps made.
        step: u64,
        /// Training images a second, over the last steps.
        images_per_sec: f32,
        /// Time left to the run's end, in seconds, as the last steps went.
        seconds_left: f32,
    },
    /// A measurement on the validation images.
    Validated(Validation),
    /// The test images that are watched during a run, told at its beginning.
    Strip {
        /// The images.
        images: Vec<DataImage>,
    },
    /// Fresh predictions of what is watched.
    Watched(Watched),
    /// The run is kept on this device up to this step.
    Checkpointed {
        /// Steps made then.
        step: u64,
        /// What it takes on this device.
        size_bytes: u64,
    },
    /// The run is not kept on this device, and goes on in memory.
    NotCheckpointed {
        /// A sentence for the visitor.
        reason: String,
    },
    /// How far the measurement on the test images is.
    Testing {
        /// Images done.
        done: u32,
        /// Images in all.
        total: u32,
    },
    /// What the network said of every test image.
    Tested(TestReport),

    /// A file was made; its bytes travel beside this message.
    Exported {
        /// A name for it.
        file_name: String,
    },

    /// The networks, oldest first.
    Compared {
        /// The picture that they were asked about.
        id: Option<PictureId>,
        /// What each is, and says.
        networks: Vec<Compared>,
    },

    /// What was found inside the network.
    Inspected(inspect::Inspected),

    /// How fast a run would learn.
    Paced {
        /// Of which settings.
        settings: Settings,
        /// Training images a second.
        images_per_sec: f32,
    },
    /// A setup of the experiment is being measured.
    Racing {
        /// Which.
        setup: Setup,
        /// Steps timed so far.
        step: u32,
    },
    /// A setup of the experiment was measured.
    Raced {
        /// Which.
        setup: Setup,
        /// How fast it is.
        measured: Measured,
    },
    /// The experiment is over.
    RaceEnded,
    /// A training step was timed.
    StepTimed {
        /// The settings that were asked about.
        settings: Settings,
        /// How long a step takes, in milliseconds.
        step_ms: f32,
    },

    /// What was timed, or why not, as a sentence.
    Benchmarked(Result<benchmark::Timings, String>),
}

/// A message that is not what the other side of this build sends.
#[derive(Debug, thiserror::Error)]
#[error("the page and its worker are from different builds: reload the page ({0})")]
pub struct DecodeError(#[from] postcard::Error);

/// The bytes of a message.
pub fn encode(message: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(message).expect("messages hold only types that postcard encodes")
}

/// The message in `bytes`.
///
/// # Errors
/// If `bytes` is not such a message.
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, DecodeError> {
    Ok(postcard::from_bytes(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Calibration, Doubted, LayerFacts, RunFacts, RunUse, Spec, WeightsOrigin};

    fn survives<M: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: M) {
        assert_eq!(decode::<M>(&encode(&message)).expect("just encoded"), message);
    }

    #[test]
    fn every_request_survives_the_way() {
        survives(Request::Start {
            device: DeviceChoice::WebGpu,
            network: Some(NetworkName::Tenfold2026),
            weights_url: "https://x/w/".into(),
            data_url: "d/".into(),
        });
        survives(Request::Classify { id: PictureId(7) });
        survives(Request::Train { settings: Settings::default(), start: StartingWeights::Current });
        survives(Request::Compare { id: None });
        survives(Request::TimeStep(NetworkName::Own.settings()));
        survives(Request::Resume { run: Some(RunId(u64::MAX)) });
        survives(Request::DeleteItem(ShelfItem::File("run.tenfold".into())));
        let view = inspect::View::Occlusion { first: 1, count: 15 };
        survives(Request::Inspect(inspect::Question { ticket: 3, pixels: vec![0, 255], view }));
        survives(Request::Show { half: Split::Test, indices: vec![0, 9_999] });
    }

    #[test]
    fn every_event_survives_the_way() {
        let network = NetworkSummary {
            name: NetworkName::Cui2017,
            title: "Cui 2017".into(),
            layers: Spec::shipped(NetworkName::Cui2017),
            parameters: 7_083_004,
            weights: WeightsOrigin::Shipped { test_accuracy: 70.5, data: "CIFAR-10".into() },
        };
        let compared = network.clone();
        let prediction =
            Prediction { probabilities: [0.1; CLASS_COUNT], is_none: true, milliseconds: 1.5, seen: vec![1, 2, 255] };
        survives(Event::Loading { part: Part::Weights, received_bytes: 1 << 40, total_bytes: None });
        survives(Event::Ready { device: DeviceReport::WebGpu { adapter: "SwiftShader".into() }, network });
        survives(Event::Classified { id: PictureId(u32::MAX), prediction });
        survives(Event::Refused { id: PictureId(0), reason: "Größer als das Blatt".into() });
        survives(Event::Failed { reason: String::new() });
        survives(Event::NotDone { asked: RequestKind::Compare, reason: "It does not fit".into() });
        let facts = RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step: 7,
            steps_per_epoch: 351,
            steps: 703,
        };
        survives(Event::Run(RunStatus::Ended { facts, how: End::Diverged { reason: "lower it".into() } }));
        let facts = RunFacts {
            settings: Settings::default(),
            start: StartingWeights::Scratch,
            step: 7,
            steps_per_epoch: 351,
            steps: 703,
        };
        let kept = KeptRun {
            id: RunId(3),
            name: Some("mine".into()),
            facts,
            accuracy: None,
            tested: Some((7, 0.5)),
            trained_secs: 12.5,
            kept_at_ms: 1_795_000_000_000,
            size_bytes: 1 << 33,
            usage: RunUse::Elsewhere,
            passed_over: None,
            not_kept: None,
        };
        survives(Event::Runs { runs: vec![kept], unreadable: Vec::new() });
        let point = CurvePoint { step: 10, loss: 2.3, accuracy: 0.1 };
        survives(Event::Progress { points: vec![point], step: 10, images_per_sec: 1e4, seconds_left: 60.0 });
        let layer = LayerFacts { name: "Dense".into(), output: vec![10], parameters: 3_850, multiply_adds: 3_840 };
        let opinion = Some(Opinion { probabilities: [0.1; CLASS_COUNT], is_none: false, milliseconds: 2.0 });
        let device = DeviceReport::Cpu { because: "the address asks for it".into() };
        let doubted = Doubted { kind: "noise".into(), pictures: 1_000, share: 0.98, auroc: 0.97 };
        let calibration = Some(Calibration {
            temperature: 0.5,
            fitted_on: 1_000,
            expected_error: 0.01,
            expected_error_before: 0.2,
            least_log_sum_exp: 4.5,
            kept: 0.95,
            others: vec![doubted],
        });
        let compared = Compared { network: compared, device, layers: vec![layer], calibration, opinion };
        survives(Event::Compared { id: Some(PictureId(1)), networks: vec![compared] });
        let map = inspect::Maps::of("Gradient".into(), [1, 2, 2], |_, row, column| row as f32 - column as f32);
        let found = inspect::Found::Heat(inspect::Heat { map, sum: 0.0, logit: -3.5 });
        let view = inspect::View::Gradient { class: 9 };
        survives(Event::Inspected(inspect::Inspected { ticket: 3, view, milliseconds: 1.5, found }));
        survives(Event::Raced { setup: Setup::Split, measured: Measured::Steps { count: 3, step_ms: 9.0 } });
    }

    #[test]
    fn a_message_of_another_build_is_refused() {
        assert!(decode::<Event>(&[250, 1, 2]).is_err());
        assert!(decode::<Request>(&[]).is_err());
    }
}

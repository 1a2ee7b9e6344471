//! The messages between page and worker.
//!
//! Each direction is one enum. Messages are encoded as [postcard](https://docs.rs/postcard) bytes, and transferred
//! between the threads, not copied. A file from the visitor travels beside [`Request::Classify`],
//! [`Request::AddImages`] or [`Request::Import`] as the browser's `File` handle, so that the page never holds its
//! bytes. A file that the worker makes travels beside [`Event::Exported`] or [`Event::Decoded`] as transferred bytes.

pub mod benchmark;
pub mod comparison;
pub mod images;
pub mod inspect;
pub mod training;

pub use comparison::{Compared, Opinion};
pub use images::{DataImage, FetchStage, ImagesStatus, Kept, TestReport};
pub use training::{End, ExportFormat, Measured, RunStatus, Setup, Watched};

use crate::domain::{
    CLASS_COUNT, CurvePoint, DeviceChoice, DeviceReport, History, KeptRun, NetworkName, NetworkSummary, Pairing, RunId,
    Settings, ShelfItem, Spec, Split, StartingWeights, UnreadableFile, Validation,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Identifies this build. A page and a worker of different builds may not understand each other.
pub const BUILD: &str = env!("TENFOLD_BUILD");

/// The most pictures that the worker answers together.
pub const ANSWERED_TOGETHER: usize = 16;

/// Identifies a picture within one visit; the page counts up from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PictureId(pub u32);

/// What the network needs before it can answer, in the order of loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// The worker's own wasm.
    Program,
    /// The network's weights.
    Weights,
    /// The GPU's programs. The driver compiles them for the self-check, without reporting progress.
    Kernels,
}

/// The network's answer to one picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Probability of each class, in the order of [`CLASSES`](crate::domain::CLASSES); they sum to 1.
    pub probabilities: [f32; CLASS_COUNT],
    /// Whether the picture probably shows none of the classes.
    pub is_none: bool,
    /// Time from decoded pixels to probabilities, in milliseconds. Pictures that are answered together share it equally.
    pub milliseconds: f32,
    /// What the network saw: 32x32 RGB, interleaved, row by row (3,072 bytes).
    pub seen: Vec<u8>,
}

/// A message from the page to the worker.
///
/// During a run, requests are answered between two steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Choose a device and load a network. The worker also reports the kept runs and images. A run in progress is
    /// paused.
    Start {
        /// The device that the visitor asked for.
        device: DeviceChoice,
        /// The network. None means [`NetworkName::FIRST_SHOWN`], or another one if the host lacks its files.
        network: Option<NetworkName>,
        /// The address of the folders of networks (`weights.safetensors`, `card.json`), each named after its network;
        /// ends in a slash.
        weights_url: String,
        /// The address at which the host may have CIFAR-10's files; ends in a slash.
        data_url: String,
    },
    /// Classify the picture in the file beside this message, and classify it again during runs.
    Classify {
        /// The picture's identifier, which the answer repeats.
        id: PictureId,
    },
    /// Stop classifying these pictures during runs.
    Forget {
        /// The pictures.
        ids: Vec<PictureId>,
    },

    /// Fetch CIFAR-10 from the host, or else from the Hugging Face hub.
    FetchImages,
    /// Read CIFAR-10, or a part of it, from the file beside this message.
    AddImages {
        /// The file's name.
        name: String,
    },
    /// Stop fetching or reading images.
    CancelImages,
    /// Delete CIFAR-10 from memory and from this device.
    DeleteImages,
    /// Choose ten test images of each class.
    Deal {
        /// Determines the choice.
        seed: u64,
    },
    /// Send single images.
    Show {
        /// The split.
        split: Split,
        /// Their indices within the split, at most 1,000.
        indices: Vec<u32>,
    },

    /// Start a run. Kept runs stay.
    Train {
        /// The run's settings.
        settings: Settings,
        /// The weights that it starts from.
        start: StartingWeights,
    },
    /// Pause the run.
    Pause,
    /// Resume a run.
    Resume {
        /// A kept run, or none for the paused one.
        run: Option<RunId>,
    },
    /// Change a setting of the run, from its next step on.
    Change {
        /// The setting, by its name in the address.
        name: String,
        /// The value, as the address has it.
        value: String,
    },
    /// End the run. Its network answers from then on.
    Stop,
    /// Use the shipped weights again. A run in progress ends, and is kept.
    Reset,
    /// Measure the network on the run's validation images.
    Validate,
    /// Measure the network on all test images.
    Test,

    /// Export the network or the run as a file.
    Export {
        /// The file format.
        format: ExportFormat,
    },
    /// Import the network or the run in the file beside this message.
    Import {
        /// The file's name.
        name: String,
        /// The network in the builder. Another program's weights may fit it.
        layers: Spec,
    },
    /// Load the weights whose [`Event::Fitted`] the visitor agreed to.
    LoadFitted,

    /// List the kept runs again, because other tabs may have changed them.
    ListRuns,
    /// Send the curves of a run.
    Curves {
        /// The run.
        run: RunId,
    },
    /// Rename a run.
    RenameRun {
        /// The run.
        run: RunId,
        /// The new name; empty for none.
        name: String,
    },
    /// Export a run, or a copy of an unreadable file.
    ExportItem(ShelfItem),
    /// Delete a run or an unreadable file.
    DeleteItem(ShelfItem),

    /// Classify a picture with every network, and describe the networks. Not available during training.
    Compare {
        /// The picture, if one was classified.
        id: Option<PictureId>,
    },

    /// Answer a question about the inside of the network.
    Inspect(inspect::Question),

    /// Time steps of a run with these settings on the device in use. Not available during training.
    Pace {
        /// The settings.
        settings: Settings,
    },
    /// Measure training steps on WebGPU, on the CPU, and on both.
    Race,
    /// Stop that measurement.
    CancelRace,

    /// Time a training step of a run with these settings. Not available during training.
    TimeStep(Settings),

    /// Run a benchmark, for comparison with other libraries.
    Benchmark {
        /// The layers of the network to time; none for the network that the worker was started with.
        layers: Option<Spec>,
        /// What to time.
        benchmark: benchmark::Benchmark,
    },
}

/// A request without its data. Events use it to say which request they answer.
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
    /// [`Request::Change`].
    Change,
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
    /// [`Request::LoadFitted`].
    LoadFitted,
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
    /// The kind of this request.
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
            Self::Change { .. } => RequestKind::Change,
            Self::Stop => RequestKind::Stop,
            Self::Reset => RequestKind::Reset,
            Self::Validate => RequestKind::Validate,
            Self::Test => RequestKind::Test,
            Self::Export { .. } => RequestKind::Export,
            Self::Import { .. } => RequestKind::Import,
            Self::LoadFitted => RequestKind::LoadFitted,
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
            Self::Benchmark { .. } => RequestKind::Benchmark,
        }
    }
}

/// A message from the worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// More bytes of a part have arrived.
    Loading {
        /// The part.
        part: Part,
        /// Bytes so far.
        received_bytes: u64,
        /// Bytes in all; none if the server does not say, or compresses.
        total_bytes: Option<u64>,
    },
    /// The network answers from now on.
    Ready {
        /// The device in use.
        device: DeviceReport,
        /// The network that answers.
        network: NetworkSummary,
    },
    /// Other weights answer from now on.
    Answering {
        /// The network that answers.
        network: NetworkSummary,
    },
    /// The network's answers to pictures that it saw together.
    Classified {
        /// Each picture with its answer.
        answers: Vec<(PictureId, Prediction)>,
    },
    /// Pictures as they were decoded, before they were cut to the squares that the network sees. Each comes once, before
    /// its answer, as a BMP file. The files are beside this message, one after the other.
    Decoded {
        /// Each picture with the length of its file in bytes.
        pictures: Vec<(PictureId, u32)>,
    },
    /// One picture cannot be classified.
    Refused {
        /// The picture.
        id: PictureId,
        /// A sentence for the visitor.
        reason: String,
    },
    /// No picture can be classified from now on.
    Failed {
        /// A sentence for the visitor.
        reason: String,
    },
    /// A request could not be served; everything is as before.
    NotDone {
        /// The request that this answers.
        asked: RequestKind,
        /// A sentence for the visitor.
        reason: String,
    },

    /// Whether CIFAR-10 is here; sent at the start and after each change.
    Images(ImagesStatus),
    /// A file of images is being fetched or read; [`Event::Images`] or [`Event::FetchEnded`] follows at the end.
    Fetching {
        /// The source: a host's name, or "your file".
        source: String,
        /// The file's name.
        file: String,
        /// What happens to the file.
        stage: FetchStage,
        /// Bytes so far.
        received_bytes: u64,
        /// Bytes in all, if known.
        total_bytes: Option<u64>,
    },
    /// Fetching or reading images has ended without success.
    FetchEnded {
        /// The request that this answers: [`RequestKind::FetchImages`] or [`RequestKind::AddImages`].
        asked: RequestKind,
        /// Why, as a sentence; none if the visitor cancelled it.
        reason: Option<String>,
    },
    /// Ten test images of each class, in the classes' order.
    Dealt {
        /// A hundred images, or fewer if there are few test images.
        images: Vec<DataImage>,
    },
    /// Single images.
    Shown {
        /// The split.
        split: Split,
        /// The images, in the order of the request.
        images: Vec<DataImage>,
    },

    /// The state of the run; sent after each change.
    Run(RunStatus),
    /// The kept runs; sent at the start and after each change.
    Runs {
        /// Runs that can be resumed, the most recently saved first.
        runs: Vec<KeptRun>,
        /// Files that cannot be read.
        unreadable: Vec<UnreadableFile>,
    },
    /// All points of a kept run.
    Curves {
        /// Which run.
        run: RunId,
        /// Its curves, up to its last saved state.
        history: History,
    },
    /// Something that the visitor should know, and that changes nothing.
    Notice {
        /// A sentence for the visitor.
        sentence: String,
    },
    /// All earlier points of a run that was resumed or imported; new points follow.
    History(History),
    /// New points of the curves, at most ten times a second.
    Progress {
        /// The new points, by step.
        points: Vec<CurvePoint>,
        /// Steps made.
        step: u64,
        /// Training images a second, over the last steps.
        images_per_sec: f32,
        /// Estimated time to the run's end, in seconds, from the last steps.
        seconds_left: f32,
    },
    /// A measurement on the validation images.
    Validated(Validation),
    /// The test images that are classified again and again during a run; sent at its start.
    Strip {
        /// The images.
        images: Vec<DataImage>,
    },
    /// New answers to the watched pictures.
    Watched(Watched),
    /// The run is saved on this device up to this step.
    Checkpointed {
        /// Steps done.
        step: u64,
        /// Its size on this device.
        size_bytes: u64,
    },
    /// The run could not be saved on this device, and goes on in memory.
    NotCheckpointed {
        /// A sentence for the visitor.
        reason: String,
    },
    /// Progress of the measurement on the test images.
    Testing {
        /// Images measured so far.
        done: u32,
        /// Images in all.
        total: u32,
    },
    /// The network's answers to all test images.
    Tested(TestReport),

    /// Another program's weights fit the network in the builder. [`Request::LoadFitted`] lets them answer.
    Fitted {
        /// A sentence on the file: "mine.safetensors has weights in the order of PyTorch."
        title: String,
        /// Which tensor becomes which parameter, in the network's order.
        pairings: Vec<Pairing>,
    },
    /// The worker made a file. Its bytes are beside this message.
    Exported {
        /// A name for the file.
        file_name: String,
    },

    /// The networks, oldest first.
    Compared {
        /// The picture that they were asked about.
        id: Option<PictureId>,
        /// Each network and its answer.
        networks: Vec<Compared>,
    },

    /// The answer to a question about the inside of the network.
    Inspected(inspect::Inspected),

    /// The speed of a run with these settings.
    Paced {
        /// The settings.
        settings: Settings,
        /// Training images a second.
        images_per_sec: f32,
    },
    /// The experiment is measuring a setup.
    Racing {
        /// The setup.
        setup: Setup,
        /// Steps timed so far.
        step: u32,
    },
    /// The experiment has timed a step of a setup, or cannot.
    Raced {
        /// The setup.
        setup: Setup,
        /// The mean of all its steps so far.
        measured: Measured,
    },
    /// The experiment has ended.
    RaceEnded,
    /// A training step was timed.
    StepTimed {
        /// The settings of the request.
        settings: Settings,
        /// Duration of a step, in milliseconds.
        step_ms: f32,
    },

    /// The result of a benchmark, or a sentence that says why there is none.
    Benchmarked(Result<benchmark::Timings, String>),
}

/// A message that cannot be decoded: the other side is probably of another build.
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
/// If `bytes` is not an encoded `M`.
pub fn decode<M: DeserializeOwned>(bytes: &[u8]) -> Result<M, DecodeError> {
    Ok(postcard::from_bytes(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Calibration, Doubted, LayerFacts, RunFacts, RunUse, WeightsOrigin};

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
        survives(Request::Change { name: "dropout".into(), value: "0.3".into() });
        survives(Request::Compare { id: None });
        survives(Request::Import { name: "mine.safetensors".into(), layers: Spec::shipped(NetworkName::Own) });
        survives(Request::TimeStep(NetworkName::Own.settings()));
        survives(Request::Resume { run: Some(RunId(u64::MAX)) });
        survives(Request::DeleteItem(ShelfItem::File("run.tenfold".into())));
        let view = inspect::View::Occlusion { first: 1, count: 15 };
        survives(Request::Inspect(inspect::Question { ticket: 3, pixels: vec![0, 255], view }));
        survives(Request::Show { split: Split::Test, indices: vec![0, 9_999] });
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
        survives(Event::Classified { answers: vec![(PictureId(u32::MAX), prediction)] });
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
        let [tensor, parameter, change] = ["0.bias, 10", "output.bias, 10", "as it is"].map(str::to_owned);
        let pairings = vec![Pairing { tensor, parameter, change }];
        survives(Event::Fitted { title: "mine.safetensors".into(), pairings });
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

//! Trains the shipped weights natively, with the training loop of the page, and measures them.

mod average;
mod calibrate;
mod outcome;
mod photographs;
mod progress;
mod ship;
mod storage;
mod teachers;
mod views;

use clap::{Args, FromArgMatches, Parser, Subcommand};
use progress::Reporter;
use ship::Training;
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};
use storage::{Checkpoint, TaughtBy};
use teachers::Teachers;
use tenfold::{
    checkpoint::{Logbook, write_weights},
    data::{FolderError, Normalisation, Seen, read_folder, read_strangers},
    device::{self, Opened},
    domain::{
        DeviceChoice, DeviceReport, History, NetworkName, Settings, StartingWeights,
        settings::table::{OPTIMISER, Refused, SETTINGS, Setting},
    },
    shelf::record::{digest, hex},
    spec::Spec,
    train::{Run, train_with},
};
use views::Views;

/// Trains a network on CIFAR-10, and measures it.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    train: Option<TrainArgs>,
}

#[derive(Subcommand)]
enum Command {
    /// Prints one JSON line: test accuracy, accuracy per class, confusion matrix, number of images.
    Evaluate {
        /// Folder of weights.safetensors and card.json.
        #[arg(long)]
        weights: PathBuf,
        /// Folder of CIFAR-10's binary batches.
        #[arg(long)]
        data: PathBuf,
    },
    /// Measures weights again and updates their card: accuracy, and calibration if training images were held back.
    Measure {
        /// Folder of weights.safetensors and card.json.
        #[arg(long)]
        weights: PathBuf,
        /// Folder of CIFAR-10's binary batches.
        #[arg(long)]
        data: PathBuf,
        /// CIFAR-100's test.bin: images of other things, to see how many of them are doubted.
        #[arg(long)]
        strangers: Option<PathBuf>,
        /// What the images are, for the model card; unchanged by default.
        #[arg(long)]
        data_title: Option<String>,
        /// Keep the card's temperature and threshold: for weights whose held-back images are not the last ones in DATA.
        #[arg(long)]
        keep_fit: bool,
    },
    /// Writes the SHA-256 of the weights to their card. Training, measuring and averaging do so anyway.
    Seal {
        /// Folder of weights.safetensors and card.json.
        #[arg(long)]
        weights: PathBuf,
    },
    /// Prints the accuracy of weights on a folder of photographs, and how often they doubt one.
    Photographs {
        /// Folder of photographs. The name of a file, or of a folder in it, begins with the class; other photographs
        /// are strangers.
        folder: PathBuf,
        /// Folder of weights.safetensors and card.json.
        #[arg(long, default_value = "assets/weights/tenfold2026")]
        weights: PathBuf,
    },
    /// Stores weights that another program trained in the format of the shipped ones, measures them, and writes their
    /// card.
    Ship {
        /// SafeTensors file that names its network and its normalisation, as training/train.py writes it.
        #[arg(long)]
        from: PathBuf,
        /// How they were trained, in a sentence.
        #[arg(long)]
        how: String,
        /// Number of training images that they were trained on: the first ones.
        #[arg(long, default_value_t = 49_000)]
        train_images: usize,
        /// The processor that they were trained on, for instance the name of a GPU.
        #[arg(long)]
        processor: String,
        /// Duration of the training, in seconds.
        #[arg(long)]
        wall_seconds: u64,
        /// Folder of CIFAR-10's binary batches.
        #[arg(long)]
        data: PathBuf,
        /// CIFAR-100's test.bin: images of other things, to see how many of them are doubted.
        #[arg(long)]
        strangers: Option<PathBuf>,
        /// What the images are, for the model card.
        #[arg(long, default_value = "CIFAR-10 as published")]
        data_title: String,
        /// Folder to write weights.safetensors and card.json to.
        #[arg(long)]
        out: PathBuf,
    },
    /// Averages several weights of one training run.
    Average {
        /// Folder of weights.safetensors and card.json; repeat it for each. The last one's card describes the training.
        #[arg(long, required = true)]
        weights: Vec<PathBuf>,
        /// Folder of CIFAR-10's binary batches.
        #[arg(long)]
        data: PathBuf,
        /// Folder to write weights.safetensors and card.json to.
        #[arg(long)]
        out: PathBuf,
    },
}

// The options that mean training. They are named here because a derived group that flattens another group is empty.
#[derive(Args)]
#[group(args = ["data", "out"])]
struct TrainArgs {
    /// Folder of CIFAR-10's binary batches.
    #[arg(long)]
    data: PathBuf,
    /// Folder to write weights.safetensors and card.json to.
    #[arg(long)]
    out: PathBuf,
    /// File to resume an interrupted run from; target/pretrain/NETWORK.safetensors by default.
    #[arg(long)]
    checkpoint: Option<PathBuf>,
    /// What the images are, for the model card.
    #[arg(long, default_value = "CIFAR-10 as published")]
    data_title: String,
    /// CIFAR-100's test.bin: images of other things, to see how many of them are doubted.
    #[arg(long)]
    strangers: Option<PathBuf>,
    /// The network to train: cui2017, tenfold2026, layers as in an address (flat-dense10), or a JSON file that lists
    /// layers. Settings that are not given are those of the network.
    #[arg(long, default_value = "cui2017", value_parser = network)]
    network: Spec,
    /// The device: cpu, or webgpu, which needs a build with `--features gpu`.
    #[arg(long, default_value = "cpu", value_parser = device_choice)]
    device: DeviceChoice,
    #[command(flatten)]
    settings: SettingOptions,
    /// Changes of settings during the run, as in an address: 231:dropout=0.3,400:flip=off.
    #[arg(long, default_value = "")]
    changes: String,
    /// Folder of weights to start from, instead of new ones.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Folder of weights whose answers the network learns from, beside the labels; repeat it for each, also to resume.
    #[arg(long)]
    teacher: Vec<PathBuf>,
    /// File of changed copies of the training images with another network's answers, as examples/views.py writes it. An
    /// epoch shows the copies instead of the images. Repeat it for each file, also to resume.
    #[arg(long)]
    views: Vec<PathBuf>,
}

/// An option for each setting. The defaults are those of the network and of the optimiser.
struct SettingOptions(Vec<(&'static Setting, String)>);

impl Args for SettingOptions {
    fn augment_args(command: clap::Command) -> clap::Command {
        SETTINGS.iter().fold(command, |command, setting| {
            let value_name = if setting.choices().is_empty() { "NUMBER" } else { "NAME" };
            command.arg(clap::Arg::new(setting.name).long(setting.name).value_name(value_name).help(setting.help))
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingOptions {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        let named = |setting: &'static Setting| Some((setting, matches.get_one::<String>(setting.name)?.clone()));
        Ok(Self(SETTINGS.iter().filter_map(named).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The network in `text`: a name, a line of layers, or the name of a JSON file.
fn network(text: &str) -> Result<Spec, String> {
    if let Some(network) = NetworkName::find(text) {
        return Ok(Spec::shipped(network));
    }
    let spec: Spec = if text.ends_with(".json") {
        let json = fs::read(text).map_err(|error| format!("{text} cannot be read ({error})"))?;
        serde_json::from_slice(&json).map_err(|error| format!("{text} lists no layers ({error})"))?
    } else {
        let names = NetworkName::ALL.map(NetworkName::id).join(" and ");
        text.parse().map_err(|error| format!("{error}; networks are {names}, layers, or a JSON file of them"))?
    };
    spec.places().map_err(|error| error.to_string())?;
    Ok(spec)
}

fn device_choice(name: &str) -> Result<DeviceChoice, String> {
    match name {
        "cpu" => Ok(DeviceChoice::Cpu),
        "webgpu" => Ok(DeviceChoice::WebGpu),
        _ => Err("devices are cpu and webgpu".into()),
    }
}

impl TrainArgs {
    fn checkpoint(&self) -> PathBuf {
        let Spec { network, .. } = self.network;
        // All networks of visitors have the same name; only their layers differ.
        let name = match network {
            NetworkName::Own => format!("own-{}", &hex(&digest(&[self.network.to_string().as_bytes()]))[..8]),
            shipped => shipped.id().into(),
        };
        self.checkpoint.clone().unwrap_or_else(|| format!("target/pretrain/{name}.safetensors").into())
    }

    /// The settings of these options.
    fn settings(&self) -> Result<Settings, Refused> {
        let name = self.network.network;
        let mut settings = name.settings().with_network(self.network.clone());
        for (setting, text) in &self.settings.0 {
            setting.set(&mut settings, text)?;
            if setting.name == OPTIMISER {
                settings.learning_rates = name.learning_rates(settings.optimiser);
            }
        }
        settings.changes.clone_from(&self.changes);
        Ok(settings)
    }
}

fn main() -> ExitCode {
    tenfold::device::keep_freed_memory();
    match execute(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The strangers in `file`; empty without a file.
fn read_strangers_at(file: Option<&Path>) -> Result<Vec<Seen>, FolderError> {
    file.map_or_else(|| Ok(Vec::new()), read_strangers)
}

/// Runs the command.
fn execute(cli: Cli) -> Result<(), Box<dyn Error>> {
    match (cli.command, cli.train) {
        (Some(Command::Evaluate { weights, data }), _) => {
            let evaluation = outcome::evaluate_folder(&weights, &data)?;
            println!("{}", serde_json::to_string(&evaluation)?);
            Ok(())
        }
        (Some(Command::Measure { weights, data, strangers, data_title, keep_fit }), _) => {
            let strangers = read_strangers_at(strangers.as_deref())?;
            pollster::block_on(outcome::measure_folder(&weights, &data, &strangers, data_title, keep_fit))
        }
        (Some(Command::Seal { weights }), _) => outcome::seal_folder(&weights),
        (Some(Command::Photographs { folder, weights }), _) => {
            pollster::block_on(photographs::measure(&weights, &folder))
        }
        (
            Some(Command::Ship { from, how, train_images, processor, wall_seconds, data, strangers, data_title, out }),
            _,
        ) => {
            let training = Training { how, train_images, data_title, wall_seconds, processor };
            let strangers = read_strangers_at(strangers.as_deref())?;
            pollster::block_on(ship::ship(&from, training, &data, &strangers, &out))
        }
        (Some(Command::Average { weights, data, out }), _) => {
            pollster::block_on(average::average(&weights, &data, &out))
        }
        (None, Some(args)) => pollster::block_on(pretrain(&args)),
        (None, None) => Err("name the folders: --data DIR --out DIR, or see --help".into()),
    }
}

/// Whether `other` is a visitor's own network, but not the one that is asked for.
fn is_other_own(other: &Spec, args: &TrainArgs) -> bool {
    other.network == NetworkName::Own && *other != args.network
}

/// Trains until the end or until Ctrl-C. At the end it writes the weights and their card.
async fn pretrain(args: &TrainArgs) -> Result<(), Box<dyn Error>> {
    let dataset = read_folder(&args.data)?;
    let Opened { device, report } = match args.device {
        DeviceChoice::Cpu => device::cpu("nothing else was asked for"),
        choice => device::open(choice, device::native_adapter().await).await?,
    };
    if let DeviceReport::WebGpu { adapter } = &report {
        eprintln!("Training on {adapter}");
    }
    // A run that continues from weights keeps their normalisation.
    let from = args.from.as_deref().map(|folder| outcome::read(folder, &device)).transpose()?;
    let specs = from.as_ref().map(|(classifier, ..)| classifier.network().spec());
    if let Some(other) = specs.filter(|other| other.network != args.network.network || is_other_own(other, args)) {
        let other = match other.network {
            NetworkName::Own => other.to_string(),
            shipped => shipped.id().into(),
        };
        return Err(format!("the weights to start from are of {other}; name --network {other}").into());
    }
    let normalisation =
        from.as_ref().map_or_else(|| Normalisation::of(&dataset.train), |(_, card, _)| card.normalisation);
    let teachers = Teachers::read(&args.teacher, normalisation, &device)?;
    let settings = args.settings()?;
    settings.check()?;
    let image_count = dataset.train.len();
    let views = Views::read(&args.views, &dataset.train, settings.train_images.min(image_count))?;
    let start = if from.is_some() { StartingWeights::Current } else { StartingWeights::Scratch };
    let image_digest = Some(hex(&dataset.train.digest()));
    let logbook = Logbook { start, normalisation, image_count, image_digest, history: History::default() };
    let taught_by = TaughtBy { teachers: teachers.settings.clone(), views: views.note() };
    let checkpoint = Checkpoint::at(&args.checkpoint(), logbook, taught_by.clone());
    let (mut run, earlier_seconds) = match checkpoint.load(&settings, &device)? {
        Some((run, seconds)) => {
            eprintln!("Resuming after step {} from {}", run.step, args.checkpoint().display());
            (run, seconds)
        }
        None => match &from {
            Some((classifier, ..)) => (Run::from_network(classifier.network().clone().train(), settings), 0),
            None => (Run::new(settings, &device), 0),
        },
    };
    run.check_batch()?;

    let start = Instant::now();
    let seconds = || earlier_seconds + start.elapsed().as_secs();
    let mut reporter = Reporter::new(&dataset, normalisation, &run, checkpoint, &seconds)?;
    train_with(&mut run, &views.of(&dataset.train), &normalisation, &teachers, &mut reporter).await?;
    let checkpoint = reporter.finish()?;
    if progress::interrupted() {
        checkpoint.save(&run, seconds()).await?;
        eprintln!("Stopped after step {}; the same command resumes from there.", run.step);
        return Ok(());
    }

    let weights = write_weights(run.network()).await?;
    let strangers = read_strangers_at(args.strangers.as_deref())?;
    let measured = outcome::measured(&weights, &run.settings, normalisation, &dataset, &strangers, None).await?;
    let mut card = outcome::card(&run, normalisation, measured, &args.data_title, seconds());
    card.teachers = taught_by.teachers;
    card.views = taught_by.views;
    if let DeviceReport::WebGpu { adapter } = report {
        card.processor = adapter;
    }
    if let Some((_, before, _)) = from {
        card.earlier = [before.earlier, vec![before.settings]].concat();
        card.wall_seconds += before.wall_seconds;
    }
    outcome::write(&args.out, &weights, &card)?;
    checkpoint.remove()?;
    outcome::print(&args.out, &card);
    Ok(())
}

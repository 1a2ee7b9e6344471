//! Trains the shipped weights natively, with the page's own loop, and measures them.

mod outcome;
mod progress;
mod storage;

use clap::{Args, Parser, Subcommand};
use progress::Reporter;
use std::{error::Error, path::PathBuf, time::Instant};
use storage::Checkpoint;
use tenfold::{
    checkpoint::{Logbook, read_weights, write_weights},
    data::{Normalisation, read_folder},
    infer::{Classifier, evaluate},
    model::{Cui2017Config, Device},
    protocol::{History, LearningRates, OptimiserChoice, Settings, Start},
    train::{Run, train},
};

/// Trains the network of Xu Cui's 2017 article on CIFAR-10, and measures it.
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
}

#[derive(Args)]
struct TrainArgs {
    /// Folder of CIFAR-10's binary batches.
    #[arg(long)]
    data: PathBuf,
    /// Folder to write weights.safetensors and card.json to.
    #[arg(long)]
    out: PathBuf,
    /// File that an interrupted run resumes from.
    #[arg(long, default_value = "target/pretrain/cui2017.safetensors")]
    checkpoint: PathBuf,
    /// What the images are, as the model card says it.
    #[arg(long, default_value = "CIFAR-10")]
    data_title: String,
    /// Passes over the training images.
    #[arg(long, default_value_t = Settings::default().epochs)]
    epochs: u32,
    /// Images a step.
    #[arg(long, default_value_t = Settings::default().batch_size)]
    batch_size: usize,
    /// Gradient descent with Nesterov momentum 0.9 instead of Adam.
    #[arg(long)]
    momentum: bool,
    /// Highest learning rate of the convolution; the optimiser's own, if not named.
    #[arg(long)]
    convolution_rate: Option<f64>,
    /// Highest learning rate of the dense layers; the optimiser's own, if not named.
    #[arg(long)]
    dense_rate: Option<f64>,
    /// Share of connections that dropout cuts (0.7 as in the article).
    #[arg(long, default_value_t = Settings::default().dropout_rate)]
    dropout_rate: f32,
    /// Largest shift of an image along each axis, in pixels.
    #[arg(long, default_value_t = Settings::default().shift_pixels)]
    shift_pixels: u8,
    /// Decides the initial weights, the order of images, their augmentation and dropout.
    #[arg(long, default_value_t = Settings::default().seed)]
    seed: u64,
    /// Train on the first N images only, to try a recipe.
    #[arg(long, default_value_t = Settings::default().train_images)]
    train_images: usize,
}

impl TrainArgs {
    fn optimiser(&self) -> OptimiserChoice {
        if self.momentum { OptimiserChoice::Momentum } else { OptimiserChoice::Adam }
    }

    fn settings(&self) -> Settings {
        let rates = self.optimiser().learning_rates();
        Settings {
            epochs: self.epochs,
            batch_size: self.batch_size,
            learning_rates: LearningRates {
                convolution: self.convolution_rate.unwrap_or(rates.convolution),
                dense: self.dense_rate.unwrap_or(rates.dense),
            },
            dropout_rate: self.dropout_rate,
            shift_pixels: self.shift_pixels,
            seed: self.seed,
            train_images: self.train_images,
            optimiser: self.optimiser(),
            ..Settings::default()
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    match (cli.command, cli.train) {
        (Some(Command::Evaluate { weights, data }), _) => {
            let evaluation = outcome::evaluate_folder(&weights, &data)?;
            println!("{}", serde_json::to_string(&evaluation)?);
            Ok(())
        }
        (None, Some(args)) => pollster::block_on(pretrain(&args)),
        (None, None) => Err("name the folders: --data DIR --out DIR, or see --help".into()),
    }
}

/// Trains to the end or to Ctrl-C, whichever is first; at the end writes the weights and their card.
async fn pretrain(args: &TrainArgs) -> Result<(), Box<dyn Error>> {
    let dataset = read_folder(&args.data)?;
    let normalisation = Normalisation::of(&dataset.train);
    let device = Device::flex();
    let settings = args.settings();
    settings.check()?;
    let image_count = dataset.train.len();
    let logbook = Logbook { start: Start::Scratch, normalisation, image_count, history: History::default() };
    let checkpoint = Checkpoint::at(&args.checkpoint, logbook);
    let (mut run, earlier_seconds) = match checkpoint.load(&settings, &device)? {
        Some((run, seconds)) => {
            eprintln!("Resuming after step {} from {}", run.step, args.checkpoint.display());
            (run, seconds)
        }
        None => (Run::new(Cui2017Config::default(), settings, &device), 0),
    };

    let start = Instant::now();
    let seconds = || earlier_seconds + start.elapsed().as_secs();
    let mut reporter = Reporter::new(&dataset, normalisation, &run, checkpoint, &seconds)?;
    train(&mut run, &dataset.train, &normalisation, &mut reporter).await?;
    let checkpoint = reporter.finish()?;
    if progress::interrupted() {
        checkpoint.save(&run, seconds()).await?;
        eprintln!("Stopped after step {}; the same command resumes from there.", run.step);
        return Ok(());
    }

    // Measured as stored: written, read back, then evaluated.
    let weights = write_weights(run.network()).await?;
    let shipped = Classifier::new(read_weights(&weights, &device)?, normalisation);
    let evaluation = evaluate(&shipped, &dataset.test, |_| ()).await?;
    let card = outcome::card(&run, normalisation, evaluation, &args.data_title, seconds());
    outcome::write(&args.out, &weights, &card)?;
    checkpoint.remove()?;
    println!("{}: {:.2}% of {} test images", args.out.display(), card.evaluation.test_accuracy, card.evaluation.images);
    Ok(())
}

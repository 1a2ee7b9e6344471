//! Files that the visitor exports or imports: weights, and whole runs.

use crate::{
    checkpoint::{
        Logbook, export_onnx, export_weights, read_snapshot, read_weights,
        snapshot::{read_facts, sealed},
        weights::read_normalisation,
        write_snapshot,
    },
    data::{IMAGE_LEN, Normalisation},
    domain::{NetworkName, ShelfItem, WeightsOrigin},
    engine::{host::Host, predictor::known_picture, session::Session},
    infer::{Classifier, ExecutionError},
    model::Network,
    protocol::{Event, ExportFormat, RequestKind},
    train::Run,
};
use burn::tensor::Device;

impl<H: Host> Session<H> {
    /// Makes a file of the answering network or of the last run. During a run, of `live`.
    pub(in crate::engine) async fn export(&mut self, format: ExportFormat, live: Option<(&Run, &Logbook)>) {
        match self.export_bytes(format, live).await {
            Ok((file_name, bytes)) => self.host.post_with(Event::Exported { file_name }, bytes),
            Err(reason) => self.host.refuse(RequestKind::Export, reason),
        }
    }

    async fn export_bytes(
        &mut self,
        format: ExportFormat,
        live: Option<(&Run, &Logbook)>,
    ) -> Result<(String, Vec<u8>), String> {
        let failed =
            |error: ExecutionError| format!("The file was not made, because the device failed ({error}). Try again.");
        match (format, live) {
            (ExportFormat::Weights | ExportFormat::Onnx, Some((run, logbook))) => {
                let bytes =
                    network_file(format, &run.network().valid(), &logbook.normalisation).await.map_err(failed)?;
                let network = run.network().name().id();
                Ok((format!("tenfold-{network}-step-{}.{}", run.step, extension(format)), bytes))
            }
            (ExportFormat::Weights | ExportFormat::Onnx, None) => {
                let predictor = self.predictor.as_ref().ok_or("There is no network to export yet.")?;
                let (network, normalisation) =
                    (predictor.classifier().network(), predictor.classifier().normalisation());
                let bytes = network_file(format, network, &normalisation).await.map_err(failed)?;
                let (id, extension) = (network.name().id(), extension(format));
                let name = match predictor.summary().weights {
                    WeightsOrigin::Trained { step } => format!("tenfold-{id}-step-{step}.{extension}"),
                    WeightsOrigin::Shipped { .. } | WeightsOrigin::Imported { .. } => {
                        format!("tenfold-{id}.{extension}")
                    }
                };
                Ok((name, bytes))
            }
            (ExportFormat::Run, Some((run, logbook))) => {
                let bytes = write_snapshot(run, logbook).await;
                let bytes = bytes.map_err(|because| format!("The file was not made, because {because}."))?;
                Ok((format!("step-{}.tenfold", run.step), sealed(&bytes).map_err(|error| error.to_string())?))
            }
            (ExportFormat::Run, None) => {
                let run = self.runs.last().ok_or("There is no run to export.")?;
                let made = self.runs.file_of(&ShelfItem::Run(run)).await;
                made.map_err(|because| format!("The file was not made, because {because}."))
            }
        }
    }

    /// Imports the network or the run in the visitor's `file`. If the file is not usable, nothing changes.
    pub(in crate::engine) async fn import(&mut self, name: &str, file: &H::File) {
        let bytes = match self.host.read(file).await {
            Ok(bytes) => bytes,
            Err(detail) => {
                return self.host.refuse(
                    RequestKind::Import,
                    format!("{name} cannot be read ({detail}); was it moved or deleted? Try again."),
                );
            }
        };
        if self.predictor.is_none() {
            return self.host.refuse(RequestKind::Import, "The network is not here yet; import the file once it is.");
        }
        let taken = match read_facts(&bytes) {
            // A run contains weights too, so a run is looked for first.
            Ok((facts, _)) => self.import_run(name, bytes, facts.settings.network).await,
            Err(_) => self.import_weights(name, &bytes).await,
        };
        match taken {
            Ok(()) => {}
            Err(Refusal::File(error)) => {
                self.host.refuse(RequestKind::Import, format!("{name} was not imported: {error}."))
            }
            Err(Refusal::Network(reason)) => {
                self.host.refuse(RequestKind::Import, format!("{name} was not imported. {reason}"))
            }
        }
    }

    async fn import_run(&mut self, name: &str, bytes: Vec<u8>, network: NetworkName) -> Result<(), Refusal> {
        // The file is checked before another network takes this one's place.
        let device = self.predictor.as_ref().expect("looked at before").device();
        let (run, logbook) = read_snapshot(&bytes, device).map_err(|error| Refusal::File(error.to_string()))?;
        check_answers(&Classifier::new(run.network().valid(), logbook.normalisation)).await?;
        self.switch_to(network).await.map_err(Refusal::Network)?;
        let predictor = self.predictor.as_mut().expect("looked at before");
        let (run, logbook) =
            read_snapshot(&bytes, predictor.device()).map_err(|error| Refusal::File(error.to_string()))?;
        let classifier = Classifier::new(run.network().valid(), logbook.normalisation);
        predictor.use_network(classifier, WeightsOrigin::Trained { step: run.step });
        let facts = logbook.facts(&run.settings, run.step);
        self.tell_network();
        let title = name.strip_suffix(".tenfold").unwrap_or(name).to_owned();
        if let Err(because) = self.runs.add(bytes, title, (facts, &logbook)).await {
            let sentence = format!("{name} is in memory only, because {because}. Export it before you close the page.");
            self.host.notice(sentence);
        }
        self.host.post(Event::History(logbook.history));
        self.runs.tell().await;
        Ok(())
    }

    async fn import_weights(&mut self, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
        let predictor = self.predictor.as_ref().expect("looked at before");
        let read = |otherwise: NetworkName, device: &Device| {
            read_weights(bytes, otherwise, device).map_err(|error| Refusal::File(error.to_string()))
        };
        // The file is checked before another network takes this one's place.
        let loaded = read(predictor.base(), predictor.device())?;
        let network = loaded.name();
        let normalisation = read_normalisation(bytes).map_err(|error| Refusal::File(error.to_string()))?;
        check_answers(&Classifier::new(loaded, normalisation.unwrap_or(predictor.shipped().normalisation()))).await?;
        self.switch_to(network).await.map_err(Refusal::Network)?;
        let predictor = self.predictor.as_mut().expect("looked at before");
        let read = read(network, predictor.device())?;
        let normalisation = normalisation.unwrap_or(predictor.shipped().normalisation());
        predictor.use_network(Classifier::new(read, normalisation), WeightsOrigin::Imported { file: name.into() });
        self.tell_network();
        Ok(())
    }
}

/// A file of `network` in a format without a run.
async fn network_file(
    format: ExportFormat,
    network: &Network,
    normalisation: &Normalisation,
) -> Result<Vec<u8>, ExecutionError> {
    match format {
        ExportFormat::Onnx => export_onnx(network, normalisation).await,
        ExportFormat::Weights | ExportFormat::Run => export_weights(network, normalisation).await,
    }
}

/// The ending of file names in this format.
fn extension(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Weights => "safetensors",
        ExportFormat::Onnx => "onnx",
        ExportFormat::Run => "tenfold",
    }
}

/// Refuses a network whose logits for any of some pictures are infinite or NaN.
async fn check_answers(classifier: &Classifier) -> Result<(), Refusal> {
    let pictures = [known_picture(), [0; IMAGE_LEN], [u8::MAX; IMAGE_LEN]];
    let failed = |error| Refusal::File(format!("the device failed ({error}); try again"));
    let logits = classifier.logits(&pictures).await.map_err(failed)?;
    if logits.as_flattened().iter().all(|logit| logit.is_finite()) {
        return Ok(());
    }
    Err(Refusal::File(
        "its answers are not finite, so its weights are damaged or too large; choose another file".into(),
    ))
}

/// Why a file was not imported.
enum Refusal {
    /// The file is not usable, for a reason that is a clause.
    File(String),
    /// Its network cannot be opened, for a reason that is a sentence.
    Network(String),
}

//! Files that the visitor exports or imports: weights, and whole runs.

use crate::{
    checkpoint::{
        Fit, Logbook, WeightsError, export_onnx, export_weights, read_snapshot, read_weights,
        snapshot::{read_facts, sealed},
        weights::{is_foreign, read_normalisation},
        write_snapshot,
    },
    data::{IMAGE_LEN, Normalisation},
    domain::{NetworkName, ShelfItem, WeightsOrigin},
    engine::{host::Host, predictor::known_picture, session::Session},
    infer::{Classifier, ExecutionError},
    model::{Network, Spec},
    protocol::{Event, ExportFormat, RequestKind},
    train::Run,
};
use burn::tensor::Device;

/// A file of weights that another program trained.
pub(in crate::engine) struct Foreign {
    /// Its name.
    name: String,
    bytes: Vec<u8>,
    /// The network that it fits.
    spec: Spec,
}

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

    /// Imports the network or the run in the visitor's `file`, or tells how another program's weights fit the network of
    /// `layers`. If the file is not usable, nothing changes.
    pub(in crate::engine) async fn import(&mut self, name: &str, file: &H::File, layers: Spec) {
        self.fitted = None;
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
            Err(_) => self.import_weights(name, bytes, layers).await,
        };
        self.tell_refusal(name, taken);
    }

    /// Says why the file `name` was refused, if it was.
    fn tell_refusal(&self, name: &str, taken: Result<(), Refusal>) {
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

    async fn import_weights(&mut self, name: &str, bytes: Vec<u8>, layers: Spec) -> Result<(), Refusal> {
        let predictor = self.predictor.as_ref().expect("looked at before");
        let read = |otherwise: NetworkName, device: &Device| read_weights(&bytes, otherwise, device);
        // The file is checked before another network takes this one's place.
        match read(predictor.base(), predictor.device()) {
            Ok(loaded) => {
                let network = loaded.name();
                let normalisation = self.check_network(loaded, &bytes).await?;
                self.let_answer(name, network, normalisation, |device| read(network, device)).await
            }
            Err(error) if is_foreign(&bytes, &error) => {
                let fit = Fit::of(&bytes, &layers)?;
                self.check_network(fit.network(predictor.device()), &bytes).await?;
                let title = format!("{name} has weights in the order of {}.", fit.layout.name());
                self.host.post(Event::Fitted { title, pairings: fit.pairings });
                self.fitted = Some(Foreign { name: name.into(), bytes, spec: layers });
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Lets the weights answer whose [`Event::Fitted`] the visitor agreed to, if they are still here.
    pub(in crate::engine) async fn load_fitted(&mut self) {
        let Some(Foreign { name, bytes, spec }) = self.fitted.take() else {
            return self.host.refuse(RequestKind::LoadFitted, "The file is not here any more; import it again.");
        };
        if self.predictor.is_none() {
            return self
                .host
                .refuse(RequestKind::LoadFitted, "The network is not here yet; import the file once it is.");
        }
        let taken = match (Fit::of(&bytes, &spec), read_normalisation(&bytes)) {
            (Ok(fit), Ok(normalisation)) => {
                self.let_answer(&name, spec.network, normalisation, |device| Ok(fit.network(device))).await
            }
            (Err(error), _) | (_, Err(error)) => Err(error.into()),
        };
        self.tell_refusal(&name, taken);
    }

    /// Checks that `network` gives finite logits. Returns the normalisation in its file, if there is one.
    async fn check_network(&self, network: Network, bytes: &[u8]) -> Result<Option<Normalisation>, Refusal> {
        let predictor = self.predictor.as_ref().expect("looked at before");
        let normalisation = read_normalisation(bytes)?;
        check_answers(&Classifier::new(network, normalisation.unwrap_or(predictor.shipped().normalisation()))).await?;
        Ok(normalisation)
    }

    /// Reads a network from the file `name` onto the predictor's device with `read`, and lets it answer.
    async fn let_answer(
        &mut self,
        name: &str,
        network: NetworkName,
        normalisation: Option<Normalisation>,
        read: impl Fn(&Device) -> Result<Network, WeightsError>,
    ) -> Result<(), Refusal> {
        self.switch_to(network).await.map_err(Refusal::Network)?;
        let predictor = self.predictor.as_mut().expect("looked at before");
        let normalisation = normalisation.unwrap_or(predictor.shipped().normalisation());
        let classifier = Classifier::new(read(predictor.device())?, normalisation);
        predictor.use_network(classifier, WeightsOrigin::Imported { file: name.into() });
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

impl From<WeightsError> for Refusal {
    fn from(error: WeightsError) -> Self {
        Self::File(error.to_string())
    }
}

/// Why a file was not imported.
enum Refusal {
    /// The file is not usable, for a reason that is a clause.
    File(String),
    /// Its network cannot be opened, for a reason that is a sentence.
    Network(String),
}

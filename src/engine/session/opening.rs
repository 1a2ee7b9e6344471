//! Brings a network onto a device. Its files are downloaded once. The CPU takes the place of a GPU that fails.

use super::Session;
use crate::{
    checkpoint::{CARD_FILE, Card, WEIGHTS_FILE},
    domain::{DeviceChoice, NetworkName},
    engine::{
        host::{FetchFailure, First, Host, NoAdapter, download, first},
        predictor::Predictor,
        shipped::is_whole,
    },
    protocol::{BUILD, Event, Part, Request},
};

/// The most bytes that a weights file may have.
const WEIGHTS_LIMIT_BYTES: usize = 64 << 20;
/// The most bytes that a model card may have.
const CARD_LIMIT_BYTES: usize = 1 << 20;

/// The longest wait for the WebGPU adapter.
const ADAPTER_MS: u32 = 10_000;
/// The wait before the second request for it.
const ADAPTER_PAUSE_MS: u32 = 500;

impl<H: Host> Session<H> {
    /// Downloads a network, lets it answer, and tells the page which images and runs are kept.
    pub(in crate::engine) async fn start(&mut self, device: DeviceChoice, network: Option<NetworkName>) {
        self.device_watch.note();
        self.others.clear();
        match self.open(device, network).await {
            Ok(predictor) => {
                self.host.post(predictor.ready());
                self.predictor = Some(predictor);
                let has_answered = self.answer_waiting().await;
                self.data_set.find().await;
                self.runs.adopt().await;
                self.runs.tell().await;
                if let Some(predictor) = self.predictor.as_ref().filter(|_| !has_answered) {
                    predictor.rehearse().await;
                }
            }
            Err(NotOpened::Failed(reason)) => self.host.post(Event::Failed { reason }),
            // The visitor made another choice, which is served next.
            Err(NotOpened::Ended) => {}
        }
    }

    /// Whether the network answers on a GPU that has stopped computing, and the CPU has not replaced it yet.
    pub(in crate::engine) fn is_to_fall_back(&self) -> bool {
        self.predictor.as_ref().is_some_and(Predictor::is_on_gpu) && self.device_watch.is_in_doubt()
    }

    /// Lets the CPU replace a GPU that has stopped computing, with the shipped weights, and answers the pictures that
    /// wait. Returns whether that worked.
    pub(in crate::engine) async fn fall_back(&mut self) -> bool {
        let because = match self.device_watch.lost() {
            Some(_) => "the GPU was lost",
            None => "the GPU failed",
        };
        self.device_watch.note();
        self.others.clear();
        let network = self.predictor.take().map(|predictor| predictor.base());
        match self.open(DeviceChoice::Cpu, network).await {
            Ok(mut predictor) => {
                predictor.explain(because);
                self.host.post(predictor.ready());
                self.predictor = Some(predictor);
                self.answer_waiting().await;
                self.runs.tell().await;
                true
            }
            Err(NotOpened::Failed(reason)) => {
                self.host.post(Event::Failed { reason });
                false
            }
            // The visitor made another choice, which is served next.
            Err(NotOpened::Ended) => false,
        }
    }

    /// A predictor of `network` on the device that `choice` asks for. Requests are served meanwhile; another choice
    /// ends the wait.
    ///
    /// Without a `network`, it is the first one whose files are there.
    pub(in crate::engine) async fn open(
        &mut self,
        choice: DeviceChoice,
        network: Option<NetworkName>,
    ) -> Result<Predictor, NotOpened> {
        let network = match network {
            Some(network) => {
                self.download(network).await.map_err(|unloaded| unloaded.of(network))?;
                network
            }
            None => self.download_first().await?,
        };
        let adapter = match (choice, self.device_watch.lost()) {
            (DeviceChoice::Cpu, _) => Err(String::new()),
            (_, Some(_)) => Err("the GPU was lost; reload the page to try it again".into()),
            (DeviceChoice::Auto | DeviceChoice::WebGpu, None) => {
                let host = self.host.clone();
                self.meanwhile(find_adapter(&*host), is_other_choice).await.ok_or(NotOpened::Ended)?
            }
        };
        if adapter.is_ok() {
            self.host.post(Event::Loading { part: Part::Kernels, received_bytes: 0, total_bytes: None });
        }
        let (card, weights) = &self.shipped.files[&network];
        let predictor = Predictor::start(choice, adapter, weights, card).await;
        if predictor.is_err() {
            // The files may be at fault.
            self.shipped.files.remove(&network);
        }
        predictor.map_err(|error| NotOpened::Failed(error.to_string()))
    }

    /// Lets `network` answer from now on with the shipped weights, unless it answers already. A visitor's own network
    /// has no shipped weights, so the predictor stays as it is.
    ///
    /// # Errors
    /// If that fails: a sentence for the visitor. Then nothing changes.
    pub(in crate::engine) async fn switch_to(&mut self, network: NetworkName) -> Result<(), String> {
        if self
            .predictor
            .as_ref()
            .is_some_and(|predictor| predictor.network() == network || network == NetworkName::Own)
        {
            return Ok(());
        }
        let predictor = self.open_like_now(network).await?;
        self.host.post(predictor.ready());
        self.predictor = Some(predictor);
        Ok(())
    }

    /// A predictor of `network` on the device that the visitor asked for, or on the CPU if the GPU was lost.
    ///
    /// # Errors
    /// If there is none: a sentence for the visitor.
    pub(in crate::engine) async fn open_like_now(&mut self, network: NetworkName) -> Result<Predictor, String> {
        let is_lost = self.device_watch.lost().is_some();
        let choice = if is_lost { DeviceChoice::Cpu } else { self.shipped.choice };
        let mut predictor = self.open(choice, Some(network)).await.map_err(NotOpened::into_reason)?;
        if is_lost {
            predictor.explain("the GPU was lost");
        }
        Ok(predictor)
    }

    /// Downloads the files of [`NetworkName::FIRST_SHOWN`], or of another network if those are missing or damaged.
    async fn download_first(&mut self) -> Result<NetworkName, NotOpened> {
        let first = NetworkName::FIRST_SHOWN;
        let Err(unloaded) = self.download(first).await else { return Ok(first) };
        let is_damaged = matches!(unloaded, Unloaded::Damaged);
        if is_damaged || matches!(unloaded, Unloaded::Failed(FetchFailure::Absent(_))) {
            for other in NetworkName::ALL.into_iter().filter(|&other| other != first) {
                match self.download(other).await {
                    Ok(()) => {
                        if is_damaged {
                            let (damaged, whole) = (first.title(), other.title());
                            let sentence = format!(
                                "The weights of {damaged} arrived damaged twice, so {whole} answers. Choose {damaged} at the \
                                 top to fetch them again."
                            );
                            self.host.notice(sentence);
                        }
                        return Ok(other);
                    }
                    Err(Unloaded::Ended) => return Err(NotOpened::Ended),
                    Err(Unloaded::Failed(_) | Unloaded::Damaged) => {}
                }
            }
        }
        Err(unloaded.of(first))
    }

    /// Downloads the files of `network`, unless they are here.
    async fn download(&mut self, network: NetworkName) -> Result<(), Unloaded> {
        if self.shipped.files.contains_key(&network) {
            return Ok(());
        }
        let mut files = self.download_pair(network, None).await?;
        if !is_whole(&files) {
            let sentence = format!("The weights of {} arrived damaged, and are fetched again.", network.title());
            self.host.notice(sentence);
            // A new address, so that a cache does not return the damaged file again.
            files = self.download_pair(network, Some(self.host.unix_ms())).await?;
        }
        if !is_whole(&files) {
            return Err(Unloaded::Damaged);
        }
        self.shipped.files.insert(network, files);
        Ok(())
    }

    /// The card and the weights of `network`. The card's address names this build, the weights' address their digest,
    /// so that no cache returns others. With `again`, a time, both addresses are new.
    async fn download_pair(
        &mut self,
        network: NetworkName,
        again: Option<u64>,
    ) -> Result<(Vec<u8>, Vec<u8>), Unloaded> {
        let folder = format!("{}{}/", self.shipped.url, network.id());
        let again = again.map_or_else(String::new, |at_ms| format!("&again={at_ms}"));
        let card = self.load(&format!("{folder}{CARD_FILE}?build={BUILD}{again}"), CARD_LIMIT_BYTES, false).await?;
        let digest = serde_json::from_slice::<Card>(&card).ok().and_then(|card| card.weights_sha256);
        let key = digest.map_or_else(|| format!("build={BUILD}"), |digest| format!("sha256={digest}"));
        let weights = self.load(&format!("{folder}{WEIGHTS_FILE}?{key}{again}"), WEIGHTS_LIMIT_BYTES, true).await?;
        Ok((card, weights))
    }

    /// The file at `url`. If `is_counted`, the page is told its progress. Requests are served meanwhile.
    async fn load(&mut self, url: &str, limit_bytes: usize, is_counted: bool) -> Result<Vec<u8>, Unloaded> {
        let host = self.host.clone();
        let tell = |received_bytes, total_bytes| {
            if is_counted {
                host.post(Event::Loading { part: Part::Weights, received_bytes, total_bytes });
            }
        };
        match self.meanwhile(download(&*host, url, limit_bytes, tell), is_other_choice).await {
            Some(loaded) => loaded.map_err(Unloaded::Failed),
            None => Err(Unloaded::Ended),
        }
    }
}

/// The description of the WebGPU adapter, or why there is none, as a clause. If the browser has no adapter or does not
/// answer, it is asked a second time: its GPU process may be restarting.
pub(in crate::engine) async fn find_adapter(host: &impl Host) -> Result<String, String> {
    let mut because = String::new();
    for _ in 0..2 {
        because = match first(host.adapter(), host.sleep(ADAPTER_MS)).await {
            First::A(Ok(adapter)) => return Ok(adapter),
            First::A(Err(NoAdapter::Never(because))) => return Err(because),
            First::A(Err(NoAdapter::NotNow(because))) => {
                host.sleep(ADAPTER_PAUSE_MS).await;
                because
            }
            First::B(()) => {
                let seconds = ADAPTER_MS / 1000;
                format!("the browser has not answered for {seconds} seconds when asked for a WebGPU adapter")
            }
        };
    }
    Err(because)
}

/// Whether the visitor chose another network or device.
fn is_other_choice(request: &Request) -> bool {
    matches!(request, Request::Start { .. })
}

/// Why a network's files are not here.
enum Unloaded {
    /// The download failed.
    Failed(FetchFailure),
    /// They came twice, and did not match their card.
    Damaged,
    /// The visitor chose another network or device before they came.
    Ended,
}

impl Unloaded {
    fn of(self, network: NetworkName) -> NotOpened {
        match self {
            Self::Failed(failure) => {
                let (title, reason) = (network.title(), failure.into_reason());
                NotOpened::Failed(format!("The weights of {title} could not be loaded. {reason} Try again."))
            }
            Self::Damaged => NotOpened::Failed(format!(
                "The weights of {} arrived damaged twice: their SHA-256 is not the one on their card. Try again, or choose \
                 another network at the top.",
                network.title()
            )),
            Self::Ended => NotOpened::Ended,
        }
    }
}

/// Why there is no predictor.
pub(in crate::engine) enum NotOpened {
    /// It failed, for a reason that is a sentence.
    Failed(String),
    /// The visitor chose another network or device meanwhile.
    Ended,
}

impl NotOpened {
    /// Why, as a sentence for the visitor.
    pub fn into_reason(self) -> String {
        match self {
            Self::Failed(reason) => reason,
            Self::Ended => "Another choice of network or device came first.".into(),
        }
    }
}

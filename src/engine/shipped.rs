//! The networks that come with the page: their files, downloaded once, and the engine that is made of one of them.

use super::{
    host::{FetchFailure, Host, Pieces},
    network::Engine,
    session::Session,
};
use crate::{
    checkpoint::{CARD_FILE, WEIGHTS_FILE},
    protocol::{DeviceChoice, Event, NetworkName, Part},
};
use std::collections::HashMap;

/// Most bytes that a weights file may have.
const WEIGHTS_LIMIT_BYTES: usize = 64 << 20;
/// Most bytes that a model card may have.
const CARD_LIMIT_BYTES: usize = 1 << 20;

/// Where the networks' files are, and those that are here.
#[derive(Default)]
pub(super) struct Shipped {
    /// Where each network's folder is; ends in a slash.
    pub url: String,
    /// The device that the visitor asked for.
    pub choice: DeviceChoice,
    /// The card and the weights of each network that was downloaded.
    files: HashMap<NetworkName, (Vec<u8>, Vec<u8>)>,
}

impl<H: Host> Session<H> {
    /// An engine of `network` on the device that `choice` asks for; an error is a sentence for the visitor.
    ///
    /// Where no network is chosen, it is the first one whose files are there.
    pub(super) async fn open(&mut self, choice: DeviceChoice, network: Option<NetworkName>) -> Result<Engine, String> {
        let network = match network {
            Some(network) => {
                self.download(network).await.map_err(|failure| not_loaded(network, failure))?;
                network
            }
            None => self.download_first().await?,
        };
        let adapter = match (choice, self.host.lost_device()) {
            (DeviceChoice::Cpu, _) => Err(String::new()),
            (_, Some(_)) => Err("the GPU was lost; reload the page to try it again".into()),
            (DeviceChoice::Auto | DeviceChoice::WebGpu, None) => self.host.adapter().await,
        };
        if adapter.is_ok() {
            self.host.post(Event::Loading { part: Part::Kernels, received_bytes: 0, total_bytes: None });
        }
        let (card, weights) = &self.shipped.files[&network];
        let engine = Engine::start(choice, adapter, weights, card).await.map_err(|error| error.to_string());
        if engine.is_err() {
            // They may be what is wrong.
            self.shipped.files.remove(&network);
        }
        engine
    }

    /// Lets `network` answer from now on, with the weights that came with the page, unless it answers already; an error is
    /// a sentence for the visitor, and then all is as before.
    pub(super) async fn switch_to(&mut self, network: NetworkName) -> Result<(), String> {
        if self.engine.as_ref().is_some_and(|engine| engine.network() == network) {
            return Ok(());
        }
        let engine = self.open_like_now(network).await?;
        self.host.post(engine.ready());
        self.engine = Some(engine);
        Ok(())
    }

    /// An engine of `network` on the device that the visitor asked for, as far as it is there; an error is a sentence.
    pub(super) async fn open_like_now(&mut self, network: NetworkName) -> Result<Engine, String> {
        let is_lost = self.host.lost_device().is_some();
        let choice = if is_lost { DeviceChoice::Cpu } else { self.shipped.choice };
        let mut engine = self.open(choice, Some(network)).await?;
        if is_lost {
            engine.explain("the GPU was lost");
        }
        Ok(engine)
    }

    /// Downloads the files of [`NetworkName::FIRST_SHOWN`], or of another network where they are missing.
    async fn download_first(&mut self) -> Result<NetworkName, String> {
        let first = NetworkName::FIRST_SHOWN;
        let Err(failure) = self.download(first).await else { return Ok(first) };
        if matches!(failure, FetchFailure::Absent(_)) {
            for other in NetworkName::ALL.into_iter().filter(|&other| other != first) {
                if self.download(other).await.is_ok() {
                    return Ok(other);
                }
            }
        }
        Err(not_loaded(first, failure))
    }

    /// Downloads the files of `network`, unless they are here.
    async fn download(&mut self, network: NetworkName) -> Result<(), FetchFailure> {
        if !self.shipped.files.contains_key(&network) {
            let folder = format!("{}{}/", self.shipped.url, network.id());
            let card = self.load(&format!("{folder}{CARD_FILE}"), CARD_LIMIT_BYTES, false).await?;
            let weights = self.load(&format!("{folder}{WEIGHTS_FILE}"), WEIGHTS_LIMIT_BYTES, true).await?;
            self.shipped.files.insert(network, (card, weights));
        }
        Ok(())
    }

    /// The file at `url`, whose bytes are counted for the page if `is_counted`.
    async fn load(&self, url: &str, limit_bytes: usize, is_counted: bool) -> Result<Vec<u8>, FetchFailure> {
        let mut pieces = self.host.fetch(url).await?;
        let total_bytes = pieces.total_bytes();
        let mut bytes = Vec::new();
        loop {
            if is_counted {
                let received_bytes = bytes.len() as u64;
                self.host.post(Event::Loading { part: Part::Weights, received_bytes, total_bytes });
            }
            match pieces.next().await? {
                Some(piece) if bytes.len() + piece.len() > limit_bytes => {
                    let reason = format!("{url} is larger than the {limit_bytes} bytes that it may have.");
                    return Err(FetchFailure::Broken(reason));
                }
                Some(piece) => bytes.extend_from_slice(&piece),
                None => return Ok(bytes),
            }
        }
    }
}

/// Why `network` cannot answer, as a sentence.
fn not_loaded(network: NetworkName, failure: FetchFailure) -> String {
    format!("The weights of {} could not be loaded. {} Try again.", network.title(), failure.into_reason())
}

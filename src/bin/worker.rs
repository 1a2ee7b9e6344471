//! The worker: all of Burn, behind the page's requests and the events that answer them.

#[cfg(target_family = "wasm")]
mod worker {
    use std::collections::VecDeque;
    use tenfold::{
        checkpoint::{CARD_FILE, WEIGHTS_FILE},
        engine::Engine,
        platform::{
            clock,
            download::{FetchError, fetch_bytes},
            gpu,
            worker_scope::{listen, post, read_blob},
        },
        protocol::{DeviceChoice, Event, Part, PictureId, Request},
    };
    use wasm_bindgen_futures::spawn_local;
    use web_sys::Blob;

    /// Most bytes that a weights file may have.
    const WEIGHTS_LIMIT_BYTES: u64 = 64 << 20;
    /// Most bytes that a model card may have.
    const CARD_LIMIT_BYTES: u64 = 1 << 20;

    /// Requests are answered one after the other, in the order in which they came.
    pub fn run() {
        let (sender, receiver) = async_channel::unbounded();
        listen(move |request, blob| {
            // The receiver lives as long as the worker.
            let _ = sender.try_send((request, blob));
        });
        spawn_local(async move {
            let mut engine = None;
            let mut waiting = VecDeque::new();
            while let Ok((request, blob)) = receiver.recv().await {
                match (request, blob) {
                    (Request::Start { device, weights_url }, _) => match start(device, &weights_url).await {
                        Ok(started) => {
                            post(&started.ready());
                            for (id, blob) in waiting.drain(..) {
                                classify(&started, id, &blob).await;
                            }
                            engine = Some(started);
                        }
                        Err(reason) => post(&Event::Failed { reason }),
                    },
                    (Request::Classify { id }, Some(blob)) => match &engine {
                        Some(engine) => classify(engine, id, &blob).await,
                        None => waiting.push_back((id, blob)),
                    },
                    (Request::Classify { id }, None) => {
                        post(&Event::Refused { id, reason: "The picture did not arrive; drop it again.".into() });
                    }
                }
            }
        });
    }

    /// Downloads the network and starts it; an error is a sentence for the visitor.
    async fn start(device: DeviceChoice, weights_url: &str) -> Result<Engine, String> {
        let failed = |error: FetchError| format!("The network's weights could not be loaded. {error} Try again.");
        let card_url = format!("{weights_url}{CARD_FILE}");
        let card = fetch_bytes(&card_url, CARD_LIMIT_BYTES, |_, _| ()).await.map_err(failed)?;
        let progress = |received_bytes, total_bytes| {
            post(&Event::Loading { part: Part::Weights, received_bytes, total_bytes });
        };
        let weights_url = format!("{weights_url}{WEIGHTS_FILE}");
        let weights = fetch_bytes(&weights_url, WEIGHTS_LIMIT_BYTES, progress).await.map_err(failed)?;
        let adapter = match device {
            DeviceChoice::Cpu => Err(String::new()),
            DeviceChoice::Auto | DeviceChoice::WebGpu => gpu::adapter().await,
        };
        Engine::start(device, adapter, &weights, &card).await.map_err(|error| error.to_string())
    }

    async fn classify(engine: &Engine, id: PictureId, blob: &Blob) {
        let event = match read_blob(blob).await {
            Ok(bytes) => engine.classify(id, &bytes, clock::now_ms).await,
            Err(detail) => {
                let reason = format!("The file cannot be read ({detail}); was it moved or deleted? Drop it again.");
                Event::Refused { id, reason }
            }
        };
        post(&event);
    }
}

#[cfg(target_family = "wasm")]
fn main() {
    tenfold::platform::constructors::run_once();
    worker::run();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("The worker runs in a browser: see `cargo xtask serve`.");
}

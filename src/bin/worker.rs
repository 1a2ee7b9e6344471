//! The worker: it runs the engine, with all of Burn, and connects it to the browser.

#[cfg(target_family = "wasm")]
mod worker {
    use tenfold::{
        engine::{FetchFailure, Host, Message, NoAdapter, Pieces, Session},
        model::tensors::deadline,
        platform::{
            clock,
            download::{Download, FetchError},
            gpu::{self, AdapterError},
            store::Store,
            worker_scope,
        },
        protocol::Event,
    };
    use wasm_bindgen_futures::spawn_local;
    use web_sys::Blob;

    /// Serves the page for the rest of the worker's life.
    pub fn run() {
        worker_scope::introduce();
        let (sender, inbox) = async_channel::unbounded();
        worker_scope::listen(move |request, file| {
            // The receiver lives as long as the worker.
            let _ = sender.try_send(Message { request, file });
        });
        deadline::count_seconds(|| Box::pin(worker_scope::sleep(1000)));
        spawn_local(Session::new(Browser { inbox, store: Store::default() }).serve());
    }

    /// The browser as the engine's host.
    struct Browser {
        inbox: async_channel::Receiver<Message<Blob>>,
        store: Store,
    }

    /// A file that the browser is downloading or reading.
    struct BrowserPieces(Download);

    impl Pieces for BrowserPieces {
        fn total_bytes(&self) -> Option<u64> {
            self.0.total_bytes()
        }

        async fn next(&mut self) -> Result<Option<Vec<u8>>, FetchFailure> {
            let piece = self.0.next().await.map_err(failure)?;
            Ok(piece.map(|piece| piece.to_vec()))
        }
    }

    /// A missing file is looked for in other places; a broken download is not.
    fn failure(error: FetchError) -> FetchFailure {
        let reason = error.to_string();
        match error {
            FetchError::Truncated { .. } => FetchFailure::Broken(reason),
            FetchError::Busy { wait_secs, .. } => FetchFailure::Later { reason, wait_secs },
            _ => FetchFailure::Absent(reason),
        }
    }

    impl Host for Browser {
        type File = Blob;
        type Pieces = BrowserPieces;
        type Files = Store;

        fn post(&self, event: Event) {
            worker_scope::post(&event);
        }

        fn post_with(&self, event: Event, bytes: Vec<u8>) {
            worker_scope::post_with(&event, &bytes);
        }

        fn now_ms(&self) -> f64 {
            clock::now_ms()
        }

        async fn receive(&self) -> Option<Message<Blob>> {
            self.inbox.recv().await.ok()
        }

        fn try_receive(&self) -> Option<Message<Blob>> {
            self.inbox.try_recv().ok()
        }

        async fn breathe(&self) {
            worker_scope::breathe().await;
        }

        async fn sleep(&self, milliseconds: u32) {
            worker_scope::sleep(milliseconds).await;
        }

        fn lost_device(&self) -> Option<String> {
            gpu::lost()
        }

        async fn adapter(&self) -> Result<String, NoAdapter> {
            gpu::adapter().await.map_err(|error| {
                let because = error.to_string();
                match error {
                    AdapterError::Insecure | AdapterError::Unknown => NoAdapter::Never(because),
                    AdapterError::NoneOffered | AdapterError::Refused(_) => NoAdapter::NotNow(because),
                }
            })
        }

        async fn read(&self, file: &Blob) -> Result<Vec<u8>, String> {
            worker_scope::read_blob(file).await
        }

        fn open(&self, name: &str, file: &Blob) -> BrowserPieces {
            BrowserPieces(Download::of_blob(name, file))
        }

        fn fetch(&self, url: &str) -> BrowserPieces {
            BrowserPieces(Download::begin(url))
        }

        fn files(&self) -> &Store {
            &self.store
        }

        fn unique(&self) -> u64 {
            clock::random()
        }

        fn unix_ms(&self) -> u64 {
            clock::unix_ms()
        }
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

//! The functions of `?benchmark`, which replace the page: they time the network in its worker, for comparison with
//! other libraries.

use std::cell::RefCell;
use std::rc::Rc;

use crate::domain::decimal;
use crate::platform::{
    bench::{self, Answers, Promise},
    page,
    worker_client::{Report, WorkerClient},
};
use crate::{
    domain::NetworkName,
    protocol::{Event, Request, benchmark::Benchmark},
};

use super::edge::{DATA_PATH, WEIGHTS_PATH};
use super::plan::Plan;

/// The momentum if the address does not name one.
const MOMENTUM: f32 = 0.9;

/// Starts the worker and offers `benchmark`, `benchmarkInference`, `checkLosses`, `checkLogits`, `firstPrediction` and
/// `peerInfo`. The address may set `network=` (by default the article's) or `layers=`, and `momentum=`.
pub fn mount() {
    // The page shows nothing that moves while it is timed.
    page::show_only("This page is timed by script: see window.benchmark.");
    let answers = Answers::default();
    let client: Rc<RefCell<Option<WorkerClient>>> = Rc::default();
    let ask = {
        let (answers, client) = (answers.clone(), client.clone());
        // A network of layers that the address has is timed in place of one that came with the page.
        let layers = Plan::from_query(page::query).0.settings.layers;
        move |benchmark: Benchmark| {
            let layers = layers.clone();
            let promise = answers.promise();
            if let Some(client) = &*client.borrow() {
                client.send(&Request::Benchmark { layers, benchmark }, None);
            }
            promise
        }
    };
    let on_report = {
        let ask = ask.clone();
        move |report| match report {
            Report::Event(Event::Benchmarked(timed)) => answers.settle(timed.as_ref().map_err(String::as_str)),
            Report::Event(Event::Ready { device, .. }) => {
                let badge = super::words::badge(&device);
                bench::offer("peerInfo", move |_| bench::promise_of("device", &badge));
                offer(&ask);
            }
            Report::Event(Event::Failed { reason }) => bench::offer_value("__error", &reason.into()),
            Report::Died { detail } => bench::offer_value("__error", &detail.into()),
            Report::OtherBuild => bench::offer_value("__error", &super::edge::OTHER_BUILD.into()),
            Report::Event(_) | Report::Made { .. } | Report::Decoded { .. } => {}
        }
    };
    match WorkerClient::spawn(on_report) {
        Ok(worker) => {
            let device = Plan::from_query(page::query).0.device;
            // The default network of the other libraries' pages.
            let network = page::query("network").and_then(|id| NetworkName::find(&id)).or(Some(NetworkName::Cui2017));
            let (weights_url, data_url) = (page::resolve(WEIGHTS_PATH), page::resolve(DATA_PATH));
            worker.send(&Request::Start { device, network, weights_url, data_url }, None);
            client.replace(Some(worker));
        }
        Err(detail) => bench::offer_value("__error", &detail.into()),
    }
}

/// The momentum in the address.
fn momentum() -> f32 {
    page::query("momentum").and_then(|text| decimal(&text)).map_or(MOMENTUM, |momentum| momentum as f32)
}

fn offer(ask: &(impl Fn(Benchmark) -> Promise + Clone + 'static)) {
    let first = ask(Benchmark::FirstAnswer);
    bench::offer_value("firstPrediction", &bench::time_of(first));
    let train = ask.clone();
    bench::offer("benchmark", move |options| {
        train(Benchmark::Training {
            batch: options.number("batch", 128),
            steps: options.number("steps", 1),
            steps_per_read: if options.says("sync", "pipelined") { 5 } else { 1 },
            dropout: options.is("dropout", true),
            momentum: momentum(),
        })
    });
    let infer = ask.clone();
    bench::offer("benchmarkInference", move |options| {
        infer(Benchmark::Inference { batch: options.number("batch", 1), repetitions: options.number("reps", 1) })
    });
    let losses = ask.clone();
    bench::offer("checkLosses", move |options| {
        losses(Benchmark::Losses {
            batch: options.number("batch", 128),
            steps: options.number("n", 3),
            momentum: momentum(),
        })
    });
    let logits = ask.clone();
    bench::offer("checkLogits", move |options| logits(Benchmark::Logits { batch: options.number("batch", 4) }));
}

//! Serves the page's requests, one after the other.

use super::{
    host::{Host, Message, not_arrived},
    session::Session,
};
use crate::protocol::{Event, Request, RequestKind, RunStatus};
use std::ops::ControlFlow;

impl<H: Host> Session<H> {
    /// Serves requests until no more can come.
    pub async fn serve(mut self) {
        while let Some(message) = self.receive().await {
            if let ControlFlow::Break(message) = self.answer(message, None).await {
                self.begin(message).await;
            }
            if self.is_to_fall_back() {
                self.fall_back().await;
            }
        }
    }

    /// Carries out a request that takes time and needs the device for itself.
    async fn begin(&mut self, Message { request, file }: Message<H::File>) {
        match (request, file) {
            (Request::Start { device, network, weights_url, data_url }, _) => {
                self.data_set.url = data_url;
                self.shipped.url = weights_url;
                self.shipped.choice = device;
                self.start(device, network).await;
            }
            (Request::DeleteImages, _) => {
                self.cancel_images();
                self.data_set.delete().await;
            }
            (Request::Train { settings, start }, _) => self.begin_run(settings, start).await,
            (Request::Resume { run: Some(run) }, _) => self.resume(run).await,
            (Request::Reset, _) => self.reset(),
            (Request::Validate, _) => {
                self.host.refuse(RequestKind::Validate, "Only a run in progress can be validated.");
            }
            (Request::Test, _) => {
                self.test().await;
            }
            (Request::Export { format }, _) => self.export(format, None).await,
            (Request::Import { name, layers }, Some(file)) => self.import(&name, &file, layers).await,
            (Request::Import { name, .. }, None) => self.host.refuse(RequestKind::Import, not_arrived(&name)),
            (Request::LoadFitted, _) => self.load_fitted().await,
            (Request::Compare { id }, _) => self.compare(id).await,
            (Request::Pace { settings }, _) => self.pace(settings).await,
            (Request::Race, _) => self.race().await,
            (Request::TimeStep(settings), _) => self.time_step(settings).await,
            (Request::Benchmark { layers, benchmark }, _) => self.benchmark(layers, benchmark).await,
            // The task that these would end has ended by itself.
            (
                Request::Pause
                | Request::Resume { run: None }
                | Request::Change { .. }
                | Request::Stop
                | Request::CancelRace,
                _,
            ) => {}
            (
                Request::Classify { .. }
                | Request::Forget { .. }
                | Request::Deal { .. }
                | Request::Show { .. }
                | Request::FetchImages
                | Request::AddImages { .. }
                | Request::CancelImages
                | Request::Inspect(_)
                | Request::ListRuns
                | Request::Curves { .. }
                | Request::RenameRun { .. }
                | Request::ExportItem(_)
                | Request::DeleteItem(_),
                _,
            ) => unreachable!("served at any time"),
        }
    }

    /// Lets the shipped weights answer again.
    fn reset(&mut self) {
        self.host.post(Event::Run(RunStatus::None));
        if let Some(predictor) = &mut self.predictor {
            predictor.use_shipped();
        }
        self.tell_network();
    }
}

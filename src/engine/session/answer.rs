//! Serves the requests that can be served at any time, even between two steps of a run.

use super::Session;
use crate::{
    engine::{
        host::{Host, Message, not_arrived},
        predictor::{Predictor, classify},
    },
    infer::{Classifier, ExecutionError},
    protocol::{Event, PictureId, Request, RequestKind},
};
use std::ops::ControlFlow;

/// The most images that one request can show.
const SHOWN_LIMIT: usize = 1000;

impl<H: Host> Session<H> {
    /// Serves a message that can be served at any time, and returns any other. With `live`, that network answers
    /// instead of the predictor's.
    pub(in crate::engine) async fn answer(
        &mut self,
        message: Message<H::File>,
        live: Option<&Classifier>,
    ) -> ControlFlow<Message<H::File>> {
        let Message { request, file } = message;
        match (request, file) {
            (Request::Classify { id }, Some(file)) => match (live, &self.predictor) {
                (Some(live), _) => {
                    // If the device fails, the run notices it too. The picture is asked about again afterwards.
                    if self.classify(live, id, &file).await.is_err() {
                        self.device_watch.has_failed = true;
                        self.pictures.postpone(id, file);
                    }
                }
                (None, Some(_)) if !self.is_to_fall_back() => self.classify_and_prepare(id, file).await,
                (None, _) => self.pictures.postpone(id, file),
            },
            (Request::Classify { id }, None) => {
                let reason = "The picture did not arrive; drop it again.".into();
                self.host.post(Event::Refused { id, reason });
            }
            (Request::Forget { ids }, _) => self.pictures.forget(&ids),
            // During a run there is not enough memory to read a file of images.
            (Request::FetchImages, _) if live.is_none() => self.data_set.fetch().await,
            (Request::AddImages { name }, Some(file)) if live.is_none() => self.data_set.read(name, file),
            (Request::AddImages { name }, None) => self.host.refuse(RequestKind::AddImages, not_arrived(&name)),
            (Request::CancelImages, _) => self.cancel_images(),
            (Request::Deal { seed }, _) => self.data_set.deal(seed).await,
            (Request::Show { split, mut indices }, _) => {
                indices.truncate(SHOWN_LIMIT);
                match self.data_set.show(split, &indices).await {
                    Ok(images) => self.host.post(Event::Shown { split, images }),
                    Err(reason) => self.data_set.refuse(RequestKind::Show, reason),
                }
            }
            (Request::Inspect(question), _) => {
                let classifier = live.or(self.predictor.as_ref().map(Predictor::classifier));
                let (pictures, data_set) = (&self.pictures, &mut self.data_set);
                let answered = self.inspection.answer(question, classifier, live.is_some(), pictures, data_set).await;
                // The next task notices that the device has failed.
                self.device_watch.has_failed |= answered.is_err();
            }
            (Request::ListRuns, _) => self.runs.tell().await,
            (Request::Curves { run }, _) => self.runs.tell_curves(run).await,
            (Request::RenameRun { run, name }, _) => self.runs.rename(run, name).await,
            (Request::ExportItem(item), _) => self.runs.export(&item).await,
            (Request::DeleteItem(item), _) => self.runs.delete(&item).await,
            (request, file) => return ControlFlow::Break(Message { request, file }),
        }
        ControlFlow::Continue(())
    }

    /// Answers the pictures that wait for a network. Returns whether there were any.
    pub(in crate::engine) async fn answer_waiting(&mut self) -> bool {
        let waiting = self.pictures.take_waiting();
        let has_some = !waiting.is_empty();
        for (id, file) in waiting {
            self.classify_and_prepare(id, file).await;
        }
        has_some
    }

    /// Lets the predictor answer. Once the answer is posted, it prepares for more answers.
    async fn classify_and_prepare(&mut self, id: PictureId, file: H::File) {
        let predictor = self.predictor.as_ref().expect("there is a network");
        let (classifier, is_on_gpu) = (predictor.classifier().clone(), predictor.is_on_gpu());
        match self.classify(&classifier, id, &file).await {
            Ok(true) => self.predictor.as_mut().expect("it just answered").prepare().await,
            Ok(false) => {}
            // The CPU will answer instead.
            Err(_) if is_on_gpu => {
                self.device_watch.has_failed = true;
                self.pictures.postpone(id, file);
            }
            Err(error) => {
                let reason = format!("The device stopped computing ({error}). Reload the page to try again.");
                self.host.post(Event::Failed { reason });
            }
        }
    }

    /// Posts `classifier`'s answer to a picture, or why there is none. Returns whether there is an answer.
    ///
    /// # Errors
    /// If the device fails; then nothing is posted.
    async fn classify(
        &mut self,
        classifier: &Classifier,
        id: PictureId,
        file: &H::File,
    ) -> Result<bool, ExecutionError> {
        let event = match self.pictures.look(id, file).await {
            Ok(seen) => classify(classifier, id, seen, || self.host.now_ms()).await?,
            Err(reason) => Event::Refused { id, reason },
        };
        let has_answered = matches!(event, Event::Classified { .. });
        self.host.post(event);
        Ok(has_answered)
    }
}

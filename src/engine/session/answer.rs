//! Serves the requests that can be served at any time, even between two steps of a run.

use super::Session;
use crate::{
    engine::{
        host::{Host, Message, not_arrived},
        pictures::Asked,
        predictor::{Predictor, classify},
    },
    infer::{Classifier, ExecutionError},
    protocol::{ANSWERED_TOGETHER, Event, Request, RequestKind},
};
use std::ops::ControlFlow;

/// The most images that one request can show.
const SHOWN_LIMIT: usize = 1000;

impl<H: Host> Session<H> {
    /// Serves `message` if it can be served at any time, and returns it otherwise. `live`, if given, answers instead of
    /// the predictor's network.
    ///
    /// If `message` is about a picture, messages about pictures that follow it directly are served with it. Then the
    /// message after those is served or returned.
    pub(in crate::engine) async fn answer(
        &mut self,
        message: Message<H::File>,
        live: Option<&Classifier>,
    ) -> ControlFlow<Message<H::File>> {
        match message {
            Message { request: Request::Classify { id }, file: Some(file) } => {
                let (asked, next) = self.gather(Asked { id, file }).await;
                self.answer_pictures(asked, live).await;
                match next {
                    Some(next) => self.answer_other(next, live).await,
                    None => ControlFlow::Continue(()),
                }
            }
            other => self.answer_other(other, live).await,
        }
    }

    /// As [`answer`](Self::answer), for a message that brings no picture.
    async fn answer_other(
        &mut self,
        message: Message<H::File>,
        live: Option<&Classifier>,
    ) -> ControlFlow<Message<H::File>> {
        let Message { request, file } = message;
        match (request, file) {
            (Request::Classify { id }, _) => {
                let reason = "The picture did not arrive; drop it again.".into();
                self.host.post(Event::Refused { id, reason });
            }
            (Request::Forget { ids }, _) => self.pictures.forget(&ids),
            // A run decides about these itself: there may not be enough memory for its images and others.
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

    /// `first` and the pictures of the messages directly after it, at most [`ANSWERED_TOGETHER`] in all. Also the
    /// message after those, if it has come and brings no picture.
    async fn gather(&mut self, first: Asked<H::File>) -> (Vec<Asked<H::File>>, Option<Message<H::File>>) {
        self.host.breathe().await;
        let mut asked = vec![first];
        while asked.len() < ANSWERED_TOGETHER {
            match self.inbox.try_receive() {
                Some(Message { request: Request::Classify { id }, file: Some(file) }) => asked.push(Asked { id, file }),
                other => return (asked, other),
            }
        }
        (asked, None)
    }

    /// Lets `live`, or else the predictor, answer the pictures in `asked`. If it cannot, they wait.
    async fn answer_pictures(&mut self, mut asked: Vec<Asked<H::File>>, live: Option<&Classifier>) {
        match (live, &self.predictor) {
            (Some(live), _) => {
                // If the device fails, the run notices it too. Another network answers the pictures afterwards.
                if self.classify(live, &mut asked).await.is_err() {
                    self.device_watch.has_failed = true;
                    self.pictures.postpone(asked);
                }
            }
            (None, Some(_)) if !self.is_to_fall_back() => self.classify_and_prepare(asked).await,
            (None, _) => self.pictures.postpone(asked),
        }
    }

    /// Answers the pictures that wait for a network. Returns whether there were any.
    pub(in crate::engine) async fn answer_waiting(&mut self) -> bool {
        let waiting = self.pictures.take_waiting();
        let has_some = !waiting.is_empty();
        if has_some {
            self.classify_and_prepare(waiting).await;
        }
        has_some
    }

    /// Lets the predictor answer the pictures in `asked`. Once the answers are posted, it prepares to answer faster.
    async fn classify_and_prepare(&mut self, mut asked: Vec<Asked<H::File>>) {
        let predictor = self.predictor.as_ref().expect("there is a network");
        let (classifier, is_on_gpu) = (predictor.classifier().clone(), predictor.is_on_gpu());
        match self.classify(&classifier, &mut asked).await {
            Ok(true) => self.predictor.as_mut().expect("it just answered").prepare().await,
            Ok(false) => {}
            // The CPU will answer instead.
            Err(_) if is_on_gpu => {
                self.device_watch.has_failed = true;
                self.pictures.postpone(asked);
            }
            Err(error) => {
                let reason = format!("The device stopped computing ({error}). Reload the page to try again.");
                self.host.post(Event::Failed { reason });
            }
        }
    }

    /// Posts `classifier`'s answers to the pictures in `asked`, or why a picture has none, and takes these pictures out
    /// of `asked`. Returns whether any picture was answered.
    ///
    /// # Errors
    /// If the device fails. Then the pictures without an answer are still in `asked`.
    async fn classify(
        &mut self,
        classifier: &Classifier,
        asked: &mut Vec<Asked<H::File>>,
    ) -> Result<bool, ExecutionError> {
        let mut has_answered = false;
        while !asked.is_empty() {
            let (seen, count) = self.pictures.look(asked).await;
            if !seen.is_empty() {
                self.host.post(classify(classifier, &seen, || self.host.now_ms()).await?);
                has_answered = true;
            }
            asked.drain(..count);
        }
        Ok(has_answered)
    }
}

//! The parts of the engine, and how one of them waits while the others go on.
//!
//! [`inbox`] has the messages, [`answer`] serves what can be served at any time, [`opening`] brings a network onto a device.

mod answer;
mod inbox;
mod opening;

pub(super) use opening::find_adapter;

use super::{
    data_set::{DataSet, Step},
    device_watch::DeviceWatch,
    host::{First, Host, Message, first},
    inspection::Inspection,
    pictures::Pictures,
    predictor::Predictor,
    runs::Runs,
    shipped::Shipped,
    tasks::Bench,
};
use crate::{
    infer::Classifier,
    protocol::{Event, Request, RequestKind},
};
use inbox::Inbox;
use std::{ops::ControlFlow, pin::pin, rc::Rc};

/// What goes on between the page and the worker, from the first request to the last.
pub struct Session<H: Host> {
    pub(super) host: Rc<H>,
    pub(super) inbox: Inbox<H>,
    /// What answers pictures.
    pub(super) predictor: Option<Predictor>,
    /// Other networks beside it, while they are compared.
    pub(super) others: Vec<Predictor>,
    /// The networks that come with the page.
    pub(super) shipped: Shipped,
    /// What is known of a device that computes no more.
    pub(super) device_watch: DeviceWatch<H>,
    /// The visitor's pictures.
    pub(super) pictures: Pictures<H>,
    /// CIFAR-10's images.
    pub(super) data_set: DataSet<H>,
    /// The runs of this device.
    pub(super) runs: Runs<H>,
    /// What the page asked of the inside of a network.
    pub(super) inspection: Inspection<H>,
    /// What a benchmark goes on with.
    pub(super) bench: Option<Bench>,
}

impl<H: Host> Session<H> {
    /// A session on `host` in which nothing has happened yet.
    pub fn new(host: H) -> Self {
        let host = Rc::new(host);
        Self {
            inbox: Inbox::new(host.clone()),
            predictor: None,
            others: Vec::new(),
            shipped: Shipped::default(),
            device_watch: DeviceWatch::new(host.clone()),
            pictures: Pictures::new(host.clone()),
            data_set: DataSet::new(host.clone()),
            runs: Runs::new(host.clone()),
            inspection: Inspection::new(host.clone()),
            bench: None,
            host,
        }
    }

    /// The next message, once there is one; images arrive meanwhile.
    pub(super) async fn receive(&mut self) -> Option<Message<H::File>> {
        loop {
            if let Some(message) = self.inbox.take_back() {
                return Some(message);
            }
            match self.news().await {
                News::Message(Some(message)) => return Some(message),
                News::Images(step) => self.data_set.take_step(step).await,
                News::Message(None) if self.data_set.is_under_way() => {
                    let step = self.data_set.advance().await;
                    self.data_set.take_step(step).await;
                }
                News::Message(None) => return None,
            }
        }
    }

    /// What comes next: a message, which goes first, or a piece of images. Whoever waits may give up and ask again.
    async fn news(&mut self) -> News<H::File> {
        match first(self.inbox.receive(), self.data_set.advance()).await {
            First::A(message) => News::Message(message),
            First::B(step) => News::Images(step),
        }
    }

    /// Waits for `future` and serves meanwhile what can be served; what cannot is put back. None where a request `ends` the
    /// waiting.
    pub(super) async fn meanwhile<T>(
        &mut self,
        future: impl Future<Output = T>,
        ends: impl Fn(&Request) -> bool,
    ) -> Option<T> {
        let mut future = pin!(future);
        loop {
            match first(future.as_mut(), self.news()).await {
                First::A(value) => return Some(value),
                First::B(News::Images(step)) => self.data_set.take_step(step).await,
                First::B(News::Message(Some(message))) => {
                    if self.answer_or_put_back(message, None, &ends).await.is_break() {
                        return None;
                    }
                }
                First::B(News::Message(None)) => return Some(future.await),
            }
        }
    }

    /// Polls the inbox during a long task: serves what can be served, with `live` in place of the network that answers
    /// otherwise, and puts the rest back; breaks where a request `ends` the task.
    pub(super) async fn attend(
        &mut self,
        live: Option<&Classifier>,
        ends: impl Fn(&Request) -> bool,
    ) -> ControlFlow<()> {
        self.host.breathe().await;
        self.data_set.let_arrive().await;
        while let Some(message) = self.inbox.try_receive() {
            if self.answer_or_put_back(message, live, &ends).await.is_break() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// Serves `message`, or puts it back; breaks where its request `ends` what goes on.
    async fn answer_or_put_back(
        &mut self,
        message: Message<H::File>,
        live: Option<&Classifier>,
        ends: impl Fn(&Request) -> bool,
    ) -> ControlFlow<()> {
        let ControlFlow::Break(message) = self.answer(message, live).await else { return ControlFlow::Continue(()) };
        let is_end = ends(&message.request);
        self.inbox.put_back(message);
        if is_end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Ends the images on their way, and what was to follow.
    pub(super) fn cancel_images(&mut self) {
        self.data_set.cancel();
        // Asked for before, and not begun yet.
        self.inbox.withdraw(&[RequestKind::FetchImages, RequestKind::AddImages]);
    }

    /// Says what answers.
    pub(super) fn tell_network(&self) {
        if let Some(predictor) = &self.predictor {
            self.host.post(Event::Answering { network: predictor.summary() });
        }
    }
}

/// What comes to a session by itself.
enum News<F> {
    /// A message; none when there will be no more.
    Message(Option<Message<F>>),
    /// A piece of images.
    Images(Step),
}

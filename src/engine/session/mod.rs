//! The parts of the engine, and how a task waits while the others go on.
//!
//! [`inbox`] has the messages, [`answer`] serves requests that can be served at any time, and [`opening`] brings a
//! network onto a device.

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
    tasks::{Bench, Foreign},
};
use crate::{
    infer::Classifier,
    protocol::{Event, Request, RequestKind},
};
use inbox::Inbox;
use std::{ops::ControlFlow, pin::pin, rc::Rc};

/// The engine's state, from the page's first request to its last.
pub struct Session<H: Host> {
    pub(super) host: Rc<H>,
    pub(super) inbox: Inbox<H>,
    /// The network that answers pictures.
    pub(super) predictor: Option<Predictor>,
    /// Other networks, for comparison with it.
    pub(super) others: Vec<Predictor>,
    /// The networks that come with the page.
    pub(super) shipped: Shipped,
    /// Watches for a device that has stopped computing.
    pub(super) device_watch: DeviceWatch<H>,
    /// The visitor's pictures.
    pub(super) pictures: Pictures<H>,
    /// CIFAR-10's images.
    pub(super) data_set: DataSet<H>,
    /// The runs of this device.
    pub(super) runs: Runs<H>,
    /// Answers questions about the inside of a network.
    pub(super) inspection: Inspection<H>,
    /// Weights of another program that fit, until the visitor says whether they are to answer.
    pub(super) fitted: Option<Foreign>,
    /// The run of a benchmark, from one call to the next.
    pub(super) bench: Option<Bench>,
}

impl<H: Host> Session<H> {
    /// A new session on `host`.
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
            fitted: None,
            bench: None,
            host,
        }
    }

    /// The next message, when it arrives; `None` when no more can come. Images arrive meanwhile.
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

    /// The next message. `None` if a piece of the arriving images came first, and was taken in.
    pub(super) async fn receive_or_take_in(&mut self) -> Option<Message<H::File>> {
        if let Some(message) = self.inbox.take_back() {
            return Some(message);
        }
        let step = match self.news().await {
            News::Message(Some(message)) => return Some(message),
            News::Message(None) => self.data_set.advance().await,
            News::Images(step) => step,
        };
        self.data_set.take_step(step).await;
        None
    }

    /// The next message or the next piece of images. If both are there, the message comes first. The future can be
    /// dropped and made anew: nothing is lost.
    async fn news(&mut self) -> News<H::File> {
        match first(self.inbox.receive(), self.data_set.advance()).await {
            First::A(message) => News::Message(message),
            First::B(step) => News::Images(step),
        }
    }

    /// Waits for `future`, and serves requests meanwhile. Requests that cannot be served yet are put back. Returns
    /// `None` if one of those `ends` the wait.
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

    /// Serves the requests that have come during a long task. `live`, if given, answers instead of the predictor's
    /// network. Requests that cannot be served yet are put back. Breaks if one of those `ends` the task.
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

    /// Serves `message`, or puts it back. Breaks if its request `ends` the task.
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

    /// Ends the arriving images, and drops the requests for more.
    pub(super) fn cancel_images(&mut self) {
        self.data_set.cancel();
        // Requests that were put back and have not begun.
        self.inbox.withdraw(&[RequestKind::FetchImages, RequestKind::AddImages]);
    }

    /// Tells the page which network answers.
    pub(super) fn tell_network(&self) {
        if let Some(predictor) = &self.predictor {
            self.host.post(Event::Answering { network: predictor.summary() });
        }
    }
}

/// What can arrive while a session waits.
enum News<F> {
    /// A message; `None` when no more can come.
    Message(Option<Message<F>>),
    /// A piece of images.
    Images(Step),
}

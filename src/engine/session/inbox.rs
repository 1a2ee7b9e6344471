//! Messages that wait to be served.

use crate::{
    engine::host::{Host, Message},
    protocol::RequestKind,
};
use std::{collections::VecDeque, rc::Rc};

/// The page's messages. Those that were put back come first.
pub(in crate::engine) struct Inbox<H: Host> {
    host: Rc<H>,
    put_back: VecDeque<Message<H::File>>,
}

impl<H: Host> Inbox<H> {
    /// An empty inbox.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, put_back: VecDeque::new() }
    }

    /// The next message of those that were put back.
    pub fn take_back(&mut self) -> Option<Message<H::File>> {
        self.put_back.pop_front()
    }

    /// The next new message, when it arrives. `None` when no more can come. The future can be dropped and made anew:
    /// nothing is lost.
    pub async fn receive(&self) -> Option<Message<H::File>> {
        self.host.receive().await
    }

    /// The next new message, if it has arrived already.
    pub fn try_receive(&self) -> Option<Message<H::File>> {
        self.host.try_receive()
    }

    /// Puts `message` back to be served later, after others that were put back.
    pub fn put_back(&mut self, message: Message<H::File>) {
        self.put_back.push_back(message);
    }

    /// Drops the messages of these kinds that were put back.
    pub fn withdraw(&mut self, kinds: &[RequestKind]) {
        self.put_back.retain(|message| !kinds.contains(&message.request.kind()));
    }
}

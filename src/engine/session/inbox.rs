//! Messages on their way to being served.

use crate::{
    engine::host::{Host, Message},
    protocol::RequestKind,
};
use std::{collections::VecDeque, rc::Rc};

/// The messages of the page, those that were put back first.
pub(in crate::engine) struct Inbox<H: Host> {
    host: Rc<H>,
    put_back: VecDeque<Message<H::File>>,
}

impl<H: Host> Inbox<H> {
    /// An empty one.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, put_back: VecDeque::new() }
    }

    /// The next message that was put back.
    pub fn take_back(&mut self) -> Option<Message<H::File>> {
        self.put_back.pop_front()
    }

    /// The next message that nobody has seen, once there is one; none when there will be no more. Whoever waits may give
    /// up and ask again: nothing is lost.
    pub async fn receive(&self) -> Option<Message<H::File>> {
        self.host.receive().await
    }

    /// The next message that nobody has seen, if it is there already.
    pub fn try_receive(&self) -> Option<Message<H::File>> {
        self.host.try_receive()
    }

    /// Has `message` served later, after others that were put back.
    pub fn put_back(&mut self, message: Message<H::File>) {
        self.put_back.push_back(message);
    }

    /// Drops what was put back of these kinds.
    pub fn withdraw(&mut self, kinds: &[RequestKind]) {
        self.put_back.retain(|message| !kinds.contains(&message.request.kind()));
    }
}

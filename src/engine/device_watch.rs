//! What is known of a device that computes no more.

use super::host::Host;
use crate::model::tensors::deadline;
use std::rc::Rc;

/// Notices that the GPU was lost, or that a device failed.
pub(super) struct DeviceWatch<H> {
    host: Rc<H>,
    /// Whether the loss is known, so that the CPU is not blamed for it.
    is_noted: bool,
    /// Whether the device of the network that answers failed, and the CPU has not taken its place yet.
    pub has_failed: bool,
}

impl<H: Host> DeviceWatch<H> {
    /// Nothing has failed yet.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, is_noted: false, has_failed: false }
    }

    /// Why the GPU computes no more, as a clause, if it was lost or waited for in vain.
    pub fn lost(&self) -> Option<String> {
        let silent = || deadline::has_passed().then(|| "it stopped answering".into());
        self.host.lost_device().or_else(silent)
    }

    /// Whether the GPU was lost, and nobody has noticed yet.
    pub fn has_new_loss(&self) -> bool {
        !self.is_noted && self.lost().is_some()
    }

    /// Whether a GPU that computes is to be given up.
    pub fn is_in_doubt(&self) -> bool {
        self.has_failed || self.has_new_loss()
    }

    /// Notes a loss, if there was one: from now on nothing computes on the GPU.
    pub fn note(&mut self) {
        self.is_noted = self.lost().is_some();
        self.has_failed = false;
    }
}

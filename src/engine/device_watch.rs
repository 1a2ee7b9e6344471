//! Watches for a device that has stopped computing.

use super::host::Host;
use crate::model::tensors::deadline;
use std::rc::Rc;

/// Notices that the GPU was lost, or that a device failed.
pub(super) struct DeviceWatch<H> {
    host: Rc<H>,
    /// Whether the loss is known, so that it is not taken for a failure of the CPU.
    is_noted: bool,
    /// Whether the answering network's device has failed, and the CPU has not replaced it yet.
    pub has_failed: bool,
}

impl<H: Host> DeviceWatch<H> {
    /// A watch that has seen no failure.
    pub fn new(host: Rc<H>) -> Self {
        Self { host, is_noted: false, has_failed: false }
    }

    /// Why the GPU has stopped computing, as a clause, if it was lost or did not answer in time.
    pub fn lost(&self) -> Option<String> {
        let silent = || deadline::has_passed().then(|| "it stopped answering".into());
        self.host.lost_device().or_else(silent)
    }

    /// Whether the GPU was lost, and this was not noted yet.
    pub fn has_new_loss(&self) -> bool {
        !self.is_noted && self.lost().is_some()
    }

    /// Whether a GPU in use must be given up.
    pub fn is_in_doubt(&self) -> bool {
        self.has_failed || self.has_new_loss()
    }

    /// Notes a loss, if there was one. From now on nothing computes on the GPU.
    pub fn note(&mut self) {
        self.is_noted = self.lost().is_some();
        self.has_failed = false;
    }
}

//! Opens the device that computes: WebGPU where it works, otherwise the CPU, saying why.

pub mod memory;

pub use memory::keep_freed_memory;

use crate::protocol::{DeviceChoice, DeviceReport};
use burn::tensor::Device;

/// A device and how the page names it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Where tensors are made.
    pub device: Device,
    /// What the badge says.
    pub report: DeviceReport,
}

/// The CPU, `because` of a reason that follows "CPU, because".
pub fn cpu(because: impl Into<String>) -> Opened {
    Opened { device: Device::flex(), report: DeviceReport::Cpu { because: because.into() } }
}

/// The device that `choice` asks for; `adapter` is the WebGPU adapter's description, or why there is none.
///
/// With [`DeviceChoice::Auto`] and no WebGPU, the CPU.
///
/// # Errors
/// If `choice` insists on WebGPU and there is none: the reason, as a clause.
pub async fn open(choice: DeviceChoice, adapter: Result<String, String>) -> Result<Opened, String> {
    let webgpu = match (choice, adapter) {
        (DeviceChoice::Cpu, _) => return Ok(cpu("the address asks for it")),
        (_, Ok(adapter)) => webgpu::open().await.map(|device| {
            let report = DeviceReport::WebGpu { adapter };
            Opened { device, report }
        }),
        (_, Err(reason)) => Err(reason),
    };
    match (choice, webgpu) {
        (DeviceChoice::Auto, Err(reason)) => Ok(cpu(reason)),
        (_, webgpu) => webgpu,
    }
}

#[cfg(target_family = "wasm")]
mod webgpu {
    use burn::tensor::Device;
    use std::cell::OnceCell;

    thread_local! {
        /// Burn registers its runtime once for a thread's life, and refuses a second time.
        static OPENED: OnceCell<Device> = const { OnceCell::new() };
    }

    /// Burn's WebGPU device, the same at each call.
    pub async fn open() -> Result<Device, String> {
        if let Some(device) = OPENED.with(|opened| opened.get().cloned()) {
            return Ok(device);
        }
        let opened = Device::wgpu_options().init_async().await;
        let device = opened.map_err(|error| format!("WebGPU did not start ({error})"))?;
        Ok(OPENED.with(|opened| opened.get_or_init(|| device).clone()))
    }
}

#[cfg(not(target_family = "wasm"))]
mod webgpu {
    use burn::tensor::Device;

    /// There is none natively.
    pub async fn open() -> Result<Device, String> {
        Err("this program was built without WebGPU".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(choice: DeviceChoice, adapter: Result<String, String>) -> Result<DeviceReport, String> {
        pollster::block_on(open(choice, adapter)).map(|opened| opened.report)
    }

    #[test]
    fn without_an_adapter_the_cpu_computes_and_says_why() {
        let report = opened(DeviceChoice::Auto, Err("this browser has no WebGPU".into()));
        assert_eq!(report, Ok(DeviceReport::Cpu { because: "this browser has no WebGPU".into() }));
    }

    #[test]
    fn webgpu_that_was_asked_for_is_never_replaced() {
        let report = opened(DeviceChoice::WebGpu, Err("this browser has no WebGPU".into()));
        assert_eq!(report, Err("this browser has no WebGPU".into()));
    }
}

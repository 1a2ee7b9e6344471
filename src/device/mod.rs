//! Opens the device that computes: WebGPU if it works, otherwise the CPU, with the reason.

pub mod memory;
#[cfg(feature = "gpu")]
pub mod webgpu;

pub use memory::keep_freed_memory;

use crate::domain::{DeviceChoice, DeviceReport};
use burn::tensor::Device;

/// A device, and its description for the page.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The device on which tensors are created.
    pub device: Device,
    /// The description for the badge.
    pub report: DeviceReport,
}

/// The CPU. `because` continues the words "CPU, because".
pub fn cpu(because: impl Into<String>) -> Opened {
    Opened { device: Device::flex(), report: DeviceReport::Cpu { because: because.into() } }
}

/// The device that `choice` asks for. `adapter` is the WebGPU adapter's description, or why there is none.
///
/// [`DeviceChoice::Auto`] gives the CPU if there is no WebGPU.
///
/// # Errors
/// If `choice` insists on WebGPU and there is none: the reason, as a clause.
pub async fn open(choice: DeviceChoice, adapter: Result<String, String>) -> Result<Opened, String> {
    let webgpu = match (choice, adapter) {
        (DeviceChoice::Cpu, _) => return Ok(cpu("the address asks for it")),
        (_, Ok(adapter)) => open_webgpu().await.map(|device| {
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

/// The description of the WebGPU adapter in a native program, for [`open`].
///
/// # Errors
/// If there is none: the reason, as a clause.
pub async fn native_adapter() -> Result<String, String> {
    #[cfg(feature = "gpu")]
    return Ok(webgpu::open().await?.adapter.name);
    #[cfg(not(feature = "gpu"))]
    Err("this program was built without WebGPU, which `--features gpu` adds".into())
}

#[cfg(feature = "gpu")]
async fn open_webgpu() -> Result<Device, String> {
    Ok(webgpu::open().await?.device)
}

#[cfg(not(feature = "gpu"))]
async fn open_webgpu() -> Result<Device, String> {
    Err("this program was built without WebGPU".into())
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

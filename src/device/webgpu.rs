//! Opens Burn's WebGPU device: the browser's, or in a native program one on Vulkan, Metal or DirectX.
//!
//! The kernels are WGSL everywhere, so a native program runs and tests the same kernels as the page.

use burn::tensor::Device;
use burn_wgpu::{WgpuInitError, WgpuSetup, wgpu::DeviceType};

/// A WebGPU device and its adapter.
#[derive(Clone, Debug)]
pub struct WebGpu {
    /// The device on which tensors are created.
    pub device: Device,
    /// The adapter, as the graphics API describes it. A browser tells little about it.
    pub adapter: Adapter,
}

/// The adapter of a WebGPU device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Its name and the graphics API: `llvmpipe (LLVM 19.1.7, 256 bits), Vulkan`.
    pub name: String,
    /// Whether it is software on a CPU.
    pub is_software: bool,
    /// The most bytes of a tensor that a kernel can bind.
    pub largest_tensor_bytes: u64,
}

impl WebGpu {
    /// The device that Burn opened, with its adapter as the graphics API describes it.
    fn of((device, setup): (Device, WgpuSetup)) -> Self {
        let info = setup.adapter.get_info();
        let limits = setup.device.limits();
        let adapter = Adapter {
            name: format!("{}, {:?}", info.name, info.backend),
            is_software: info.device_type == DeviceType::Cpu,
            largest_tensor_bytes: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size),
        };
        Self { device, adapter }
    }
}

/// Why there is no device, as a clause.
fn reason(error: WgpuInitError) -> String {
    format!("WebGPU did not start ({error})")
}

#[cfg(target_family = "wasm")]
mod once {
    use super::{WebGpu, reason};
    use crate::model::tensors::deadline::in_time;
    use burn::tensor::Device;
    use std::cell::OnceCell;

    thread_local! {
        /// Burn registers its runtime once in a thread's life, and refuses a second time.
        static OPENED: OnceCell<WebGpu> = const { OnceCell::new() };
    }

    /// The WebGPU device, the same at each call.
    ///
    /// # Errors
    /// If there is none: the reason, as a clause.
    pub async fn open() -> Result<WebGpu, String> {
        if let Some(opened) = OPENED.with(|opened| opened.get().cloned()) {
            return Ok(opened);
        }
        let opened = in_time(Device::wgpu_options().init_with_setup_async()).await;
        let opened = opened.map_err(|error| format!("WebGPU did not start ({error})"))?;
        let opened = WebGpu::of(opened.map_err(reason)?);
        Ok(OPENED.with(|first| first.get_or_init(|| opened).clone()))
    }
}

#[cfg(not(target_family = "wasm"))]
mod once {
    use super::{WebGpu, reason};
    use burn::tensor::Device;
    use burn_wgpu::WgpuBackend;
    use std::sync::LazyLock;

    /// Vulkan on Linux: the other API there, OpenGL, is too old for the kernels.
    const API: WgpuBackend = if cfg!(target_os = "linux") { WgpuBackend::Vulkan } else { WgpuBackend::Auto };

    /// Burn registers its runtime once in a process, and refuses a second time.
    static OPENED: LazyLock<Result<WebGpu, String>> = LazyLock::new(|| {
        let opened = Device::wgpu_options().graphics_api(API).init_with_setup();
        opened.map(WebGpu::of).map_err(reason)
    });

    /// The WebGPU device, the same at each call.
    ///
    /// # Errors
    /// If there is none: the reason, as a clause.
    pub async fn open() -> Result<WebGpu, String> {
        OPENED.clone()
    }
}

pub use once::open;

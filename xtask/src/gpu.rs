//! WebGPU in native programs: finds a driver for the kernels, or installs Mesa's on Debian.

use crate::{
    Result,
    process::{is_debians_root, run},
};
use std::{env, fs, process::Command};

/// Cargo's profile and features for native programs with WebGPU.
pub const NATIVE_WEBGPU: [&str; 4] = ["--profile", "gpu", "--features", "gpu"];

/// The folders in which the Vulkan loader looks for drivers.
const DRIVER_FOLDERS: [&str; 4] =
    ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/local/etc/vulkan/icd.d"];

/// The environment variables that name other drivers.
const DRIVER_VARIABLES: [&str; 2] = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];

/// Finds a Vulkan driver. On Debian, installs Mesa's, which computes on the CPU, if there is none.
///
/// # Errors
/// Why the kernels cannot run natively, as a sentence.
pub fn find_or_install_driver() -> Result {
    // Metal and DirectX are part of the system.
    if !cfg!(target_os = "linux") || has_driver() {
        return Ok(());
    }
    if is_debians_root() {
        println!("There is no Vulkan driver; installing Mesa's, which computes on the CPU.");
        let apt = |arguments: &[&str]| {
            run(Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet").args(arguments))
        };
        apt(&["update"])?;
        apt(&["install", "--yes", "--no-install-recommends", "mesa-vulkan-drivers", "libvulkan1"])?;
    }
    if has_driver() {
        return Ok(());
    }
    Err("no Vulkan driver: install one for the GPU, or Mesa's (mesa-vulkan-drivers, libvulkan1)".to_owned())
}

/// Whether the Vulkan loader can find a driver.
fn has_driver() -> bool {
    let holds_one = |folder: &str| fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some());
    DRIVER_VARIABLES.iter().any(|name| env::var_os(name).is_some()) || DRIVER_FOLDERS.into_iter().any(holds_one)
}

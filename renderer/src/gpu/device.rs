//! Finds an adapter, and detects its loss.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An adapter with its device and queue.
#[derive(Clone, Debug)]
pub struct Gpu {
    /// Creates surfaces.
    pub instance: wgpu::Instance,
    /// The adapter.
    pub adapter: wgpu::Adapter,
    /// Creates resources.
    pub device: wgpu::Device,
    /// Runs commands.
    pub queue: wgpu::Queue,
    lost: Arc<AtomicBool>,
}

/// Why drawing is not possible.
#[derive(Debug, thiserror::Error)]
pub enum GpuError {
    /// No driver offers an adapter.
    #[error(
        "no graphics adapter ({0}). Install the driver of your graphics card, or draw on the processor: \
         `apt install mesa-vulkan-drivers` (Debian, Ubuntu) brings lavapipe, which needs no card"
    )]
    NoAdapter(#[from] wgpu::RequestAdapterError),
    /// The adapter provides no device.
    #[error("the graphics adapter `{adapter}` provides no device: {source}")]
    NoDevice {
        /// Its name.
        adapter: String,
        /// The driver's error.
        source: wgpu::RequestDeviceError,
    },
    /// The window does not support drawing.
    #[error("cannot draw in the window: {0}")]
    NoSurface(wgpu::CreateSurfaceError),
    /// No adapter can present to the window.
    #[error("the graphics adapter cannot present to this window; is its driver installed for this display server?")]
    NotShowable,
    /// The adapter was lost while drawing: a driver restarted, a card unplugged.
    #[error("the graphics adapter was lost")]
    Lost,
}

impl Gpu {
    /// The best adapter available, including software ones, without a display.
    pub fn headless() -> Result<Self, GpuError> {
        Self::open(wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle_from_env()), None)
    }

    /// The best adapter of an instance; with a surface, one that can present on it.
    pub fn open(instance: wgpu::Instance, surface: Option<&wgpu::Surface<'_>>) -> Result<Self, GpuError> {
        let wanted = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            compatible_surface: surface,
            ..Default::default()
        };
        let adapter = pollster::block_on(instance.request_adapter(&wanted))?;
        let info = adapter.get_info();
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("downbeat"),
            // Supported by every adapter of the last decade, with the adapter's own largest texture.
            required_limits: wgpu::Limits::downlevel_defaults().using_resolution(adapter.limits()),
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|source| GpuError::NoDevice { adapter: info.name.clone(), source })?;
        tracing::info!(adapter = info.name, backend = %info.backend, kind = ?info.device_type, "drawing with");
        let lost = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&lost);
        device.set_device_lost_callback(move |reason, message| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                tracing::warn!(message, "the graphics adapter was lost; opening it again");
                flag.store(true, Ordering::Release);
            }
        });
        let flag = Arc::clone(&lost);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            // After one of these no result is reliable: start again.
            if !flag.swap(true, Ordering::AcqRel) {
                tracing::error!(%error, "drawing failed; opening the adapter again");
            }
        }));
        Ok(Self { instance, adapter, device, queue, lost })
    }

    /// Whether everything must be recreated.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }
}

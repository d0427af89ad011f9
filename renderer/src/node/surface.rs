//! A window's surface: opened, resized, and reopened when lost.

use super::present::{Fit, Presenter};
use crate::gpu::{Gpu, GpuError};
use std::sync::Arc;
use winit::event_loop::ActiveEventLoop;
use winit::window::Window;

/// A window to draw on.
pub struct Canvas {
    surface: wgpu::Surface<'static>,
    settings: wgpu::SurfaceConfiguration,
    format: wgpu::TextureFormat,
    presenter: Presenter,
    shown: bool,
}

/// The result of showing a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It is on the display, or will be at the next refresh.
    Yes,
    /// Nobody can see it: the window is covered or minimised.
    Hidden,
    /// Not this time: resized or busy. The next frame may succeed.
    NotNow,
    /// The surface must be reopened.
    Lost,
}

impl Canvas {
    /// Opens the window's surface and an adapter that can present on it.
    ///
    /// # Errors
    /// No adapter, or none that can present on this window.
    pub fn open(active: &ActiveEventLoop, window: &Arc<Window>) -> Result<(Self, Gpu), GpuError> {
        let display = Box::new(active.owned_display_handle());
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_with_display_handle_from_env(display));
        let surface = instance.create_surface(Arc::clone(window)).map_err(GpuError::NoSurface)?;
        let gpu = Gpu::open(instance, Some(&surface))?;
        let offered = surface.get_capabilities(&gpu.adapter);
        let (Some(first), Some(alpha_mode)) = (offered.formats.first(), offered.alpha_modes.first()) else {
            return Err(GpuError::NotShowable);
        };
        // Pictures already have display values: a format that encodes them again is viewed without that encoding.
        let plain = offered.formats.iter().find(|format| !format.is_srgb()).unwrap_or(first);
        let format = plain.remove_srgb_suffix();
        let size = window.inner_size();
        let settings = wgpu::SurfaceConfiguration {
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            format: *plain,
            color_space: Default::default(),
            width: size.width.max(1),
            height: size.height.max(1),
            // In step with the display, without tearing.
            present_mode: wgpu::PresentMode::AutoVsync,
            // A frame waits for at most one refresh.
            desired_maximum_frame_latency: 1,
            alpha_mode: *alpha_mode,
            view_formats: if format == *plain { Vec::new() } else { vec![format] },
        };
        surface.configure(&gpu.device, &settings);
        let presenter = Presenter::new(&gpu, format);
        Ok((Self { surface, settings, format, presenter, shown: false }, gpu))
    }

    /// Adopts the window's size.
    pub fn resize(&mut self, gpu: &Gpu, width: u32, height: u32) {
        if width > 0 && height > 0 && (width, height) != (self.settings.width, self.settings.height) {
            (self.settings.width, self.settings.height) = (width, height);
            self.surface.configure(&gpu.device, &self.settings);
        }
    }

    /// Shows a picture of a size in pixels; black without one.
    pub fn show(&mut self, gpu: &Gpu, picture: Option<&wgpu::TextureView>, pixels: [u32; 2]) -> Shown {
        use wgpu::CurrentSurfaceTexture::{Lost, Occluded, Outdated, Suboptimal, Success, Timeout, Validation};
        let (texture, again) = match self.surface.get_current_texture() {
            Success(texture) => (texture, false),
            Suboptimal(texture) => (texture, true),
            Occluded => return Shown::Hidden,
            Timeout | Validation => return Shown::NotNow,
            Outdated => {
                self.surface.configure(&gpu.device, &self.settings);
                return Shown::NotNow;
            }
            Lost => return Shown::Lost,
        };
        let wanted = wgpu::TextureViewDescriptor { format: Some(self.format), ..Default::default() };
        let target = texture.texture.create_view(&wanted);
        let fit = Fit::of(pixels, [self.settings.width, self.settings.height]);
        self.presenter.show(gpu, picture.map(|view| (view, fit)), &target);
        gpu.queue.present(texture);
        if again {
            self.surface.configure(&gpu.device, &self.settings);
        }
        if !std::mem::replace(&mut self.shown, true) {
            tracing::info!(width = self.settings.width, height = self.settings.height, "showing the first picture");
        }
        Shown::Yes
    }
}

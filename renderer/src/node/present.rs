//! The finished picture on a display.

use crate::gpu::Gpu;

/// Copies a picture to a surface, as large as its shape allows.
pub struct Presenter {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
}

/// The place of a picture on a display: corner and size, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

impl Fit {
    /// The largest picture of a shape, centred on a display.
    pub fn of(picture: [u32; 2], display: [u32; 2]) -> Self {
        let [picture, display] = [picture, display].map(|size| size.map(|length| length as f32));
        let scale = (display[0] / picture[0]).min(display[1] / picture[1]);
        let (width, height) = (picture[0] * scale, picture[1] * scale);
        Self { x: (display[0] - width) / 2.0, y: (display[1] - height) / 2.0, width, height }
    }
}

impl Presenter {
    /// For surfaces of this format.
    pub fn new(gpu: &Gpu, format: wgpu::TextureFormat) -> Self {
        let device = &gpu.device;
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("present"),
            source: wgpu::ShaderSource::Wgsl(include_str!("../../shaders/present.wgsl").into()),
        });
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("present"),
            layout: None,
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("cover"),
                compilation_options: Default::default(),
                buffers: &[],
            },
            primitive: Default::default(),
            depth_stencil: None,
            multisample: Default::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some("show"),
                compilation_options: Default::default(),
                targets: &[Some(format.into())],
            }),
            multiview_mask: None,
            cache: None,
        });
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        Self { layout: pipeline.get_bind_group_layout(0), pipeline, sampler }
    }

    /// Draws a picture on a surface's texture; black without one.
    pub fn show(&self, gpu: &Gpu, picture: Option<(&wgpu::TextureView, Fit)>, target: &wgpu::TextureView) {
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        {
            let ops = wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::BLACK), store: wgpu::StoreOp::Store };
            let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                    view: target,
                    depth_slice: None,
                    resolve_target: None,
                    ops,
                })],
                ..Default::default()
            });
            if let Some((view, fit)) = picture {
                let binding = gpu.device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some("present"),
                    layout: &self.layout,
                    entries: &[
                        wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(view) },
                        wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(&self.sampler) },
                    ],
                });
                pass.set_viewport(fit.x, fit.y, fit.width, fit.height, 0.0, 1.0);
                pass.set_pipeline(&self.pipeline);
                pass.set_bind_group(0, &binding, &[]);
                pass.draw(0..3, 0..1);
            }
        }
        gpu.queue.submit([encoder.finish()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_shape_on_any_display() {
        let fit = |display| Fit::of([640, 360], display);
        assert_eq!(fit([1280, 720]), Fit { x: 0.0, y: 0.0, width: 1280.0, height: 720.0 });
        assert_eq!(fit([640, 480]), Fit { x: 0.0, y: 60.0, width: 640.0, height: 360.0 });
        assert_eq!(fit([1000, 360]), Fit { x: 180.0, y: 0.0, width: 640.0, height: 360.0 });
    }
}

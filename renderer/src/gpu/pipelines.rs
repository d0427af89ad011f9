//! Shaders ready to run: for each scene one pipeline for each blend rule, and one for its memory.

use super::{Gpu, Memory, Uniforms, blend, picture_source, tick_source};
use crate::scenes::Scene;
use downbeat_protocol::Blend;
use std::collections::HashMap;

/// The format of the canvas: what a screen takes, dithered by the shader.
pub const CANVAS_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Pass {
    Layer(&'static str),
    Tick,
}

/// Compiled when first needed, and then kept.
#[derive(Debug)]
pub struct Pipelines {
    layout: wgpu::PipelineLayout,
    memory_layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    uniforms: wgpu::Buffer,
    uniforms_binding: wgpu::BindGroup,
    no_memory: wgpu::BindGroup,
    ready: HashMap<(&'static str, Pass), wgpu::RenderPipeline>,
}

impl Pipelines {
    /// Nothing compiled yet.
    pub fn new(gpu: &Gpu) -> Self {
        let device = &gpu.device;
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("frame"),
            size: size_of::<Uniforms>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let frame_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("frame"),
            entries: &[entry(
                0,
                wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
            )],
        });
        let memory_layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("memory"),
            entries: &[
                entry(
                    0,
                    wgpu::BindingType::Texture {
                        sample_type: wgpu::TextureSampleType::Float { filterable: true },
                        view_dimension: wgpu::TextureViewDimension::D2,
                        multisampled: false,
                    },
                ),
                entry(1, wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering)),
            ],
        });
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("memory"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        let uniforms_binding = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("frame"),
            layout: &frame_layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: uniforms.as_entire_binding() }],
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("scene"),
            bind_group_layouts: &[Some(&frame_layout), Some(&memory_layout)],
            ..Default::default()
        });
        let no_memory = bind_memory(device, &memory_layout, &sampler, &blank(device));
        Self { layout, memory_layout, sampler, uniforms, uniforms_binding, no_memory, ready: HashMap::new() }
    }

    /// Makes a memory's picture readable.
    pub fn bind_memory(&self, gpu: &Gpu, view: &wgpu::TextureView) -> wgpu::BindGroup {
        bind_memory(&gpu.device, &self.memory_layout, &self.sampler, view)
    }

    /// Draws a scene over what is on the target.
    pub fn lay(
        &mut self,
        gpu: &Gpu,
        (scene, blend): (&Scene, Blend),
        uniforms: &Uniforms,
        target: &wgpu::TextureView,
        memory: Option<&wgpu::BindGroup>,
    ) {
        let (entry, state) = blend::rule(blend);
        let pass = Pass::Layer(blend.name());
        if !self.ready.contains_key(&(scene.name, pass)) {
            let source = picture_source(scene);
            let pipeline = self.compile(gpu, scene.name, source, entry, CANVAS_FORMAT, Some(state));
            self.ready.insert((scene.name, pass), pipeline);
        }
        self.run(gpu, (scene.name, pass), uniforms, target, memory.unwrap_or(&self.no_memory));
    }

    /// Takes a tick of a scene's memory.
    pub fn remember(&mut self, gpu: &Gpu, scene: &Scene, uniforms: &Uniforms, memory: &mut Memory) {
        if !self.ready.contains_key(&(scene.name, Pass::Tick)) {
            let pipeline = self.compile(gpu, scene.name, tick_source(scene), "remember", Memory::format(), None);
            self.ready.insert((scene.name, Pass::Tick), pipeline);
        }
        let (target, from) = memory.turn();
        self.run(gpu, (scene.name, Pass::Tick), uniforms, target, from);
    }

    /// Fills a target with black.
    pub fn clear(&self, gpu: &Gpu, target: &wgpu::TextureView) {
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        begin(&mut encoder, target, wgpu::LoadOp::Clear(wgpu::Color::BLACK));
        gpu.queue.submit([encoder.finish()]);
    }

    fn run(
        &self,
        gpu: &Gpu,
        key: (&'static str, Pass),
        uniforms: &Uniforms,
        target: &wgpu::TextureView,
        memory: &wgpu::BindGroup,
    ) {
        let Some(pipeline) = self.ready.get(&key) else { return };
        gpu.queue.write_buffer(&self.uniforms, 0, bytemuck::bytes_of(uniforms));
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        {
            let mut pass = begin(&mut encoder, target, wgpu::LoadOp::Load);
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &self.uniforms_binding, &[]);
            pass.set_bind_group(1, memory, &[]);
            pass.draw(0..3, 0..1);
        }
        // One submission for each pass: the next one writes other uniforms.
        gpu.queue.submit([encoder.finish()]);
    }

    fn compile(
        &self,
        gpu: &Gpu,
        name: &'static str,
        source: String,
        entry_point: &str,
        format: wgpu::TextureFormat,
        blend: Option<wgpu::BlendState>,
    ) -> wgpu::RenderPipeline {
        let started = std::time::Instant::now();
        let module = gpu.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(name),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline = gpu.device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some(name),
            layout: Some(&self.layout),
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
                entry_point: Some(entry_point),
                compilation_options: Default::default(),
                targets: &[Some(wgpu::ColorTargetState { format, blend, write_mask: wgpu::ColorWrites::ALL })],
            }),
            multiview_mask: None,
            cache: None,
        });
        tracing::debug!(scene = name, entry_point, took = ?started.elapsed(), "compiled");
        pipeline
    }
}

fn begin<'a>(
    encoder: &'a mut wgpu::CommandEncoder,
    target: &wgpu::TextureView,
    load: wgpu::LoadOp<wgpu::Color>,
) -> wgpu::RenderPass<'a> {
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        color_attachments: &[Some(wgpu::RenderPassColorAttachment {
            view: target,
            depth_slice: None,
            resolve_target: None,
            ops: wgpu::Operations { load, store: wgpu::StoreOp::Store },
        })],
        ..Default::default()
    })
}

fn entry(binding: u32, ty: wgpu::BindingType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry { binding, visibility: wgpu::ShaderStages::FRAGMENT, ty, count: None }
}

fn bind_memory(
    device: &wgpu::Device,
    layout: &wgpu::BindGroupLayout,
    sampler: &wgpu::Sampler,
    view: &wgpu::TextureView,
) -> wgpu::BindGroup {
    device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some("memory"),
        layout,
        entries: &[
            wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(view) },
            wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(sampler) },
        ],
    })
}

/// Stands in for a memory where a scene has none.
fn blank(device: &wgpu::Device) -> wgpu::TextureView {
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("blank"),
        size: wgpu::Extent3d { width: 1, height: 1, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: CANVAS_FORMAT,
        usage: wgpu::TextureUsages::TEXTURE_BINDING,
        view_formats: &[],
    });
    texture.create_view(&Default::default())
}

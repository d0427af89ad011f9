//! Compiled shaders: for each scene one pipeline per blend rule, and one for its memory.

use super::bindings::Bindings;
use super::format::{CANVAS_FORMAT, MEMORY_FORMAT};
use super::{Gpu, Uniforms, blend, picture_source, tick_source};
use crate::scenes::Scene;
use downbeat_protocol::Blend;
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Pass {
    Layer(&'static str),
    Tick,
}

/// Compiled on first use, and then kept.
#[derive(Debug)]
pub struct Pipelines {
    bindings: Bindings,
    ready: HashMap<(&'static str, Pass), wgpu::RenderPipeline>,
}

impl Pipelines {
    /// Without compiled shaders.
    pub fn new(gpu: &Gpu) -> Self {
        Self { bindings: Bindings::new(&gpu.device), ready: HashMap::new() }
    }

    /// Makes a memory's picture readable.
    pub fn bind_memory(&self, gpu: &Gpu, view: &wgpu::TextureView) -> wgpu::BindGroup {
        self.bindings.memory(&gpu.device, view)
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
        self.run(gpu, (scene.name, pass), uniforms, target, memory);
    }

    /// Draws a tick of a scene's memory on its target, reading the previous picture.
    pub fn remember(
        &mut self,
        gpu: &Gpu,
        scene: &Scene,
        uniforms: &Uniforms,
        (target, from): (&wgpu::TextureView, &wgpu::BindGroup),
    ) {
        if !self.ready.contains_key(&(scene.name, Pass::Tick)) {
            let pipeline = self.compile(gpu, scene.name, tick_source(scene), "remember", MEMORY_FORMAT, None);
            self.ready.insert((scene.name, Pass::Tick), pipeline);
        }
        self.run(gpu, (scene.name, Pass::Tick), uniforms, target, Some(from));
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
        memory: Option<&wgpu::BindGroup>,
    ) {
        let Some(pipeline) = self.ready.get(&key) else { return };
        self.bindings.write(&gpu.queue, uniforms);
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        {
            let mut pass = begin(&mut encoder, target, wgpu::LoadOp::Load);
            pass.set_pipeline(pipeline);
            self.bindings.set(&mut pass, memory);
            pass.draw(0..3, 0..1);
        }
        // One submission per pass: the next one writes other uniforms.
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
            layout: Some(self.bindings.layout()),
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

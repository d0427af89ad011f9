//! The bindings of a shader: the numbers of the frame in group 0, a memory in group 1.

use super::Uniforms;
use super::format::CANVAS_FORMAT;

/// The two groups, the buffer of the first, and a blank picture for scenes without a memory.
#[derive(Debug)]
pub struct Bindings {
    layout: wgpu::PipelineLayout,
    uniforms: wgpu::Buffer,
    frame: wgpu::BindGroup,
    memory_layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
    blank: wgpu::BindGroup,
}

impl Bindings {
    /// On a device.
    pub fn new(device: &wgpu::Device) -> Self {
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("frame"),
            size: size_of::<Uniforms>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let numbers = wgpu::BindingType::Buffer {
            ty: wgpu::BufferBindingType::Uniform,
            has_dynamic_offset: false,
            min_binding_size: None,
        };
        let picture = wgpu::BindingType::Texture {
            sample_type: wgpu::TextureSampleType::Float { filterable: true },
            view_dimension: wgpu::TextureViewDimension::D2,
            multisampled: false,
        };
        let sampling = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
        let frame_layout = group(device, "frame", &[numbers]);
        let memory_layout = group(device, "memory", &[picture, sampling]);
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("scene"),
            bind_group_layouts: &[Some(&frame_layout), Some(&memory_layout)],
            ..Default::default()
        });
        let frame = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("frame"),
            layout: &frame_layout,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: uniforms.as_entire_binding() }],
        });
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("memory"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        let blank = memory(device, &memory_layout, &sampler, &blank(device));
        Self { layout, uniforms, frame, memory_layout, sampler, blank }
    }

    /// For pipelines.
    pub fn layout(&self) -> &wgpu::PipelineLayout {
        &self.layout
    }

    /// A memory's picture, readable.
    pub fn memory(&self, device: &wgpu::Device, view: &wgpu::TextureView) -> wgpu::BindGroup {
        memory(device, &self.memory_layout, &self.sampler, view)
    }

    /// Sets the numbers for the next submission.
    pub fn write(&self, queue: &wgpu::Queue, uniforms: &Uniforms) {
        queue.write_buffer(&self.uniforms, 0, bytemuck::bytes_of(uniforms));
    }

    /// Binds everything for a pass.
    pub fn set(&self, pass: &mut wgpu::RenderPass<'_>, memory: Option<&wgpu::BindGroup>) {
        pass.set_bind_group(0, &self.frame, &[]);
        pass.set_bind_group(1, memory.unwrap_or(&self.blank), &[]);
    }
}

fn group(device: &wgpu::Device, label: &str, types: &[wgpu::BindingType]) -> wgpu::BindGroupLayout {
    let visibility = wgpu::ShaderStages::FRAGMENT;
    let entry = |(binding, ty): (usize, &wgpu::BindingType)| wgpu::BindGroupLayoutEntry {
        binding: binding as u32,
        visibility,
        ty: *ty,
        count: None,
    };
    let entries: Vec<_> = types.iter().enumerate().map(entry).collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries: &entries })
}

fn memory(
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

/// The picture for scenes without a memory.
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

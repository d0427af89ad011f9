//! Formats of pictures.

/// The canvas: a screen's format, dithered by the shader.
pub const CANVAS_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba8Unorm;

/// A scene's memory.
pub const MEMORY_FORMAT: wgpu::TextureFormat = wgpu::TextureFormat::Rgba16Float;

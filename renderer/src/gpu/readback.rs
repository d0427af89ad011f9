//! Reads pictures back from the adapter.

use super::{Gpu, GpuError};

/// A picture in memory: red, green, blue, alpha, 8 bits each, row by row from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width` × `height` × 4 bytes.
    pub rgba: Vec<u8>,
}

impl Image {
    /// Red, green and blue of a pixel.
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = 4 * (y as usize * self.width as usize + x as usize);
        [self.rgba[at], self.rgba[at + 1], self.rgba[at + 2]]
    }

    /// All black.
    pub fn black(width: u32, height: u32) -> Self {
        let pixels = width as usize * height as usize;
        Self { width, height, rgba: [0, 0, 0, 255].repeat(pixels) }
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}x{})", self.width, self.height)
    }
}

/// A buffer for pictures of one size.
#[derive(Debug)]
pub struct Readback {
    buffer: wgpu::Buffer,
    size: wgpu::Extent3d,
    stride: u32,
    /// Notified when the data is ready.
    begun: Option<std::sync::mpsc::Receiver<Result<(), wgpu::BufferAsyncError>>>,
}

/// How long the adapter may take for one picture before it counts as lost.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

impl Readback {
    /// For pictures of a size.
    pub fn new(gpu: &Gpu, size: wgpu::Extent3d) -> Self {
        let stride = (4 * size.width).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("readback"),
            size: u64::from(stride) * u64::from(size.height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        Self { buffer, size, stride, begun: None }
    }

    /// The picture on a texture. Waits until everything before it has been drawn.
    ///
    /// # Errors
    /// [`GpuError::Lost`] if the adapter returns nothing.
    pub fn read(&mut self, gpu: &Gpu, texture: &wgpu::Texture) -> Result<Image, GpuError> {
        if self.begun.is_some() {
            // An earlier reading is in the way.
            self.wait(gpu)?;
            self.buffer.unmap();
        }
        self.begin(gpu, texture);
        self.wait(gpu)?;
        self.mapped().ok_or(GpuError::Lost)
    }

    /// Starts reading the picture on a texture, unless another is being read.
    pub fn begin(&mut self, gpu: &Gpu, texture: &wgpu::Texture) {
        if self.begun.is_some() {
            return;
        }
        let mut encoder = gpu.device.create_command_encoder(&Default::default());
        let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(self.stride), rows_per_image: None };
        let to = wgpu::TexelCopyBufferInfo { buffer: &self.buffer, layout };
        encoder.copy_texture_to_buffer(texture.as_image_copy(), to, self.size);
        gpu.queue.submit([encoder.finish()]);
        let (done, outcome) = std::sync::mpsc::channel();
        self.buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            // The receiver is gone only if `read` has given up.
            let _ = done.send(result);
        });
        self.begun = Some(outcome);
    }

    /// The picture, once its reading is complete. Does not wait.
    pub fn take(&mut self, gpu: &Gpu) -> Option<Image> {
        let begun = self.begun.as_ref()?;
        // An error shows as a picture that never arrives.
        let _ = gpu.device.poll(wgpu::PollType::Poll);
        let outcome = begun.try_recv().ok()?;
        self.begun = None;
        outcome.is_ok().then(|| self.mapped()).flatten()
    }

    fn wait(&mut self, gpu: &Gpu) -> Result<(), GpuError> {
        let waited = gpu.device.poll(wgpu::PollType::Wait { submission_index: None, timeout: Some(PATIENCE) });
        let outcome = self.begun.take();
        let mapped = waited.is_ok() && outcome.is_some_and(|outcome| matches!(outcome.try_recv(), Ok(Ok(()))));
        if !mapped || gpu.is_lost() { Err(GpuError::Lost) } else { Ok(()) }
    }

    fn mapped(&mut self) -> Option<Image> {
        let bytes = self.buffer.get_mapped_range(..).ok()?;
        let row = 4 * self.size.width as usize;
        let mut rgba = Vec::with_capacity(row * self.size.height as usize);
        bytes.chunks(self.stride as usize).for_each(|line| rgba.extend_from_slice(&line[..row]));
        drop(bytes);
        self.buffer.unmap();
        Some(Image { width: self.size.width, height: self.size.height, rgba })
    }
}

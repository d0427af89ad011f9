//! Writes pictures to files, on its own thread so that drawing never waits for a disk.

use crate::gpu::Image;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Maximum pictures waiting to be written: a slow disk costs pictures, not memory.
const WAITING: usize = 4;

/// Writes `frame-00000001234.png` files into a folder.
pub struct PngWriter {
    queue: Option<SyncSender<(i64, Image)>>,
    thread: Option<JoinHandle<()>>,
}

impl PngWriter {
    /// Creates the folder if missing, and starts the thread `png`.
    ///
    /// # Errors
    /// The folder cannot be created or written to, or the thread does not start.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        // Better to know now than at the first picture.
        let probe = folder.join(format!(".probe-{}", std::process::id()));
        std::fs::write(&probe, [])?;
        std::fs::remove_file(&probe)?;
        let (queue, pictures) = sync_channel::<(i64, Image)>(WAITING);
        let folder = folder.to_owned();
        let work = move || {
            let mut trouble = false;
            for (number, image) in pictures {
                let written = write(&folder, number, &image);
                match &written {
                    Err(error) if !trouble => {
                        tracing::warn!(folder = %folder.display(), %error, "cannot write pictures")
                    }
                    Ok(_) if trouble => tracing::info!(folder = %folder.display(), "writing pictures again"),
                    _ => {}
                }
                trouble = written.is_err();
            }
        };
        let thread = std::thread::Builder::new().name("png".into()).spawn(work)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Hands over a picture. False if the queue is full: the picture is dropped.
    pub fn write(&self, number: i64, image: Image) -> bool {
        self.queue.as_ref().is_some_and(|queue| queue.try_send((number, image)).is_ok())
    }
}

impl Drop for PngWriter {
    fn drop(&mut self) {
        // Without a sender the thread writes the rest and ends.
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A file with its final name is complete: it is written under another name first.
fn write(folder: &Path, number: i64, image: &Image) -> io::Result<PathBuf> {
    let path = folder.join(format!("frame-{number:011}.png"));
    let part = folder.join(format!(".frame-{number:011}.part"));
    let save = || {
        let file = io::BufWriter::new(std::fs::File::create(&part)?);
        let encoder = image::codecs::png::PngEncoder::new_with_quality(
            file,
            image::codecs::png::CompressionType::Fast,
            image::codecs::png::FilterType::Adaptive,
        );
        let kind = image::ExtendedColorType::Rgba8;
        image::ImageEncoder::write_image(encoder, &image.rgba, image.width, image.height, kind)
            .map_err(io::Error::other)?;
        std::fs::rename(&part, &path)
    };
    let saved = save();
    if saved.is_err() {
        // An incomplete file is useless, and may be why the disk is full.
        let _ = std::fs::remove_file(&part);
    }
    saved.map(|()| path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_written_whole_under_its_frame_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("a/b");
        let picture = Image { width: 2, height: 1, rgba: vec![10, 20, 30, 255, 40, 50, 60, 255] };
        let writer = PngWriter::open(&inner).expect("opens");
        assert!(writer.write(1234, picture.clone()));
        drop(writer);
        let names: Vec<_> =
            std::fs::read_dir(&inner).expect("lists").filter_map(|it| Some(it.ok()?.file_name())).collect();
        assert_eq!(names, ["frame-00000001234.png"]);
        let read = image::open(inner.join("frame-00000001234.png")).expect("decodes").into_rgba8();
        assert_eq!(read.into_raw(), picture.rgba);
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, b"x").expect("writes");
        assert!(PngWriter::open(&file.join("frames")).is_err());
    }
}

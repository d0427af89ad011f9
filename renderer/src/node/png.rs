//! Writes pictures to files, on its own thread so that drawing never waits for a disk.

use crate::gpu::Image;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Maximum pictures waiting to be written: a slow disk costs pictures, not memory.
const WAITING: usize = 4;
/// How long the last pictures may take once the node is told to stop: a disk may hang for ever.
const GOODBYE: Duration = Duration::from_millis(500);
/// Maximum delay of a request to stop.
const NAP: Duration = Duration::from_millis(20);

/// Writes `frame-00000001234.png` files into a folder.
pub struct PngWriter {
    queue: SyncSender<(i64, Image)>,
    folder: PathBuf,
    /// Closed when the thread has ended.
    ended: Receiver<()>,
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
        Self::with(folder, write)
    }

    fn with(
        folder: &Path,
        write: impl Fn(&Path, i64, &Image) -> io::Result<PathBuf> + Send + 'static,
    ) -> io::Result<Self> {
        let (queue, pictures) = sync_channel::<(i64, Image)>(WAITING);
        let (alive, ended) = sync_channel(0);
        let (folder, theirs) = (folder.to_owned(), folder.to_owned());
        let work = move || {
            let (_alive, folder) = (alive, theirs);
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
        std::thread::Builder::new().name("png".into()).spawn(work)?;
        Ok(Self { queue, folder, ended })
    }

    /// Hands over a picture. False if the queue is full: the picture is dropped.
    pub fn write(&self, number: i64, image: Image) -> bool {
        self.queue.try_send((number, image)).is_ok()
    }

    /// Waits until all pictures are written, and does `meanwhile` again and again; only for a moment once `stop` is set.
    pub fn finish(self, stop: &AtomicBool, mut meanwhile: impl FnMut()) {
        let Self { queue, folder, ended } = self;
        // Without a sender the thread writes the rest and ends.
        drop(queue);
        let mut asked = None;
        while ended.recv_timeout(NAP) == Err(RecvTimeoutError::Timeout) {
            meanwhile();
            if !stop.load(Ordering::Acquire) {
                continue;
            }
            if asked.get_or_insert_with(Instant::now).elapsed() >= GOODBYE {
                tracing::warn!(folder = %folder.display(), "does not take the last pictures; leaving them");
                return;
            }
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
        writer.finish(&AtomicBool::new(false), || ());
        let names: Vec<_> =
            std::fs::read_dir(&inner).expect("lists").filter_map(|it| Some(it.ok()?.file_name())).collect();
        assert_eq!(names, ["frame-00000001234.png"]);
        let read = image::open(inner.join("frame-00000001234.png")).expect("decodes").into_rgba8();
        assert_eq!(read.into_raw(), picture.rgba);
    }

    #[test]
    fn a_disk_that_hangs_does_not_hold_up_a_node_that_is_told_to_stop() {
        let (_go, gone) = sync_channel::<()>(0);
        let hangs = move |folder: &Path, _, _: &Image| gone.recv().map(|()| folder.into()).map_err(io::Error::other);
        let writer = PngWriter::with(Path::new("/share/frames"), hangs).expect("starts");
        assert!(writer.write(1, Image { width: 1, height: 1, rgba: vec![0; 4] }));
        // It ends: the picture is still not written.
        writer.finish(&AtomicBool::new(true), || ());
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, b"x").expect("writes");
        assert!(PngWriter::open(&file.join("frames")).is_err());
    }
}

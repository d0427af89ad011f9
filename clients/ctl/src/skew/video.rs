//! The frames of a video with their times, decoded by ffmpeg: only it reads the formats of all phones.

use crate::exit::Failure;
use crate::progress::Progress;
use crate::stop::Stop;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

/// Frames are scaled down to this width, which keeps the gaps between screens and is fast.
const WIDTH: usize = 480;

/// Maximum of frames, ten minutes at 240 per second, to limit memory.
const MOST_FRAMES: usize = 144_000;

/// One frame in grey, scaled down.
pub struct Grey {
    /// Pixels in a row, and rows.
    pub size: (usize, usize),
    /// Row by row from the top.
    pub pixels: Vec<u8>,
}

/// Properties of a video, after reading.
pub struct Film {
    /// The start of each frame, in seconds: real presentation times, so that phones may change their rate.
    pub times: Vec<f64>,
    /// Its displayed width and height, before scaling.
    pub size: (usize, usize),
}

/// Passes every frame to `see`, in order.
///
/// # Errors
/// If ffmpeg is missing or cannot read the file, or the user stops it.
pub fn scan(path: &Path, stop: &Stop, see: impl FnMut(&Grey)) -> Result<Film, Failure> {
    decode(path, MOST_FRAMES, stop, see)
}

/// Displayed width and height of a video, before scaling.
///
/// # Errors
/// As [`scan`].
pub fn size(path: &Path, stop: &Stop) -> Result<(usize, usize), Failure> {
    decode(path, 1, stop, |_| ()).map(|film| film.size)
}

fn decode(path: &Path, most: usize, stop: &Stop, mut see: impl FnMut(&Grey)) -> Result<Film, Failure> {
    // Opened here first: the system's reason is clearer than ffmpeg's.
    std::fs::File::open(path).map_err(|error| {
        Failure::Input(format!("cannot read {}: {error}. Use the camera's original file", path.display()))
    })?;
    let (mut child, stdout, stderr) = start(path, most)?;
    let times = std::thread::spawn(move || read_times(stderr));
    let mut frames = BufReader::with_capacity(1 << 20, stdout);
    let mut seen = 0;
    let progress = Progress::counting_frames(&path.file_name().unwrap_or_default().to_string_lossy());
    let outcome = loop {
        match read_frame(&mut frames) {
            _ if stop.asked() => break Err(Failure::Cancelled),
            Ok(Some(grey)) => {
                seen += 1;
                progress.frame();
                see(&grey);
                if seen == MOST_FRAMES {
                    break Err(Failure::Input(format!(
                        "{}: longer than {MOST_FRAMES} frames. Cut it to a minute (ffmpeg -i FILE -t 60 OUT)",
                        path.display()
                    )));
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(broken(path, &error.to_string())),
        }
    };
    if outcome.is_err() {
        // Its output is no longer needed; it may have ended already.
        let _ = child.kill();
    }
    finish(path, &mut child, times, seen, outcome)
}

fn start(path: &Path, most: usize) -> Result<(Child, ChildStdout, ChildStderr), Failure> {
    let mut file = std::ffi::OsString::from("file:");
    file.push(path);
    // `showinfo` prints size and time of every frame before it is scaled.
    let filter = format!("showinfo,scale=w='min({WIDTH},iw)':h=-2:flags=area,format=gray");
    let mut command = Command::new("ffmpeg");
    command.args(["-hide_banner", "-nostdin", "-nostats", "-loglevel", "info", "-i"]).arg(file);
    // Every frame once, as in the file.
    command.args(["-map", "0:v:0", "-an", "-sn", "-dn", "-vf", &filter, "-vsync", "passthrough"]);
    command.args(["-frames:v", &most.to_string()]);
    command.args(["-f", "image2pipe", "-c:v", "pgm", "-"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| {
        Failure::Input(if error.kind() == std::io::ErrorKind::NotFound {
            "ffmpeg, which decodes the video, is missing. Install the package ffmpeg".to_owned()
        } else {
            format!("cannot start ffmpeg, which decodes the video: {error}. Reinstall the package ffmpeg")
        })
    })?;
    match (child.stdout.take(), child.stderr.take()) {
        (Some(stdout), Some(stderr)) => Ok((child, stdout, stderr)),
        _ => Err(Failure::Input("ffmpeg, which decodes the video, has no output. Try again".into())),
    }
}

fn finish(
    path: &Path,
    child: &mut Child,
    times: JoinHandle<Told>,
    seen: usize,
    outcome: Result<(), Failure>,
) -> Result<Film, Failure> {
    let status = child.wait();
    let told = times.join().unwrap_or_default();
    outcome?;
    let ended_well = status.is_ok_and(|status| status.success());
    if !ended_well || seen == 0 {
        return Err(broken(path, &told.last));
    }
    if told.times.len() < seen || !told.times.is_sorted_by(|one, next| one < next) {
        return Err(broken(path, "its frame times are out of order"));
    }
    // The filter may have seen frames past the last requested one.
    let times = told.times.into_iter().take(seen).collect();
    Ok(Film { times, size: told.size })
}

fn broken(path: &Path, why: &str) -> Failure {
    Failure::Input(format!(
        "{}: ffmpeg cannot read the video: {}. Use the camera's complete original file",
        path.display(),
        why.trim()
    ))
}

/// The output of ffmpeg's decoder.
#[derive(Default)]
struct Told {
    times: Vec<f64>,
    size: (usize, usize),
    last: String,
}

fn read_times(stderr: ChildStderr) -> Told {
    let mut told = Told::default();
    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        if let Some((time, size)) = frame_said(&line) {
            if told.times.len() < MOST_FRAMES {
                told.times.push(time);
            }
            told.size = size;
        } else if line.contains("rror") || line.contains("nvalid") || line.contains("not ") {
            told.last = line.into_owned();
        }
    }
    told
}

/// Time and size in a line of `showinfo`.
pub fn frame_said(line: &str) -> Option<(f64, (usize, usize))> {
    let field = |name: &str| line.split_once(name).and_then(|(_, rest)| rest.split_whitespace().next());
    let time = line.contains("showinfo").then(|| field(" pts_time:")).flatten()?.parse().ok();
    let time = time.filter(|time: &f64| time.is_finite())?;
    let (width, height) = field(" s:")?.split_once('x')?;
    Some((time, (width.parse().ok()?, height.parse().ok()?)))
}

/// The next picture in the PGM format: `P5`, width, height, 255, then a byte for each pixel.
///
/// # Errors
/// If it is cut off, or no grey picture of the size that was asked for.
pub fn read_frame(from: &mut impl BufRead) -> std::io::Result<Option<Grey>> {
    let odd = || std::io::Error::new(std::io::ErrorKind::InvalidData, "not a grey picture");
    let mut words = Vec::new();
    while words.len() < 4 {
        let mut line = String::new();
        if from.take(64).read_line(&mut line)? == 0 {
            return if words.is_empty() { Ok(None) } else { Err(odd()) };
        }
        words.extend(line.split_whitespace().map(str::to_owned));
    }
    let number = |at: usize| words[at].parse::<usize>().map_err(|_| odd());
    let size = (number(1)?, number(2)?);
    // At most the requested width, and the height of a phone in portrait.
    if words[0] != "P5" || size.0 > WIDTH || size.1 > 16 * WIDTH {
        return Err(odd());
    }
    let mut pixels = vec![0; size.0 * size.1];
    from.read_exact(&mut pixels)?;
    Ok(Some(Grey { size, pixels }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_size_of_a_frame_are_read_from_what_ffmpeg_says() {
        let line = "[Parsed_showinfo_0 @ 0x55] n:   3 pts:   1501 pts_time:0.0500333 duration: 1 fmt:yuv420p cl:left sar:0/1 s:1920x1080 i:P";
        assert_eq!(frame_said(line), Some((0.050_033_3, (1920, 1080))));
        assert_eq!(frame_said("  Stream #0:0: Video: h264"), None);
    }

    #[test]
    fn a_picture_that_is_cut_off_or_none_is_an_error_and_the_end_is_not() {
        assert!(read_frame(&mut &b""[..]).is_ok_and(|grey| grey.is_none()));
        let whole = read_frame(&mut &b"P5\n2 1\n255\nab"[..]).ok().flatten().expect("a picture");
        assert_eq!((whole.size, whole.pixels), ((2, 1), b"ab".to_vec()));
        for bad in [&b"P5\n2 1\n255\na"[..], b"P6\n2 1\n255\nab", b"P5\n999999 9999\n255\n", b"P5\n2"] {
            assert!(read_frame(&mut &bad[..]).is_err(), "{bad:?}");
        }
    }
}

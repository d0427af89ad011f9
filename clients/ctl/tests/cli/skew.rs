//! A film of a wall in, the skew of its screens out.

use super::{run, silent_port, stderr, stdout, text};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const WIDTH: usize = 320;
const HEIGHT: usize = 180;
const FPS: f64 = 60.0;

/// A screen in the picture, x, y, width and height, and by how many milliseconds it is late.
type Late = ([usize; 4], f64);

const WALL: [Late; 3] = [([20, 40, 80, 60], 0.0), ([110, 44, 80, 60], 3.2), ([200, 40, 90, 62], -7.5)];

/// How much of an exposure a screen is white for: the first 100 ms of each second.
fn lit(opens: f64, exposure: f64) -> f64 {
    let until = |time: f64| 0.1 * time.floor() + (time - time.floor()).min(0.1);
    (until(opens + exposure) - until(opens)) / exposure
}

/// Ten seconds of a wall as a camera with an exposure as long as its frames films it, encoded by ffmpeg.
fn film(folder: &Path, wall: &[Late]) -> PathBuf {
    let path = folder.join("wall.mp4");
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", "320x180", "-r", "60", "-i", "-"]);
    // Its own encoder, which every ffmpeg has, with the losses of a good phone.
    command.args(["-c:v", "mpeg4", "-q:v", "2", "-pix_fmt", "yuv420p", text(&path)]).stdin(Stdio::piped());
    let mut child = command.spawn().expect("ffmpeg is installed (package ffmpeg)");
    let mut frames = child.stdin.take().expect("a pipe");
    for frame in 0..(10.0 * FPS) as usize {
        let mut pixels = vec![20_u8; WIDTH * HEIGHT];
        for &([x, y, width, height], late) in wall {
            // The camera was started at no special moment of the show.
            let light = lit(frame as f64 / FPS + 0.4107 - late / 1000.0, 1.0 / FPS);
            let grey = (255.0 * (0.01 + 0.8 * light).powf(1.0 / 2.2)) as u8;
            for row in pixels.chunks_mut(WIDTH).skip(y).take(height) {
                row[x..x + width].fill(grey);
            }
        }
        frames.write_all(&pixels).expect("ffmpeg takes frames");
    }
    drop(frames);
    assert!(child.wait().expect("ffmpeg ends").success());
    path
}

#[test]
fn a_film_of_a_wall_tells_each_screens_skew_to_a_fraction_of_its_frames() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = film(folder.path(), &WALL);
    let output = run(&["skew", "--video", text(&path), "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let screens: Vec<Value> = stdout(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(screens.len(), 3, "{screens:?}");
    for (screen, (place, late)) in screens.iter().zip(WALL) {
        // A tenth of a video frame of 16.7 ms: the encoder's losses and whole grey values.
        let skew = screen["skew_ms"].as_f64().expect("a number");
        assert!((skew - late).abs() < 1.7, "{screen} for {late}");
        for (name, wanted) in ["x", "y", "w", "h"].into_iter().zip(place) {
            // The encoder works in blocks, which smears edges by a few pixels.
            let found = screen[name].as_u64().expect("a number") as usize;
            assert!(found.abs_diff(wanted) <= 4, "{name} of {screen} for {wanted}");
        }
    }
    let table = stdout(&run(&["skew", "--video", text(&path)]));
    assert!(table.contains("screen 3 is the first, screen 2 the last"), "{table}");
    let regions = ["--region", "30,50,40,40", "--region", "210,50,40,40"];
    let table = stdout(&run(&[&["skew", "--video", text(&path)], &regions[..]].concat()));
    assert!(table.contains("screen 2 is the first, screen 1 the last") && table.contains("\n     1    30"), "{table}");
}

#[test]
fn a_film_that_cannot_be_measured_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |args: &[&str], status: i32, words: &[&str]| {
        let output = run(&[&["skew"], args].concat());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{args:?}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{args:?}: {said}");
    };
    let (_socket, silent) = silent_port();
    refused(&["--server", &silent], 1, &[&silent, "Start downbeatd there"]);
    refused(&["--region", "0,0,9,9"], 64, &["--video"]);
    refused(&["--video", text(&folder.path().join("none.mp4"))], 66, &["none.mp4", "No such file"]);
    let broken = folder.path().join("broken.mp4");
    std::fs::write(&broken, "not a film").expect("written");
    refused(&["--video", text(&broken)], 66, &["broken.mp4", "ffmpeg cannot read"]);
    let alone = film(folder.path(), &WALL[..1]);
    let alone = text(&alone);
    refused(&["--video", alone], 66, &["only one flashing screen", "--region"]);
    refused(
        &["--video", alone, "--region", "20,40,80,60", "--region", "300,0,80,60"],
        64,
        &["300,0,80,60", "320 x 180"],
    );
    refused(
        &["--video", alone, "--region", "20,40,80,60", "--region", "200,0,80,60"],
        66,
        &["region 2", "scene \"flash\""],
    );
    refused(&["--video", alone, "--region", "20,40"], 64, &["X,Y,WIDTH,HEIGHT"]);
}

//! A short run of every target: its seeds, its corpus, past findings, and a few thousand mutations of these, the same
//! each time.

use downbeat_fuzz::memory::proportionate;
use downbeat_fuzz::mutation::mutate;
use downbeat_fuzz::{TARGETS, Target, is_survived, target};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Maximum time for one input: a show waits no longer for anybody. Most take microseconds; a test machine may be busy.
const SLOW: Duration = Duration::from_secs(5);

thread_local! {
    /// A runtime catches the panics of its tasks.
    static PANICKED: Cell<bool> = const { Cell::new(false) };
}

/// Names the input when the target panics.
struct Culprit<'a>(&'a Target, &'a [u8]);

impl Drop for Culprit<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{} does not survive \"{}\"", self.0.name, self.1.escape_ascii());
        }
    }
}

fn run(target: &Target, bytes: &[u8]) {
    let (culprit, begun) = (Culprit(target, bytes), Instant::now());
    proportionate(bytes.len(), || (target.run)(culprit.1));
    assert!(!PANICKED.get(), "a task of it panics");
    assert!(begun.elapsed() < SLOW, "it takes {:?}", begun.elapsed());
}

/// A folder of this crate.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files of a folder with their names, in order; none without the folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let all = std::fs::read_dir(folder).into_iter().flatten().map(|file| file.expect("a file"));
    let read = |file: std::fs::DirEntry| {
        (file.file_name().into_string().expect("a name"), std::fs::read(file.path()).expect("an input"))
    };
    let mut files: Vec<_> = all.filter(|file| !file.path().is_dir()).map(read).collect();
    files.sort();
    files
}

/// Seeds, corpus and mutations.
fn try_everything(target: &Target) {
    let corpus = files(&folder("corpus").join(target.name)).into_iter().map(|(_, input)| input);
    let (inputs, mut rng) =
        ((target.seeds)().into_iter().chain(corpus).collect::<Vec<_>>(), fastrand::Rng::with_seed(1));
    inputs.iter().for_each(|input| run(target, input));
    (0..target.rounds).for_each(|_| run(target, &mutate(&inputs, &mut rng)));
}

#[test]
fn every_decoder_survives_its_corpus_and_what_can_be_made_of_it() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_survived(panic) {
            PANICKED.set(true);
            usual(panic);
        }
    }));
    std::thread::scope(|scope| {
        for target in TARGETS {
            scope.spawn(move || try_everything(target));
        }
    });
}

#[test]
fn the_corpus_is_small_and_each_part_has_its_target() {
    let (mut count, mut size) = (0, 0);
    for entry in std::fs::read_dir(folder("corpus")).expect("the corpus").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().into_string().expect("a name");
        assert!(target(&name).is_some(), "there is no target {name}");
        let files = files(&entry.path());
        (count, size) = (count + files.len(), size + files.iter().map(|(_, input)| input.len()).sum::<usize>());
    }
    assert!(count < 3_000 && size < 1_500_000, "{count} files with {size} bytes: run `make fuzz-corpus`");
}

#[test]
fn what_was_found_once_is_not_found_again() {
    for (name, input) in files(&folder("findings")) {
        let Some(target) = TARGETS.iter().find(|target| name.starts_with(&format!("{}.", target.name))) else {
            assert_eq!(name, "README.md", "a finding is called TARGET.WHAT");
            continue;
        };
        run(target, &input);
    }
}

//! A short run of every target: its seeds, past findings, and a few thousand mutated seeds, the same each time.

use downbeat_fuzz::mutation::mutate;
use downbeat_fuzz::{TARGETS, Target};
use std::path::Path;

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
    let culprit = Culprit(target, bytes);
    (target.run)(culprit.1);
}

#[test]
fn every_decoder_survives_its_seeds_and_what_can_be_made_of_them() {
    std::thread::scope(|scope| {
        for target in TARGETS {
            scope.spawn(move || {
                let (seeds, mut rng) = ((target.seeds)(), fastrand::Rng::with_seed(1));
                seeds.iter().for_each(|seed| run(target, seed));
                (0..target.rounds).for_each(|_| run(target, &mutate(&seeds, &mut rng)));
            });
        }
    });
}

#[test]
fn what_was_found_once_is_not_found_again() {
    let findings = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    for file in std::fs::read_dir(findings).expect("the directory of findings").map(|file| file.expect("a file")) {
        let name = file.file_name().into_string().expect("a name");
        let Some(target) = TARGETS.iter().find(|target| name.starts_with(&format!("{}.", target.name))) else {
            assert_eq!(name, "README.md", "a finding is called TARGET.WHAT");
            continue;
        };
        run(target, &std::fs::read(file.path()).expect("a finding"));
    }
}

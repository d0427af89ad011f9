//! Drives a target with libFuzzer; see `make fuzz`. `$TARGET` is the target's name, and `$SEEDS` the directory to which
//! its seeds are written first.
#![no_main]
#![allow(unsafe_code, missing_docs, reason = "libFuzzer calls C functions that the macro defines")]

use downbeat_fuzz::memory::proportionate;
use downbeat_fuzz::{TARGETS, Target, is_survived, target};
use std::path::PathBuf;
use std::sync::OnceLock;

static CHOSEN: OnceLock<&Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: choose(), |bytes: &[u8]| {
    if let Some(target) = CHOSEN.get() {
        proportionate(bytes.len(), || (target.run)(bytes));
    }
});

fn choose() {
    let fatal = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_survived(panic) {
            fatal(panic);
        }
    }));
    let name = std::env::var("TARGET").unwrap_or_default();
    let Some(target) = target(&name) else {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("TARGET is `{name}`; it can be one of: {}", names.join(" "));
        std::process::exit(64);
    };
    let directory = PathBuf::from(std::env::var_os("SEEDS").unwrap_or_default());
    for (number, seed) in (target.seeds)().iter().enumerate() {
        let path = directory.join(format!("seed-{number}"));
        if let Err(error) = std::fs::write(&path, seed) {
            eprintln!("{}: {error}; SEEDS has to be a directory that can be written", path.display());
            std::process::exit(74);
        }
    }
    let _ = CHOSEN.set(target);
}

//! What a node on this machine would draw with, and ffmpeg.

use super::finding::Finding;
use super::machine::{Answer, Machine};
use super::wanted::Wanted;
use std::fs::OpenOptions;

/// Where drivers for Vulkan announce themselves.
const DRIVERS: [&str; 2] = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/// Looks at graphics and films.
pub fn look(machine: &Machine, _: &Wanted) -> Vec<Finding> {
    vec![graphics(machine), films(machine)]
}

fn graphics(machine: &Machine) -> Finding {
    let what = "graphics";
    let cards: Vec<_> = machine.names("/dev/dri").into_iter().filter(|name| name.starts_with("renderD")).collect();
    let drivers: Vec<_> = DRIVERS.iter().flat_map(|folder| machine.names(folder)).collect();
    let usable = |name: &String| {
        OpenOptions::new().read(true).write(true).open(machine.path(&format!("/dev/dri/{name}"))).is_ok()
    };
    let only_daemon = "The daemon does not need it; a node on this machine does.";
    match () {
        () if drivers.is_empty() => {
            Finding::warn(what, "no driver for Vulkan", only_daemon, "sudo apt install mesa-vulkan-drivers")
        }
        () if cards.is_empty() => Finding::warn(
            what,
            "no graphics card: the processor draws",
            "A node on this machine draws slowly, and takes time from everything else. The daemon does not mind.",
            "use another machine for nodes, or install the card's driver",
        ),
        () if !cards.iter().any(usable) => Finding::warn(
            what,
            "there is a card, but this user may not use it",
            only_daemon,
            "sudo usermod -aG render,video $USER; then log in again",
        ),
        () => Finding::ok(what, format!("{} with Vulkan", cards.join(", "))),
    }
}

fn films(machine: &Machine) -> Finding {
    let what = "ffmpeg";
    match machine.ask("ffmpeg", &["-version"]) {
        Answer::Done(text) => {
            let version = text.lines().next().unwrap_or_default();
            Finding::ok(what, version.split(" Copyright").next().unwrap_or_default().replace("ffmpeg ", ""))
        }
        _ => Finding::warn(
            what,
            "not installed",
            "`downbeatctl skew` cannot read films of the wall. The show does not need it.",
            "sudo apt install ffmpeg",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::super::machine::made::{machine, with_programs};
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_card_needs_a_driver_and_the_right_to_use_it() {
        let driver = ("usr/share/vulkan/icd.d/radeon.json", "{}");
        assert!(graphics(&machine(&[]).1).seen.contains("no driver"));
        assert!(graphics(&machine(&[driver]).1).seen.contains("the processor draws"));
        let (_folder, whole) = machine(&[driver, ("dev/dri/renderD128", "")]);
        assert_eq!(graphics(&whole).grade, Grade::Ok);
        // A folder cannot be opened to write, by root either.
        let (_folder, denied) = machine(&[driver, ("dev/dri/renderD128/x", "")]);
        assert!(graphics(&denied).mend.contains("usermod"), "{:?}", graphics(&denied));
    }

    #[test]
    fn ffmpeg_tells_its_version() {
        let said = |_: &str, _: &[&str], _: Duration| {
            Answer::Done("ffmpeg version 7.1-3 Copyright (c) 2000\nbuilt with gcc\n".into())
        };
        assert_eq!(films(&with_programs(&[], said).1), Finding::ok("ffmpeg", "version 7.1-3"));
        assert_eq!(films(&machine(&[]).1).grade, Grade::Warn);
    }
}

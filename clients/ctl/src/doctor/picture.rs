//! What a node on this machine would draw with, and ffmpeg.

use super::finding::Finding;
use super::machine::{Answer, Machine};
use super::wanted::Wanted;
use std::fs::OpenOptions;

/// Where drivers for Vulkan announce themselves.
const DRIVERS: [&str; 2] = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/// The user whom the package's nodes run as, and their unit.
const NODES: &str = "downbeat-renderer";
const NODES_UNIT: &str = "/usr/lib/systemd/system/downbeat-renderer@.service";

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
    // Whoever checks may be the daemon's user, who may not use the card and need not.
    let by_service = has_nodes(machine) && is_member(&machine.text("/etc/group"), "render", NODES);
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
        () if cards.iter().any(usable) => Finding::ok(what, format!("{} with Vulkan", cards.join(", "))),
        () if by_service => Finding::ok(what, format!("{} with Vulkan, for {NODES}", cards.join(", "))),
        () if has_nodes(machine) => Finding::warn(
            what,
            format!("there is a card, but {NODES} may not use it"),
            only_daemon,
            format!(
                "sudo systemd-sysusers; sudo usermod -aG render,video {NODES}; \
                 sudo systemctl try-restart downbeat-kiosk 'downbeat-renderer@*'"
            ),
        ),
        () => Finding::warn(
            what,
            "there is a card, but this user may not use it",
            only_daemon,
            "sudo usermod -aG render,video $USER; then log in again",
        ),
    }
}

/// Whether nodes run as the package's services here.
fn has_nodes(machine: &Machine) -> bool {
    let users = machine.text("/etc/passwd");
    machine.has(NODES_UNIT) || users.lines().any(|line| line.split(':').next() == Some(NODES))
}

/// Whether a user is among the members of a group, by the text of `/etc/group`.
fn is_member(groups: &str, group: &str, user: &str) -> bool {
    groups.lines().any(|line| {
        let mut fields = line.split(':');
        let is_it = fields.next() == Some(group);
        is_it && fields.nth(2).is_some_and(|members| members.split(',').any(|member| member == user))
    })
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
    fn where_nodes_are_services_it_is_their_user_who_needs_the_card() {
        // As for whoever checks: nobody can open a folder to write.
        let found = |more: &[(&str, &str)]| {
            let card = [("usr/share/vulkan/icd.d/radeon.json", "{}"), ("dev/dri/renderD128/x", "")];
            graphics(&machine(&[&card[..], more].concat()).1)
        };
        let user = ("etc/passwd", "root:x:0:0::/root:/bin/sh\ndownbeat-renderer:x:990:990::/:/bin/false\n");
        let group = |members| ("etc/group", members);
        assert_eq!(found(&[user, group("video:x:44:\nrender:x:104:me,downbeat-renderer\n")]).grade, Grade::Ok);
        for members in ["render:x:104:me\n", "video:x:44:downbeat-renderer\n", ""] {
            let found = found(&[user, group(members)]);
            assert!(found.grade == Grade::Warn && found.mend.contains("render,video downbeat-renderer"), "{found:?}");
        }
        let unit = (NODES_UNIT.trim_start_matches('/'), "");
        assert!(found(&[unit]).seen.contains("downbeat-renderer may not"), "{:?}", found(&[unit]));
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

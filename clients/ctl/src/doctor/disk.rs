//! The folder for state and keys.

use super::finding::Finding;
use super::machine::Machine;
use super::wanted::Wanted;
use nix::sys::statvfs::{FsFlags, statvfs};
use std::path::Path;

/// Below this there is soon no room for the state, in bytes.
const LITTLE: u64 = 1 << 30;
const NONE: u64 = 64 << 20;

/// Looks at the disk.
pub fn look(_: &Machine, wanted: &Wanted) -> Vec<Finding> {
    // One that does not exist yet is made in the next one above.
    let folder = wanted.state.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
    vec![match statvfs(folder) {
        Ok(space) => {
            judge(folder, space.blocks_available() * space.fragment_size(), space.flags().contains(FsFlags::ST_RDONLY))
        }
        Err(error) => Finding::warn(
            "disk",
            format!("{}: {error}", folder.display()),
            "State and keys may not be kept.",
            format!("df -h {}", folder.display()),
        ),
    }]
}

fn judge(folder: &Path, free: u64, read_only: bool) -> Finding {
    let (what, place) = ("disk", folder.display());
    let seen = format!("{} MB free at {place}", free >> 20);
    let mend = format!("df -h {place}; sudo apt clean; sudo journalctl --vacuum-size=200M");
    if read_only {
        let mend = format!("sudo mount -o remount,rw $(findmnt -no TARGET -T {place})");
        let means = "After a restart the daemon has forgotten the show's state and its pairings.";
        return Finding::bad(what, format!("{place} cannot be written"), means, mend);
    }
    if free < NONE {
        Finding::bad(what, seen, "The state and new pairings are soon no longer kept.", mend)
    } else if free < LITTLE {
        Finding::warn(what, seen, "There is little room for the log and the state.", mend)
    } else {
        Finding::ok(what, seen)
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::*;

    #[test]
    fn a_disk_that_is_full_or_cannot_be_written_is_bad() {
        let grade = |free, read_only| judge(Path::new("/srv"), free, read_only).grade;
        assert_eq!([grade(1 << 40, false), grade(500 << 20, false)], [Grade::Ok, Grade::Warn]);
        assert_eq!([grade(0, false), grade(NONE - 1, false), grade(1 << 40, true)], [Grade::Bad; 3]);
    }
}

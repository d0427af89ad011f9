//! What this user may: real-time priority and locked memory.

use super::finding::Finding;
use super::machine::Machine;
use super::wanted::Wanted;

/// Bits of capabilities (capabilities(7)).
const SYS_NICE: u32 = 23;
const IPC_LOCK: u32 = 14;

/// How to get both rights.
const MEND: &str = "printf '@audio - rtprio 95\\n@audio - memlock unlimited\\n' | sudo tee \
                    /etc/security/limits.d/downbeat.conf; sudo usermod -aG audio $USER; then log in again (services have \
                    LimitRTPRIO and LimitMEMLOCK in their units)";

/// Looks at the limits of this user.
pub fn look(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let (limits, status) = (machine.text("/proc/self/limits"), machine.text("/proc/self/status"));
    let priority = priority(limit(&limits, "Max realtime priority"), may(&status, SYS_NICE), wanted.priority);
    vec![priority, memory(limit(&limits, "Max locked memory"), may(&status, IPC_LOCK), wanted.locks_memory)]
}

fn priority(limit: Option<u64>, may: bool, wanted: u64) -> Finding {
    let what = "real-time priority";
    match limit {
        _ if wanted == 0 => Finding::ok(what, "not needed: `realtime` is 0 in [threads]"),
        _ if may => Finding::ok(what, "allowed (this user may do anything)"),
        Some(most) if most >= wanted => Finding::ok(what, format!("allowed, up to {}", most.min(99))),
        Some(most) => Finding::warn(
            what,
            if most == 0 { "not allowed".to_owned() } else { format!("allowed up to {most}, but {wanted} is needed") },
            "Other programs can hold the daemon up: beats may come late when the machine is busy.",
            MEND,
        ),
        None => Finding::warn(what, "cannot be read", "It may not be allowed.", "cat /proc/self/limits"),
    }
}

/// Under any limit the daemon locks nothing: once it is reached, there would be no memory at all.
fn memory(limit: Option<u64>, may: bool, wanted: bool) -> Finding {
    let what = "locked memory";
    match limit {
        _ if !wanted => Finding::ok(what, "not needed: `lock-memory` is false in [threads]"),
        _ if may => Finding::ok(what, "allowed (this user may do anything)"),
        Some(u64::MAX) => Finding::ok(what, "unlimited"),
        most => Finding::warn(
            what,
            format!("{} MB at most; the daemon locks its memory only without a limit", most.unwrap_or(0) >> 20),
            "Parts of the daemon can be swapped out, and take a while to come back when they are needed.",
            MEND,
        ),
    }
}

/// The soft limit in a line of `/proc/self/limits`; `u64::MAX` if there is none.
fn limit(limits: &str, name: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix(name))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

/// Whether a process has a capability, by its status.
fn may(status: &str, bit: u32) -> bool {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).is_some_and(|bits| bits >> bit & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::super::machine::made::machine;
    use super::*;

    fn grades(priority: &str, memory: &str, capabilities: &str) -> Vec<Grade> {
        let limits = format!(
            "Limit                     Soft Limit           Hard Limit           Units     \n\
             Max locked memory         {memory}              {memory}              bytes     \n\
             Max realtime priority     {priority}                    0                    \n"
        );
        let status = format!("Name:\tdoctor\nCapEff:\t{capabilities}\n");
        let (_folder, machine) = machine(&[("proc/self/limits", &limits), ("proc/self/status", &status)]);
        let wanted = Wanted { priority: 4, locks_memory: true, ..Wanted::default() };
        look(&machine, &wanted).into_iter().map(|it| it.grade).collect()
    }

    #[test]
    fn nothing_is_missing_where_nothing_is_wanted() {
        let (_folder, machine) = machine(&[]);
        assert!(look(&machine, &Wanted::default()).iter().all(|it| it.grade == Grade::Ok));
    }

    #[test]
    fn an_ordinary_user_is_told_how_to_get_both_rights() {
        assert_eq!(grades("0", "8388608", "0000000000000000"), [Grade::Warn, Grade::Warn]);
        assert_eq!(grades("3", "unlimited", "0000000000000000"), [Grade::Warn, Grade::Ok], "outputs have 4");
        assert_eq!(grades("4", "unlimited", "0000000000000000"), [Grade::Ok, Grade::Ok]);
        assert_eq!(grades("95", "4294967296", "0000000000000000"), [Grade::Ok, Grade::Warn], "nothing is locked then");
        assert_eq!(grades("0", "8388608", "000001ffffffffff"), [Grade::Ok, Grade::Ok], "root");
    }
}

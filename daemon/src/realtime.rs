//! Scheduling of the threads on which the beat depends, and locked memory.
//!
//! Only threads that the daemon itself keeps busy are elevated. What anybody on the network can keep busy (controls, the
//! page, the server and its clock) runs as an ordinary thread, so that a flood never takes a CPU from the beat.

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use nix::unistd::Pid;
use serde::Deserialize;
use std::io;
use std::sync::OnceLock;
use std::thread;

/// `[threads]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ThreadsConfig {
    /// The real-time priority (`SCHED_FIFO`) of the hop thread, 1 to 88; outputs have one more. 0 runs them as ordinary
    /// threads.
    pub realtime: u8,
    /// The CPUs of these threads, from 0; any if empty.
    pub cpus: Vec<u16>,
    /// Keep the daemon's memory from being paged out.
    pub lock_memory: bool,
}

/// What an elevated thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// It hears and decides: `hop`.
    Hop,
    /// It sends on the beat, for microseconds at a time, so it goes before the hop: `out:NAME`, `tcp:NAME`.
    Output,
}

/// The bit of the capability to lock any amount of memory (`CAP_IPC_LOCK` in capabilities(7)).
const MAY_LOCK: u32 = 14;

/// `[threads]` of this process; none in tests and tools, where no thread is elevated.
static IN_FORCE: OnceLock<ThreadsConfig> = OnceLock::new();

/// Puts `[threads]` in force, and says in one line what the system allows. Call it before the first [`elevate`].
pub fn begin(config: &ThreadsConfig) {
    let config = IN_FORCE.get_or_init(|| config.clone());
    // On a thread of its own, which has this scheduling then.
    let probe = thread::Builder::new().name("probe".into());
    let probe = probe.spawn(|| Allowed { priority: set_priority(config, Rank::Output), cpus: set_cpus(config) });
    let allowed = probe.and_then(|probe| probe.join().map_err(|_| io::ErrorKind::Other.into()));
    let allowed = allowed.unwrap_or_else(|error| Allowed { priority: Err(error), cpus: Ok(()) });
    let memory = if config.lock_memory { lock_memory() } else { Ok(()) };
    match words(config, &allowed, &memory) {
        Ok(words) => tracing::info!("threads: {words}"),
        Err(words) => tracing::warn!("threads: {words}"),
    }
}

/// Runs the calling thread before all ordinary ones, as far as `[threads]` and the system allow: [`begin`] has said how
/// far that is.
pub fn elevate(rank: Rank) {
    if let Some(config) = IN_FORCE.get() {
        let (priority, cpus) = (set_priority(config, rank), set_cpus(config));
        for error in priority.err().into_iter().chain(cpus.err()) {
            tracing::debug!("threads: {rank:?}: {error}");
        }
    }
}

/// Whether the system allowed it.
struct Allowed {
    priority: io::Result<()>,
    cpus: io::Result<()>,
}

/// The priority of a rank; `None` for an ordinary thread.
fn priority(config: &ThreadsConfig, rank: Rank) -> Option<i32> {
    let above = match rank {
        Rank::Hop => 0,
        Rank::Output => 1,
    };
    (config.realtime > 0).then(|| i32::from(config.realtime) + above)
}

fn set_priority(config: &ThreadsConfig, rank: Rank) -> io::Result<()> {
    let Some(sched_priority) = priority(config, rank) else { return Ok(()) };
    let parameters = libc::sched_param { sched_priority };
    // SAFETY: `parameters` is valid for reading; 0 is the calling thread.
    #[expect(unsafe_code, reason = "neither the standard library nor nix can set a thread's scheduling")]
    let result = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO | libc::SCHED_RESET_ON_FORK, &parameters) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn set_cpus(config: &ThreadsConfig) -> io::Result<()> {
    if config.cpus.is_empty() {
        return Ok(());
    }
    let mut set = CpuSet::new();
    config.cpus.iter().try_for_each(|cpu| set.set(usize::from(*cpu)))?;
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}

/// Keeps every page that the process uses in memory, now and later.
///
/// # Errors
/// Without the permission to lock any amount. Under a smaller limit the process would get no memory at all once it is
/// reached, so nothing is locked then.
fn lock_memory() -> io::Result<()> {
    let (limit, _) = getrlimit(Resource::RLIMIT_MEMLOCK)?;
    if limit != RLIM_INFINITY && !may_lock() {
        return Err(nix::Error::EPERM.into());
    }
    // Pages are locked as they are used: stacks and arenas reserve far more than that.
    let on_fault = MlockAllFlags::from_bits_retain(libc::MCL_ONFAULT as libc::c_int);
    Ok(mlockall(MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | on_fault)?)
}

fn may_lock() -> bool {
    let capabilities = own_status("CapEff:").and_then(|digits| u64::from_str_radix(&digits, 16).ok());
    capabilities.is_some_and(|all| all >> MAY_LOCK & 1 == 1)
}

/// The memory in use, in MB.
fn in_use_mb() -> u64 {
    own_status("VmRSS:").and_then(|kb| kb.split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// A line of `/proc/self/status`.
fn own_status(key: &str) -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(key)).map(|rest| rest.trim().to_owned())
}

/// One line for the operator: what is in force, or what is missing and how to allow it.
fn words(config: &ThreadsConfig, allowed: &Allowed, memory: &io::Result<()>) -> Result<String, String> {
    let (mut good, mut bad, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    match (priority(config, Rank::Hop).zip(priority(config, Rank::Output)), &allowed.priority) {
        (None, _) => good.push("ordinary priority".to_owned()),
        (Some((hop, output)), Ok(())) => {
            good.push(format!("real-time priority {hop} for the hop, {output} for outputs"));
        }
        (Some(_), Err(error)) => {
            bad.push(format!("no real-time priority ({error})"));
            limits.push(("LimitRTPRIO=95", "`@audio - rtprio 95`"));
        }
    }
    let cpus = config.cpus.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    match &allowed.cpus {
        Ok(()) if config.cpus.is_empty() => {}
        Ok(()) => good.push(format!("CPUs {cpus}")),
        Err(error) => bad.push(format!("CPUs {cpus} cannot be used ({error}): correct `cpus` in [threads]")),
    }
    match memory {
        Ok(()) if !config.lock_memory => good.push("memory not locked".into()),
        Ok(()) => good.push(format!("memory locked ({} MB in use)", in_use_mb())),
        Err(error) => {
            bad.push(format!("memory not locked ({error})"));
            limits.push(("LimitMEMLOCK=infinity", "`@audio - memlock unlimited`"));
        }
    }
    if bad.is_empty() {
        return Ok(good.join("; "));
    }
    let mut words = format!("{}; beats may be late while the machine is busy", bad.join("; "));
    if !limits.is_empty() {
        let (unit, file): (Vec<_>, Vec<_>) = limits.into_iter().unzip();
        words += &format!(
            ". Allow it: in a service's unit with {}; for people with {} in /etc/security/limits.d/downbeat.conf, the group \
             audio, and a new log-in",
            unit.join(" and "),
            file.join(" and ")
        );
    }
    Err(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: ThreadsConfig = ThreadsConfig { realtime: 5, cpus: Vec::new(), lock_memory: true };

    fn denied() -> io::Result<()> {
        Err(nix::Error::EPERM.into())
    }

    #[test]
    fn what_is_in_force_is_said() {
        let config = ThreadsConfig { cpus: vec![2, 3], ..CONFIG };
        let words = words(&config, &Allowed { priority: Ok(()), cpus: Ok(()) }, &Ok(())).expect("all is well");
        let begin = "real-time priority 5 for the hop, 6 for outputs; CPUs 2, 3; memory locked (";
        assert!(words.starts_with(begin), "{words}");
    }

    #[test]
    fn nothing_is_missing_where_nothing_is_wanted() {
        let config = ThreadsConfig { realtime: 0, lock_memory: false, ..CONFIG };
        let words = words(&config, &Allowed { priority: Ok(()), cpus: Ok(()) }, &Ok(()));
        assert_eq!(words.as_deref(), Ok("ordinary priority; memory not locked"));
    }

    #[test]
    fn what_is_missing_is_said_with_what_to_set_and_nothing_else() {
        let missing = |priority, memory| {
            words(&CONFIG, &Allowed { priority, cpus: Ok(()) }, &memory).expect_err("something is missing")
        };
        let both = missing(denied(), denied());
        assert!(both.starts_with("no real-time priority (") && both.contains("; memory not locked ("), "{both}");
        assert!(both.contains("unit with LimitRTPRIO=95 and LimitMEMLOCK=infinity;"), "{both}");
        assert!(both.contains("`@audio - rtprio 95` and `@audio - memlock unlimited` in /etc/security/"), "{both}");
        let memory = missing(Ok(()), denied());
        assert!(memory.contains("LimitMEMLOCK") && !memory.contains("rtprio"), "{memory}");
    }

    #[test]
    fn a_cpu_that_is_not_there_points_at_the_configuration() {
        let config = ThreadsConfig { cpus: vec![1023], ..CONFIG };
        let theirs = config.clone();
        let cpus = thread::spawn(move || set_cpus(&theirs)).join().expect("it ends");
        let words = words(&config, &Allowed { priority: Ok(()), cpus }, &Ok(())).expect_err("no machine has it");
        assert!(words.starts_with("CPUs 1023 cannot be used") && words.contains("`cpus` in [threads]"), "{words}");
        assert!(!words.contains("limits.d"), "no limit is in the way: {words}");
    }
}

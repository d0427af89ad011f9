//! CPU time of a process.

use std::time::Duration;

/// The processor time of a process and all its threads so far, user and system (proc_pid_stat(5), fields 14 and 15).
pub fn used(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("a process that runs has a stat");
    // The second field is a name in parentheses, which may have spaces in it.
    let (_, fields) = stat.rsplit_once(") ").expect("a stat has a name");
    let ticks: u64 = fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_secs_f64(ticks as f64 / ticks_per_second())
}

fn ticks_per_second() -> f64 {
    nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok().flatten().expect("Linux has clock ticks") as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_uses_time() {
        let before = used(std::process::id());
        let mut sum = 0_u64;
        crate::wait_for("a tenth of a second of work", Duration::from_secs(20), || {
            (0..10_000_000_u64).for_each(|number| sum = sum.wrapping_add(std::hint::black_box(number)));
            (used(std::process::id()) - before >= Duration::from_millis(100)).then_some(())
        });
        assert!(std::hint::black_box(sum) > 0);
    }
}

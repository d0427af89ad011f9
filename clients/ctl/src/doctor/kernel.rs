//! Processor and kernel: governor, clock source, preemption, swap, the clock of the day.

use super::finding::Finding;
use super::machine::{Answer, Machine};
use super::wanted::Wanted;
use std::collections::BTreeSet;

/// Clock sources that are read in nanoseconds, without asking a device.
const QUICK: [&str; 6] =
    ["tsc", "arch_sys_counter", "kvm-clock", "hyperv_clocksource_tsc_page", "xen", "riscv_clocksource"];

/// Programs that set the clock of the day.
const SYNCS: [&str; 6] = ["chronyd", "ntpd", "ptp4l", "phc2sys", "openntpd", "systemd-timesyn"];

/// Looks at the processor and the kernel.
pub fn look(machine: &Machine, _: &Wanted) -> Vec<Finding> {
    vec![governor(machine), clock_source(machine), preemption(machine), swap(machine), time_of_day(machine)]
}

fn governor(machine: &Machine) -> Finding {
    let what = "CPU governor";
    let of = |name: &String| machine.text(&format!("/sys/devices/system/cpu/{name}/cpufreq/scaling_governor"));
    let governors: BTreeSet<_> =
        machine.names("/sys/devices/system/cpu").iter().map(of).filter(|it| !it.is_empty()).collect();
    let seen = governors.iter().cloned().collect::<Vec<_>>().join(", ");
    match () {
        () if governors.is_empty() => Finding::ok(what, "none: the frequency is not scaled"),
        () if governors.iter().all(|it| it == "performance") => Finding::ok(what, seen),
        () => Finding::warn(
            what,
            seen,
            "The processor slows down between beats, and takes a while to wake.",
            "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
        ),
    }
}

fn clock_source(machine: &Machine) -> Finding {
    let what = "clock source";
    let folder = "/sys/devices/system/clocksource/clocksource0";
    let current = machine.text(&format!("{folder}/current_clocksource"));
    let available = machine.text(&format!("{folder}/available_clocksource"));
    match current.as_str() {
        "" => Finding::ok(what, "not known here"),
        quick if QUICK.contains(&quick) => Finding::ok(what, quick),
        slow if available.split_whitespace().any(|it| it == "tsc") => Finding::warn(
            what,
            slow,
            "Reading the clock takes microseconds here, and Downbeat reads it often.",
            format!("echo tsc | sudo tee {folder}/current_clocksource"),
        ),
        slow => Finding::warn(
            what,
            slow,
            "Reading the clock takes microseconds here, and Downbeat reads it often. The kernel does not trust the quick one.",
            "update the BIOS; or add `tsc=reliable` to GRUB_CMDLINE_LINUX in /etc/default/grub, sudo update-grub, restart",
        ),
    }
}

fn preemption(machine: &Machine) -> Finding {
    let what = "kernel preemption";
    let version = machine.text("/proc/version");
    let is_real_time = machine.text("/sys/kernel/realtime") == "1" || version.contains("PREEMPT_RT");
    match () {
        () if is_real_time => Finding::ok(what, "real-time kernel"),
        () if version.contains("PREEMPT") => Finding::ok(what, "preemptible kernel"),
        () => Finding::warn(
            what,
            "none",
            "The kernel may hold up the daemon for milliseconds.",
            "sudo apt install linux-image-rt-amd64, and restart; or another kernel with PREEMPT",
        ),
    }
}

fn swap(machine: &Machine) -> Finding {
    let what = "swap";
    let swaps = machine.text("/proc/swaps").lines().count().saturating_sub(1);
    let swappiness: u32 = machine.text("/proc/sys/vm/swappiness").parse().unwrap_or(60);
    match swaps {
        0 => Finding::ok(what, "off"),
        _ if swappiness <= 10 => Finding::ok(what, format!("on, used late (swappiness {swappiness})")),
        _ => Finding::warn(
            what,
            format!("on, used early (swappiness {swappiness})"),
            "Memory that the show needs may be on the disk at the wrong moment.",
            "echo vm.swappiness=10 | sudo tee /etc/sysctl.d/90-downbeat.conf; sudo sysctl --system",
        ),
    }
}

fn time_of_day(machine: &Machine) -> Finding {
    let what = "time of day";
    let sync = machine.processes(&SYNCS).into_iter().next();
    let is_said = machine.has("/run/systemd/timesync/synchronized")
        || machine.ask("timedatectl", &["show", "-p", "NTPSynchronized", "--value"]) == Answer::Done("yes\n".into());
    match sync {
        _ if is_said => Finding::ok(what, "synchronised"),
        Some((_, program)) => Finding::ok(what, format!("set by {program}")),
        None => Finding::warn(
            what,
            "nothing sets it",
            "Beat and nodes have their own clock; but OSC time tags of desks, and the times in the log, may be off.",
            "sudo timedatectl set-ntp true",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::super::machine::made::machine;
    use super::*;

    const SOURCE: &str = "sys/devices/system/clocksource/clocksource0/current_clocksource";
    const AVAILABLE: &str = "sys/devices/system/clocksource/clocksource0/available_clocksource";

    #[test]
    fn a_governor_that_saves_power_on_one_core_is_enough_to_warn() {
        let file = |core: u32| format!("sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor");
        for (first, second, grade) in [
            ("performance", "performance", Grade::Ok),
            ("performance", "powersave", Grade::Warn),
            ("schedutil", "schedutil", Grade::Warn),
        ] {
            let (_folder, machine) = machine(&[(&file(0), first), (&file(1), second)]);
            assert_eq!(governor(&machine).grade, grade, "{first} {second}");
        }
        assert_eq!(governor(&machine(&[]).1).grade, Grade::Ok, "none");
    }

    #[test]
    fn a_slow_clock_is_told_with_what_can_be_done_on_this_machine() {
        assert_eq!(clock_source(&machine(&[(SOURCE, "tsc\n")]).1), Finding::ok("clock source", "tsc"));
        let (_folder, could) = machine(&[(SOURCE, "hpet\n"), (AVAILABLE, "tsc hpet acpi_pm \n")]);
        assert!(clock_source(&could).mend.starts_with("echo tsc |"), "{:?}", clock_source(&could));
        let (_folder, cannot) = machine(&[(SOURCE, "acpi_pm\n"), (AVAILABLE, "hpet acpi_pm \n")]);
        assert!(clock_source(&cannot).mend.contains("tsc=reliable"), "{:?}", clock_source(&cannot));
    }

    #[test]
    fn swap_preemption_and_time_are_judged_by_what_the_kernel_says() {
        let swaps = "Filename Type Size Used Priority\n/dev/sda2 partition 8388604 0 -2\n";
        let graded = |files: &[(&str, &str)]| {
            let (_folder, machine) = machine(files);
            [preemption(&machine).grade, swap(&machine).grade, time_of_day(&machine).grade]
        };
        assert_eq!(
            graded(&[("proc/version", "Linux #1 SMP PREEMPT_DYNAMIC"), ("proc/9/comm", "chronyd\n")]),
            [Grade::Ok; 3]
        );
        assert_eq!(graded(&[("proc/version", "Linux #1 SMP"), ("proc/swaps", swaps)]), [Grade::Warn; 3]);
        let careful = [
            ("sys/kernel/realtime", "1"),
            ("proc/swaps", swaps),
            ("proc/sys/vm/swappiness", "10\n"),
            ("run/systemd/timesync/synchronized", ""),
        ];
        assert_eq!(graded(&careful), [Grade::Ok; 3]);
    }
}

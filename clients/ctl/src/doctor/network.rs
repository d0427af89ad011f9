//! Ports, network interfaces, firewall.

use super::finding::Finding;
use super::machine::Machine;
use super::ports::{Port, Purpose};
use super::wanted::Wanted;

/// Bits of an interface's flags (netdevice(7)).
const UP: u32 = 0x1;
const LOOPBACK: u32 = 0x8;
const POINT_TO_POINT: u32 = 0x10;
const NO_ARP: u32 = 0x80;
const MULTICAST: u32 = 0x1000;

/// A TCP socket that listens, and a UDP socket that is bound, in `/proc/net`.
const TCP_LISTENS: &str = "0A";
const UDP_BOUND: &str = "07";

/// Looks at the network.
pub fn look(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let mut found: Vec<_> = wanted.ports.iter().map(|wanted| port(machine, wanted)).collect();
    found.extend(interfaces(machine, wanted));
    found.push(firewall(machine, wanted));
    found
}

fn port(machine: &Machine, Port { table, purpose, address, udp }: &Port) -> Finding {
    let (protocol, state) = if *udp { ("udp", UDP_BOUND) } else { ("tcp", TCP_LISTENS) };
    let (kind, key) = match purpose {
        Purpose::Listen => ("port", "listen"),
        Purpose::Clock | Purpose::UsualClock => ("clock port", "clock-port"),
    };
    let what = format!("{kind} of [{table}]");
    let place = format!("{protocol} {address}");
    let inode = ["", "6"].iter().find_map(|version| {
        let sockets = machine.text(&format!("/proc/net/{protocol}{version}"));
        holder(&sockets, address.port(), state)
    });
    let Some(inode) = inode else { return Finding::ok(&what, format!("{place} is free")) };
    let choose = format!("choose another port with `{key}` in [{table}]");
    let means = "Nobody can reach the daemon there; it tries again until the port is free.";
    match owner(machine, &inode) {
        Some((_, name)) if name == "downbeatd" => Finding::ok(&what, format!("{place} is held by downbeatd")),
        Some((number, name)) => {
            let seen = format!("{place} is held by {name} (process {number})");
            match purpose {
                Purpose::UsualClock => Finding::warn(&what, seen, "The daemon takes any free port instead.", choose),
                _ => Finding::bad(&what, seen, means, format!("kill {number}; or {choose}")),
            }
        }
        // Only its owner and root see whose a socket is.
        None => Finding::warn(
            &what,
            format!("{place} is held by a program of another user"),
            "If it is not the daemon, nobody can reach the daemon there.",
            format!("sudo ss -lnp 'sport = :{}'", address.port()),
        ),
    }
}

/// The inode of the socket that holds a port, in a file such as `/proc/net/udp`.
fn holder(sockets: &str, port: u16, state: &str) -> Option<String> {
    sockets.lines().skip(1).find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (_, its_port) = fields.get(1)?.rsplit_once(':')?;
        let is_it = u16::from_str_radix(its_port, 16).ok()? == port && *fields.get(3)? == state;
        is_it.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
    })
}

/// The process with a socket, and its name.
fn owner(machine: &Machine, inode: &str) -> Option<(u32, String)> {
    let socket = format!("socket:[{inode}]");
    let numbers = machine.names("/proc").into_iter().filter_map(|name| name.parse::<u32>().ok());
    let mut holders = numbers.filter(|number| {
        let folder = format!("/proc/{number}/fd");
        let links = machine.names(&folder).into_iter();
        let mut targets = links.filter_map(|link| std::fs::read_link(machine.path(&format!("{folder}/{link}"))).ok());
        targets.any(|target| target.as_os_str() == socket.as_str())
    });
    holders.next().map(|number| (number, machine.text(&format!("/proc/{number}/comm"))))
}

fn interfaces(machine: &Machine, wanted: &Wanted) -> Vec<Finding> {
    let flags = |name: &str| {
        let text = machine.text(&format!("/sys/class/net/{name}/flags"));
        u32::from_str_radix(text.trim_start_matches("0x"), 16).unwrap_or(0)
    };
    // Cables that are plugged in, and what has no cable.
    let is_up = |name: &str| {
        let state = machine.text(&format!("/sys/class/net/{name}/operstate"));
        flags(name) & (UP | LOOPBACK) == UP && (state == "up" || state == "unknown")
    };
    let up: Vec<_> = machine.names("/sys/class/net").into_iter().filter(|name| is_up(name)).collect();
    let what = "network";
    if up.is_empty() {
        let seen = "no interface is up";
        return vec![if wanted.serves_others() {
            let mend = "plug in the cable; ip link; sudo ip link set NAME up";
            Finding::bad(what, seen, "No node, tablet or desk can reach the daemon.", mend)
        } else {
            Finding::ok(what, format!("{seen}; the configuration needs none"))
        }];
    }
    let mut found = vec![Finding::ok(what, format!("up: {}", up.join(", ")))];
    // A tunnel, such as WireGuard's, has nobody on it who could be found by name.
    let networks = up.iter().filter(|name| flags(name) & (POINT_TO_POINT | NO_ARP) == 0);
    let (deaf, able): (Vec<_>, Vec<_>) = networks.partition(|name| flags(name) & MULTICAST == 0);
    found.push(if deaf.is_empty() {
        let names = able.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ");
        Finding::ok(
            "multicast",
            if names.is_empty() { "not needed: only tunnels are up".to_owned() } else { format!("on {names}") },
        )
    } else {
        let names = deaf.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(" ");
        Finding::warn(
            "multicast",
            format!("off on {names}"),
            "Nodes and tablets there do not find the daemon by name: type in its address.",
            format!("for name in {names}; do sudo ip link set $name multicast on; done"),
        )
    });
    let wireless: Vec<_> =
        up.iter().filter(|name| machine.has(&format!("/sys/class/net/{name}/wireless"))).cloned().collect();
    if !wireless.is_empty() && wanted.serves_others() {
        found.push(Finding::warn(
            "Wi-Fi",
            wireless.join(", "),
            "Packets get lost and come in bursts: nodes and desks may stutter.",
            "use a cable for nodes and desks, and Wi-Fi for tablets only",
        ));
    }
    found
}

fn firewall(machine: &Machine, wanted: &Wanted) -> Finding {
    let what = "firewall";
    let open: Vec<_> = wanted.ports.iter().filter(|port| !port.address.ip().is_loopback()).collect();
    let rules = |with: &str| {
        let rule = |port: &&Port| format!("{with}{}/{}", port.address.port(), if port.udp { "udp" } else { "tcp" });
        open.iter().map(rule).collect::<Vec<_>>()
    };
    let means = "If these ports are not allowed, no other machine can reach the daemon.";
    let ufw = machine.text("/etc/ufw/ufw.conf").lines().any(|line| line.trim() == "ENABLED=yes");
    let firewalld = !machine.processes(&["firewalld"]).is_empty();
    match () {
        () if open.is_empty() => Finding::ok(what, "not needed: the daemon serves only this machine"),
        () if ufw => {
            let mend = rules("sudo ufw allow ").join("; ") + "; sudo ufw allow 5353/udp";
            Finding::warn(what, "ufw is on", means, mend)
        }
        () if firewalld => {
            let mend = format!(
                "sudo firewall-cmd --permanent {} --add-service=mdns; sudo firewall-cmd --reload",
                rules("--add-port=").join(" ")
            );
            Finding::warn(what, "firewalld is on", means, mend)
        }
        () => Finding::ok(what, "neither ufw nor firewalld is on (rules of your own: sudo nft list ruleset)"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::super::machine::made::machine;
    use super::*;

    /// Port 9480, which is 2508 in hexadecimal.
    const LISTENS: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
        0: 0100007F:2508 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n";

    fn web(address: &str) -> Wanted {
        wanted(serde_json::json!({ "web": { "listen": address } }))
    }

    fn wanted(all: serde_json::Value) -> Wanted {
        Wanted { ports: super::super::ports::of(&all), ..Wanted::default() }
    }

    #[test]
    fn whoever_holds_a_port_is_named() {
        let wanted = web("127.0.0.1:9480");
        let seen = |holder: Option<&str>, sockets: &str| {
            let (folder, machine) = machine(&[("proc/net/tcp", sockets), ("proc/77/comm", holder.unwrap_or_default())]);
            if holder.is_some() {
                std::fs::create_dir(folder.path().join("proc/77/fd")).expect("made");
                std::os::unix::fs::symlink("socket:[4711]", folder.path().join("proc/77/fd/5")).expect("made");
            }
            look(&machine, &wanted).remove(0)
        };
        assert_eq!(seen(None, "").grade, Grade::Ok);
        assert_eq!(seen(Some("downbeatd"), LISTENS).grade, Grade::Ok);
        let other = seen(Some("nginx"), LISTENS);
        assert!(other.grade == Grade::Bad && other.seen.contains("nginx (process 77)"), "{other:?}");
        assert_eq!(seen(None, LISTENS).grade, Grade::Warn, "another user's");
        assert_eq!(seen(Some("nginx"), &LISTENS.replace(" 0A ", " 01 ")).grade, Grade::Ok, "only a connection");
    }

    #[test]
    fn without_a_network_it_is_bad_only_for_those_who_need_one() {
        let down = [("sys/class/net/eth0/flags", "0x1002\n"), ("sys/class/net/eth0/operstate", "down\n")];
        let lone = [("sys/class/net/lo/flags", "0x9\n"), ("sys/class/net/lo/operstate", "unknown\n")];
        for files in [&down[..], &lone[..]] {
            let (_folder, machine) = machine(files);
            assert_eq!(interfaces(&machine, &web("0.0.0.0:9480"))[0].grade, Grade::Bad);
            assert_eq!(interfaces(&machine, &web("127.0.0.1:9480"))[0].grade, Grade::Ok);
        }
        let up = [("sys/class/net/eth0/flags", "0x1003\n"), ("sys/class/net/eth0/operstate", "up\n")];
        assert!(interfaces(&machine(&up).1, &web("0.0.0.0:9480")).iter().all(|it| it.grade == Grade::Ok));
        let deaf = [
            ("sys/class/net/wlan0/flags", "0x3\n"),
            ("sys/class/net/wlan0/operstate", "up\n"),
            ("sys/class/net/wlan0/wireless/x", ""),
        ];
        let found = interfaces(&machine(&deaf).1, &web("0.0.0.0:9480"));
        assert_eq!(
            found.iter().map(|it| it.grade).collect::<Vec<_>>(),
            [Grade::Ok, Grade::Warn, Grade::Warn],
            "{found:?}"
        );
    }

    #[test]
    fn a_tunnel_needs_no_multicast() {
        let wireguard = [("sys/class/net/wg0/flags", "0x91\n"), ("sys/class/net/wg0/operstate", "unknown\n")];
        let modem = [("sys/class/net/ppp0/flags", "0x10d1\n"), ("sys/class/net/ppp0/operstate", "unknown\n")];
        let cable = [("sys/class/net/eth0/flags", "0x1003\n"), ("sys/class/net/eth0/operstate", "up\n")];
        let multicast = |files: &[(&str, &str)]| interfaces(&machine(files).1, &web("0.0.0.0:9480")).remove(1);
        assert_eq!(multicast(&[wireguard, modem, cable].concat()), Finding::ok("multicast", "on eth0"));
        assert_eq!(multicast(&wireguard).grade, Grade::Ok);
    }

    #[test]
    fn a_firewall_is_told_with_the_commands_that_open_it() {
        let wanted = wanted(serde_json::json!({
            "server": { "listen": "0.0.0.0:9440", "clock-port": 7000 },
            "web": { "listen": "127.0.0.1:9480" },
            "control": { "tablet": { "kind": "osc" } },
        }));
        let (_folder, ufw) = machine(&[("etc/ufw/ufw.conf", "ENABLED=yes\n")]);
        let mend = firewall(&ufw, &wanted).mend;
        let all =
            ["9440/udp", "7000/udp", "9000/udp", "9000/tcp", "5353/udp"].map(|port| format!("sudo ufw allow {port}"));
        assert_eq!(mend, all.join("; "));
        let (_folder, firewalld) = machine(&[("proc/8/comm", "firewalld\n")]);
        let mend = firewall(&firewalld, &wanted).mend;
        assert!(
            mend.contains("--add-port=9440/udp --add-port=7000/udp --add-port=9000/udp --add-port=9000/tcp "),
            "{mend}"
        );
        assert_eq!(firewall(&ufw, &web("127.0.0.1:9480")).grade, Grade::Ok);
        assert_eq!(firewall(&machine(&[]).1, &wanted).grade, Grade::Ok);
    }
}

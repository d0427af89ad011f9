//! The emulated network of other tests, with real sockets on real hosts.

use e2e::host_now_ns;
use e2e::network::{Conditions, Host, Link, Way, allowed};
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::Duration;

/// Two hosts that are joined, and a socket on each that knows the other.
struct Pair {
    link: Link,
    sockets: [UdpSocket; 2],
    _hosts: [Host; 2],
}

fn pair() -> Pair {
    let hosts = [Host::new(), Host::new()];
    let link = Link::between(&hosts[0], &hosts[1], 5);
    let addresses = link.addresses();
    let bind = |k: usize| hosts[k].inside(|| UdpSocket::bind((addresses[k], 7_000)).expect("the address is its own"));
    let sockets = [bind(0), bind(1)];
    for (socket, address) in sockets.iter().zip([addresses[1], addresses[0]]) {
        socket.connect((address, 7_000)).expect("the other is reachable");
        socket.set_read_timeout(Some(Duration::from_millis(400))).expect("a limit can be set");
    }
    let pair = Pair { link, sockets, _hosts: hosts };
    // Both ask for the other's hardware address first.
    (0..20).find(|_| pair.milliseconds(0).is_some() && pair.milliseconds(1).is_some()).expect("the hosts are joined");
    pair
}

impl Pair {
    /// How long a packet takes from one of them, if it comes.
    fn milliseconds(&self, from: usize) -> Option<f64> {
        let sent = host_now_ns();
        self.sockets[from].send(&sent.to_be_bytes()).expect("sent");
        let mut bytes = [0; 8];
        loop {
            match self.sockets[1 - from].recv(&mut bytes) {
                Ok(8) if i64::from_be_bytes(bytes) == sent => return Some((host_now_ns() - sent) as f64 * 1e-6),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The shortest of some packets: the one that no other program held up.
    fn shortest(&self, from: usize) -> f64 {
        (0..10).filter_map(|_| self.milliseconds(from)).fold(f64::INFINITY, f64::min)
    }
}

#[test]
fn each_way_is_as_slow_as_it_is_told_to_be() {
    if !allowed() {
        return;
    }
    let pair = pair();
    let idle = pair.shortest(0);
    pair.link.set_way(Way::There, Conditions { delay: 30e6, ..Conditions::default() });
    pair.link.set_way(Way::Back, Conditions { delay: 10e6, ..Conditions::default() });
    let (there, back) = (pair.shortest(0), pair.shortest(1));
    println!("{idle:.3} {there:.3} {back:.3} ms");
    // Nothing is early. A machine that is busy may be late, so the shortest of ten has some room.
    assert!((30.0..40.0).contains(&there) && (10.0..20.0).contains(&back), "{there} ms there, {back} ms back");
    assert!(idle < 10.0, "{idle} ms through an idle link");
}

#[test]
fn a_cut_link_passes_nothing_and_a_mended_one_everything() {
    if !allowed() {
        return;
    }
    let pair = pair();
    pair.link.set(Conditions { cut: true, ..Conditions::default() });
    assert_eq!((pair.milliseconds(0), pair.milliseconds(1)), (None, None));
    pair.link.set(Conditions::default());
    assert!(pair.milliseconds(0).is_some() && pair.milliseconds(1).is_some());
}

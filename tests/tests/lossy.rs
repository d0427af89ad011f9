//! A tablet whose Wi-Fi loses packets shows what is, some seconds later at the most, without being asked to.

use e2e::network::{Conditions, Host, Link, allowed};
use e2e::surface::{Surface, message};
use e2e::{Daemon, song, turn};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

const CONTROL: u16 = 9_000;
/// What is moved.
const MANY: usize = 60;
/// A round of everything, and a bit.
const SOON: Duration = Duration::from_secs(12);
/// With two packets of five lost, a value that is told six times by then (at once, four times again, in the round) is
/// unknown once in 250: a quarter of one of sixty, and more than three in one run of seven thousand.
const UNLUCKY: usize = 3;

#[test]
fn a_tablet_on_a_bad_network_shows_what_is_some_seconds_later() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let [booth, couch] = [(); 2].map(|()| Host::new());
    let link = Link::between(&booth, &couch, 7);
    let mut config = format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n[server]\nenabled = false\n[web]\n\
         enabled = false\n[control.tablet]\nkind = \"osc\"\nlisten = \"0.0.0.0:{CONTROL}\"\n",
        song::mix()
    );
    (0..MANY).for_each(|it| writeln!(config, "[parameter.p{it}]").expect("a text grows"));
    let _daemon = Daemon::start_on(&booth, &config, None);
    let daemon: SocketAddr = (link.addresses()[0], CONTROL).into();
    // Sockets belong to the host on which they were opened.
    let mut tablet = couch.inside(|| Surface::to(daemon));
    let mut operator = booth.inside(|| Surface::to(([127, 0, 0, 1], CONTROL).into()));
    until("the tablet to be told everything", &mut [&mut tablet, &mut operator], |all| {
        all.iter().all(|it| it.shows.contains_key("/param/p0")).then_some(())
    });

    let bad = Conditions { loss: 0.4, ..Conditions::default() };
    let cut = Conditions { cut: true, ..Conditions::default() };
    for (what, conditions, round, most) in
        [("40 % are lost", bad, 1_u16, UNLUCKY), ("nothing comes for a second", cut, 2, 0)]
    {
        link.set(conditions);
        // No one is what another was told before, rounded: that would be an echo.
        let value = |it: usize| (it + 1) as f32 / 71.0 * f32::from(round) / 2.0;
        for it in 0..MANY {
            operator.send(&message(&format!("/param/p{it}"), value(it)));
        }
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(1) {
            tablet.watch(Duration::from_millis(20));
        }
        if conditions.cut {
            link.set(Conditions::default());
        }
        let wrong = |tablet: &Surface| {
            let shown = |it: usize| tablet.number(&format!("/param/p{it}"));
            (0..MANY).filter(|it| shown(*it).is_none_or(|shown| (shown - f64::from(value(*it))).abs() > 1e-6)).count()
        };
        let at_first = wrong(&tablet);
        until(what, &mut [&mut tablet, &mut operator], |all| (wrong(all[0]) <= most).then_some(()));
        println!(
            "{what}: {at_first} of {MANY} wrong after 1 s, {} after {:.1} s",
            wrong(&tablet),
            begun.elapsed().as_secs_f64()
        );
    }
}

/// Surfaces say that they are there, and read, until something holds.
fn until(what: &str, surfaces: &mut [&mut Surface], holds: impl Fn(&[&mut Surface]) -> Option<()>) {
    let begun = Instant::now();
    let mut pinged = begun - Duration::from_secs(1);
    while holds(surfaces).is_none() {
        assert!(begun.elapsed() < SOON, "waited {SOON:?} in vain: {what}");
        let pings = pinged.elapsed() >= Duration::from_secs(1);
        for surface in surfaces.iter_mut() {
            if pings {
                surface.send(&message("/ping", 1));
            }
            surface.watch(Duration::from_millis(5));
        }
        if pings {
            pinged = Instant::now();
        }
    }
}

//! Who is connected to a port of the MIDI system; midir does not tell.

use downbeat_audio::JackLeases;

/// The ports connected to a port a moment ago, as `CLIENT:PORT`; `None` if it cannot be known.
///
/// The daemon's own JACK client knows them. Only without one does this open a client each time, as [`now`] does.
pub fn lately(port: &str, leases: Option<&JackLeases>) -> Option<Vec<String>> {
    match leases {
        Some(leases) if cfg!(feature = "midi-jack") => leases.midi_peers(port),
        _ => now(port),
    }
}

/// The ports connected to a port at this moment, as `CLIENT:PORT`; `None` if it cannot be known.
#[cfg(feature = "midi-jack")]
pub fn now(port: &str) -> Option<Vec<String>> {
    downbeat_audio::peers(port)
}

/// The ports connected to a port at this moment, as `CLIENT:PORT`; `None` if it cannot be known.
#[cfg(not(feature = "midi-jack"))]
pub fn now(port: &str) -> Option<Vec<String>> {
    use alsa::seq::{Addr, PortSubscribeIter, QuerySubsType, Seq};
    // midir puts the numbers at the end of the name.
    let addr: Addr = port.rsplit(' ').next()?.parse().ok()?;
    let seq = Seq::open(None, None, true).ok()?;
    seq.get_any_port_info(addr).ok()?;
    let from_it = PortSubscribeIter::new(&seq, addr, QuerySubsType::READ).map(|it| it.get_dest());
    let to_it = PortSubscribeIter::new(&seq, addr, QuerySubsType::WRITE).map(|it| it.get_sender());
    let name = |Addr { client, port }: Addr| {
        let info = seq.get_any_client_info(client).ok()?;
        Some(format!("{}:{client}:{port}", info.get_name().ok()?))
    };
    Some(from_it.chain(to_it).filter_map(name).collect())
}

/// Those that belong to clients of this name; to a name that is taken, JACK appends `-01`, and PipeWire something like
/// `-57`.
pub fn of_client(peers: Vec<String>, client: &str) -> Vec<String> {
    let is_number = |text: &str| text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_it = |peer: &String| {
        let Some((more, _)) = peer.strip_prefix(client).and_then(|rest| rest.split_once(':')) else { return false };
        more.is_empty() || more.strip_prefix('-').is_some_and(is_number)
    };
    peers.into_iter().filter(is_it).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_known_by_its_name_with_or_without_a_number() {
        let all =
            ["downbeat-desk:out", "downbeat-desk-01:out", "downbeat-desk-out:out", "downbeat:midi_out", "desk:out"];
        let own = of_client(all.map(str::to_owned).into(), "downbeat-desk");
        assert_eq!(own, ["downbeat-desk:out", "downbeat-desk-01:out"]);
        assert_eq!(of_client(vec!["downbeat-desk:130:0".into()], "downbeat-desk"), ["downbeat-desk:130:0"]);
    }

    #[test]
    fn a_client_whose_name_begins_alike_is_another() {
        let all = [
            "downbeat-synth:out",
            "downbeat-synth2:out",
            "downbeat-synth-2:out",
            "downbeat-synth-01:out",
            "downbeat-synth-57:out",
            "downbeat-synth--01:out",
        ];
        let own = of_client(all.map(str::to_owned).into(), "downbeat-synth");
        assert_eq!(own, ["downbeat-synth:out", "downbeat-synth-01:out", "downbeat-synth-57:out"]);
    }
}

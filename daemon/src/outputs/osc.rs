//! OSC over UDP or TCP: signals and parameters at a rate, beats ahead of their time, rules for particular desks.
//!
//! | file | noun |
//! |---|---|
//! | `settings` | the table in the configuration |
//! | `layout`, `rule`, `onset` | what is sent, and where to, with every name resolved |
//! | `resolume` | the rules of a profile |
//! | `message` | what cues and rules send |
//! | `sequence` | when it leaves (pure) |
//! | [`edges::osc`](crate::edges::osc) | bytes |

pub mod layout;
pub mod message;
mod onset;
mod resolume;
mod rule;
pub mod sequence;
pub mod settings;

use super::{Output, OutputContext, OutputKind, Sending};
use crate::clock::host_now;
use crate::dispatch::{Audible, Health};
use crate::edges::OpenError;
use crate::edges::osc::timetag;
use crate::edges::osc_ports::OscPorts;
use crate::edges::tcp_peer::TcpPeer;
use crate::edges::transport::Transport;
use crate::edges::udp_peer::UdpPeer;
use downbeat_engine::{Messages, Tick};
use downbeat_protocol::{HostTime, Schema, ShowTime, Value};
use layout::Layout;
use sequence::Sequence;
use settings::{Format, Protocol, Settings};
use std::sync::Arc;
use std::time::Duration;

/// The kind `osc`.
pub const KIND: OutputKind =
    OutputKind { kind: "osc", audible: Audible::Leading, messages: Messages::Checked(message::check), open };

/// How often the peer is checked while there is nothing to send.
const IDLE: Duration = Duration::from_millis(250);

struct Osc {
    name: String,
    settings: Settings,
    sequence: Sequence,
    osc_ports: OscPorts,
}

fn open(table: config::Value, context: &OutputContext) -> Result<Box<dyn Output>, OpenError> {
    let settings: Settings = table.try_deserialize()?;
    settings.check()?;
    let layout = Layout::new(&settings, &context.schema)?;
    let plain = settings.profile.is_some();
    let bundles = settings.format.map_or(!plain, |format| format == Format::Bundle);
    let sequence = Sequence::new(&settings, layout, bundles, context.clock.clone(), timetag::wall_offset);
    let (name, osc_ports) = (context.name.clone(), context.osc_ports.clone());
    Ok(Box::new(Osc { name, settings, sequence, osc_ports }))
}

impl Output for Osc {
    fn target(&self) -> String {
        match self.settings.transport {
            Protocol::Udp => self.settings.target.clone(),
            Protocol::Tcp => format!("tcp {}", self.settings.target),
        }
    }

    fn start(self: Box<Self>, health: &Arc<Health>) -> Result<Box<dyn Sending>, OpenError> {
        let Settings { target, transport, framing, interface, .. } = &self.settings;
        let (interface, own, health) = (interface.clone(), self.osc_ports.clone(), Arc::clone(health));
        let peer = match transport {
            Protocol::Udp => Transport::Udp(Box::new(UdpPeer::new(&self.name, target, interface, own, health))),
            Protocol::Tcp => Transport::Tcp(TcpPeer::new(&self.name, target, interface, own, *framing, health)),
        };
        Ok(Box::new(OscSending { settings: self.settings, sequence: self.sequence, peer, maintained: host_now() }))
    }
}

struct OscSending {
    settings: Settings,
    sequence: Sequence,
    peer: Transport,
    /// When the peer was last checked.
    maintained: HostTime,
}

impl Sending for OscSending {
    fn wake_at(&self) -> HostTime {
        self.sequence.wake_at().min(self.maintained + IDLE)
    }

    fn change_layout(&mut self, schema: &Schema, now: HostTime) -> Result<(), OpenError> {
        let layout = Layout::new(&self.settings, schema)?;
        self.end(now);
        self.sequence.change_layout(layout);
        Ok(())
    }

    fn take(&mut self, tick: Arc<Tick>) {
        self.sequence.take(tick);
    }

    fn skipped(&mut self, since: HostTime) {
        self.sequence.skipped(since);
    }

    fn send(&mut self, address: &str, value: Option<&Value>, at: ShowTime, now: HostTime, _health: &Health) {
        let peer = &mut self.peer;
        self.sequence.send(address, value, at, now, &mut |bytes, due, worth| peer.send(bytes, now, due, worth));
    }

    fn silenced(&mut self, _now: HostTime) {
        self.peer.silenced();
        self.sequence.silenced();
    }

    fn run(&mut self, now: HostTime, health: &Health) {
        let peer = &mut self.peer;
        self.sequence.run(now, &mut |bytes, leave, worth| {
            health.count_lateness(now.since(leave));
            peer.send(bytes, now, leave, worth);
        });
        health.count_missed(self.sequence.take_missed());
        if peer.maintain(now) {
            self.sequence.interrupted();
        }
        self.maintained = now;
    }

    fn end(&mut self, now: HostTime) {
        let peer = &mut self.peer;
        self.sequence.release(&mut |bytes, _, worth| peer.send(bytes, now, now, worth));
    }
}

//! A JACK client for the test that plays MIDI, like a keyboard.

use crate::JackServer;
use crate::jack_server::{CALLED, joined};
use jack::{AsyncClient, Client, ClientOptions, Control, MidiOut, Port, ProcessHandler, ProcessScope, RawMidi};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

struct Hands {
    port: Port<MidiOut>,
    messages: Receiver<[u8; 3]>,
    called: Option<Sender<()>>,
}

impl ProcessHandler for Hands {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        self.called = None;
        let mut writer = self.port.writer(scope);
        for bytes in self.messages.try_iter() {
            let _ = writer.write(&RawMidi { time: 0, bytes: &bytes });
        }
        Control::Continue
    }
}

/// A running client `keys` with the port `keys:midi`.
pub struct Keys {
    _client: AsyncClient<(), Hands>,
    messages: Sender<[u8; 3]>,
    called: Receiver<()>,
}

impl Keys {
    /// The port that it plays to.
    pub const PORT: &str = "keys:midi";

    /// Joins a server.
    pub fn join(server: &JackServer) -> Self {
        joined(
            || Self::try_to_join(server),
            // Its other end is dropped in the first cycle.
            |this| this.called.recv_timeout(CALLED) == Err(RecvTimeoutError::Disconnected),
        )
    }

    fn try_to_join(server: &JackServer) -> Self {
        server.select();
        let (client, _) = Client::new("keys", ClientOptions::NO_START_SERVER).expect("the test's jackd runs");
        let port = client.register_port("midi", MidiOut::default()).expect("a fresh client has no ports");
        let (sender, messages) = channel();
        let (calls, called) = channel();
        let client =
            client.activate_async((), Hands { port, messages, called: Some(calls) }).expect("the test's jackd runs");
        Self { _client: client, messages: sender, called }
    }

    /// Plays a message in the next cycle.
    pub fn play(&self, message: [u8; 3]) {
        self.messages.send(message).expect("the client runs");
    }
}

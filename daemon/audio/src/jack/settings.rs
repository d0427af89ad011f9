//! Settings of the JACK client.

/// The client's name, its server, its inputs and their connections. It always has the port `midi_out`, too: an output that
/// uses it may be added while the client runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JackSettings {
    /// The client's name. If it is taken, JACK appends a number.
    pub client: String,
    /// The server's name; `None` is the default server: `$JACK_DEFAULT_SERVER`, or else `default`.
    pub server: Option<String>,
    /// The buses: each gets the ports `NAME_left` and `NAME_right`.
    pub buses: Vec<BusInput>,
}

/// One bus and the ports to connect to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusInput {
    /// The bus' name.
    pub name: String,
    /// Full names of output ports (`mpv:out_0`), or patterns in which `*` stands for anything (`player:*`), in order of
    /// preference.
    ///
    /// The first match goes to the left input. The next one of the same client, or named in full, goes to the right
    /// one; if there is none, the first goes to both.
    pub connect: Vec<String>,
}

impl JackSettings {
    /// The server's name, for a person.
    pub(super) fn server_name(&self) -> String {
        let default = || std::env::var("JACK_DEFAULT_SERVER").unwrap_or_else(|_| "default".to_owned());
        self.server.clone().unwrap_or_else(default)
    }
}

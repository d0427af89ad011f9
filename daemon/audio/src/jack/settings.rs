//! How to take part in a JACK graph.

/// A client's name, its server, its ports and what is to be connected to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JackSettings {
    /// Our name in the graph. Where it is taken, JACK appends a number.
    pub client: String,
    /// The server's name; `None` is the default server: `$JACK_DEFAULT_SERVER`, or else `default`.
    pub server: Option<String>,
    /// The buses: each gets the ports `NAME_left` and `NAME_right`.
    pub buses: Vec<BusInput>,
    /// Whether to have the port `midi_out`.
    pub midi_out: bool,
}

/// One bus and what is to be connected to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusInput {
    /// The bus' name.
    pub name: String,
    /// Full names of output ports (`mpv:out_0`), or patterns in which `*` stands for anything (`player:*`), in order of
    /// preference.
    ///
    /// The first port that matches goes to the left input. The next that belongs to the same client, or is named in
    /// full, goes to the right one; where there is none, the first goes to both.
    pub connect: Vec<String>,
}

impl JackSettings {
    /// The server's name, as a person would say it.
    pub(super) fn server_name(&self) -> String {
        let default = || std::env::var("JACK_DEFAULT_SERVER").unwrap_or_else(|_| "default".to_owned());
        self.server.clone().unwrap_or_else(default)
    }
}

//! A real JACK server with the dummy driver, under its own name.

use crate::Process;
use crate::place::Place;
use nix::sys::signal::Signal;
use std::process::Command;
use std::time::Duration;

/// Samples of a cycle.
const BLOCK: u32 = 128;

/// jackd at 48 kHz.
pub struct JackServer {
    /// Its name: what `JACK_DEFAULT_SERVER` selects.
    pub name: String,
    process: Option<Process>,
    /// Samples of a cycle.
    block: u32,
    /// What those said that ran before.
    xruns: Vec<(i64, String)>,
    // Given back last, when the server is gone.
    _place: Place,
}

impl JackServer {
    /// Starts one with cycles of 128 samples and waits until it serves.
    pub fn start() -> Self {
        Self::with_block(BLOCK)
    }

    /// The same with cycles of so many samples.
    pub fn with_block(block: u32) -> Self {
        let mut server = Self::absent();
        server.block = block;
        server.restart();
        server
    }

    /// A name under which no server runs yet.
    pub fn absent() -> Self {
        let place = Place::take();
        Self { name: place.name.clone(), process: None, block: BLOCK, xruns: Vec::new(), _place: place }
    }

    /// Starts it, again if it ran before.
    pub fn restart(&mut self) {
        self.end();
        let mut command = Command::new("jackd");
        command.args(["-n", &self.name, "-d", "dummy", "-r", "48000", "-p", &self.block.to_string()]);
        self.process = Some(Process::start("jackd", &mut command));
        let waited = Command::new("jack_wait").args(["-s", &self.name, "-w", "-t", "10"]).output();
        assert!(
            waited.is_ok_and(|it| it.status.success()),
            "jackd `{}` did not come up (if it names too many servers: stop all of them and remove /dev/shm/jack*)",
            self.name
        );
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        self.xruns = self.xruns();
        self.process = None;
    }

    /// The clients that were not ready in time, and when it said so, since it was first started.
    pub fn xruns(&self) -> Vec<(i64, String)> {
        let client = |line: &str| Some(line.split_once("client = ")?.1.split_once(" was not finished")?.0.to_owned());
        let said = self.process.as_ref().map(Process::lines).unwrap_or_default();
        let now = said.into_iter().filter_map(|(at, line)| Some((at, client(&line)?)));
        self.xruns.iter().cloned().chain(now).collect()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        if let Some(process) = &self.process {
            process.signal(signal as i32);
        }
    }

    /// Ends it politely, so that it leaves nothing behind.
    fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.signal(libc::SIGTERM);
            process.wait(Duration::from_secs(5));
        }
    }

    /// Makes it the server that JACK clients of this process join: jack 0.13 takes the name from the environment only.
    pub fn select(&self) {
        #[expect(unsafe_code, reason = "the holder of the turn is the only one to touch the environment")]
        unsafe {
            std::env::set_var("JACK_DEFAULT_SERVER", &self.name);
        }
    }

    /// The ports that it has now.
    pub fn ports(&self) -> Vec<String> {
        let listed = Command::new("jack_lsp").args(["-s", &self.name]).output().expect("jack_lsp runs");
        String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect()
    }

    /// Connects an output port to an input port.
    pub fn connect(&self, from: &str, to: &str) {
        let done = Command::new("jack_connect").args(["-s", &self.name, from, to]).output().expect("jack_connect runs");
        assert!(done.status.success(), "{from} -> {to}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Waits until a port is there.
    pub fn wait_for_port(&self, port: &str, limit: Duration) {
        crate::wait_for(port, limit, || self.ports().iter().any(|it| it == port).then_some(()));
    }
}

impl Drop for JackServer {
    fn drop(&mut self) {
        self.end();
    }
}

/// How long a client may wait for its first cycle.
pub const CALLED: Duration = Duration::from_secs(2);

/// Joins a server, again if it never calls the client: jackd 1.9 may lose the first wake-up of one of two clients that
/// join at the same moment, and then waits for that client in every cycle.
pub fn joined<Client>(join: impl Fn() -> Client, is_called: impl Fn(&Client) -> bool) -> Client {
    for _ in 0..10 {
        let client = join();
        if is_called(&client) {
            return client;
        }
        eprintln!("JACK does not call a client of the test: joining again");
    }
    panic!("JACK calls no client of the test");
}

//! A private JACK server with the dummy driver.

use std::{
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::{place::Place, wait_for};

/// A jackd that ends with the value.
///
/// It runs with real-time scheduling and blocks of 128 samples where that is allowed, and otherwise (or when
/// `$JACKD_REALTIME` is `0`) without, and with blocks of 1024: a busy machine then keeps up too.
pub struct Jackd {
    place: Place,
    is_realtime: bool,
    process: Option<Child>,
}

impl Jackd {
    /// A server's name that nobody else has, and no server yet.
    pub fn absent() -> Self {
        let is_realtime = std::env::var("JACKD_REALTIME").as_deref() != Ok("0") && may_run_realtime();
        Self { place: Place::take(), is_realtime, process: None }
    }

    /// A running server: 48 kHz.
    pub fn start() -> Self {
        let mut server = Self::absent();
        server.restart();
        server
    }

    pub fn name(&self) -> &str {
        &self.place.name
    }

    /// Samples in a block, as long as nobody changes it.
    pub fn block(&self) -> u32 {
        if self.is_realtime { 128 } else { 1024 }
    }

    /// Starts it (again) and waits until it takes clients.
    pub fn restart(&mut self) {
        self.restart_at(48_000);
    }

    /// The same with another sample rate.
    pub fn restart_at(&mut self, sample_rate: u32) {
        let mut command = Command::new("jackd");
        command
            .args(["-n", self.name()])
            .arg(if self.is_realtime { "--realtime" } else { "--no-realtime" })
            .args(["-d", "dummy", "-r", &sample_rate.to_string(), "-p", &self.block().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        end_with_this_thread(&mut command);
        let process = command.spawn().expect("these tests need jackd: apt-get install jackd2");
        self.process = Some(process);
        wait_for("jackd", Duration::from_secs(10), || {
            self.tool("jack_lsp", &[]).output().ok()?.status.success().then_some(())
        });
    }

    /// A program that comes with JACK, told to use this server.
    pub fn tool(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env("JACK_DEFAULT_SERVER", self.name()).env("JACK_NO_START_SERVER", "1");
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Starts such a program in the background, with its output thrown away.
    pub fn spawn(&self, program: &str, arguments: &[&str]) -> Tool {
        let mut command = self.tool(program, arguments);
        end_with_this_thread(&mut command);
        Tool(command.stdout(Stdio::null()).spawn().expect(program))
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("killing jackd");
            process.wait().expect("waiting for jackd");
        }
    }

    /// Sends a signal to the server.
    pub fn signal(&self, signal: i32) {
        if let Some(process) = &self.process {
            send(process, signal);
        }
    }
}

impl Drop for Jackd {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            end(process);
        }
        // What a killed server leaves behind.
        for file in std::fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
            if file.file_name().to_string_lossy().contains(&format!("{}_", self.name())) {
                let _gone = std::fs::remove_file(file.path());
            }
        }
    }
}

/// Ends a server politely, so that it removes its shared memory; but does not wait for ever.
fn end(mut process: Child) {
    send(&process, libc::SIGCONT);
    send(&process, libc::SIGTERM);
    for _ in 0..200 {
        if !matches!(process.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _gone = process.kill();
    let _reaped = process.wait();
}

/// A program in the background that ends with the value.
pub struct Tool(Child);

impl Drop for Tool {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Tries it, on a thread of its own.
fn may_run_realtime() -> bool {
    let attempt = || {
        let parameters = libc::sched_param { sched_priority: 10 };
        // SAFETY: changes the calling thread only, which ends right after.
        #[expect(unsafe_code, reason = "the standard library knows no scheduling")]
        unsafe {
            libc::sched_setscheduler(0, libc::SCHED_FIFO, &parameters) == 0
        }
    };
    std::thread::spawn(attempt).join().expect("a thread")
}

/// Has the kernel kill a program when the test's thread ends, even by a crash.
fn end_with_this_thread(command: &mut Command) {
    // SAFETY: between fork and exec only a system call is made.
    #[expect(unsafe_code, reason = "the standard library has no way to ask for this")]
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            Ok(())
        });
    }
}

fn send(process: &Child, signal: i32) {
    // SAFETY: sends a signal to a child that has not been reaped yet.
    #[expect(unsafe_code, reason = "the standard library only kills")]
    unsafe {
        libc::kill(process.id().cast_signed(), signal);
    }
}

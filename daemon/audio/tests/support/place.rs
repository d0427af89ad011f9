//! Reusable names for test servers.
//!
//! libjack lists at most eight servers for the whole machine. One that did not end cleanly (killed, or by a broken pipe
//! to a killed client) keeps its place forever, unless a server of the same name follows. So tests choose among few
//! names, each held by a lock that ends with the process, however it ends.

use std::fs::File;

const PLACES: usize = 4;

/// The right to a server's name.
pub struct Place {
    /// That name.
    pub name: String,
    _lock: File,
}

impl Place {
    /// A name that nobody else on this machine has now.
    pub fn take() -> Self {
        for number in 0..PLACES {
            let name = format!("downbeat-test-{number}");
            let path = std::env::temp_dir().join(format!("{name}.lock"));
            let lock = File::options().create(true).append(true).open(&path);
            let lock = lock.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            if lock.try_lock().is_ok() {
                return Self { name, _lock: lock };
            }
        }
        panic!("{PLACES} test servers run on this machine already: end those tests first");
    }
}

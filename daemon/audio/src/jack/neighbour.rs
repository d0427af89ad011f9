//! A JACK server of another user, which does not let us in.
//!
//! jackd2 on Linux listens at `/dev/shm/jack_SERVER_UID_0`, and a client looks only for that of its own user.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// Where jackd2 keeps its sockets.
const SOCKETS: &str = "/dev/shm";

/// The other user who runs a server of this name, if there is one.
pub(super) fn server(name: &str) -> Option<String> {
    let own = fs::metadata("/proc/self").ok()?.uid();
    let sockets = fs::read_dir(SOCKETS).ok()?.flatten();
    let uids = sockets.filter_map(|entry| uid_of(entry.file_name().to_str()?, name));
    // A server that was killed leaves its socket behind.
    let uid = uids.filter(|uid| *uid != own).find(|uid| runs_a_server(*uid))?;
    Some(user(&fs::read_to_string("/etc/passwd").unwrap_or_default(), uid))
}

/// The user in the name of a socket, if it belongs to a server of this name.
fn uid_of(socket: &str, server: &str) -> Option<u32> {
    let (uid, number) = socket.strip_prefix("jack_")?.strip_prefix(server)?.strip_prefix('_')?.split_once('_')?;
    number.parse::<u32>().ok()?;
    uid.parse().ok()
}

fn runs_a_server(uid: u32) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.map(|process| process.path()).any(|process| {
        let is_jackd = || fs::read_to_string(process.join("comm")).is_ok_and(|name| name.starts_with("jackd"));
        owner(&process) == Some(uid) && is_jackd()
    })
}

fn owner(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|metadata| metadata.uid())
}

/// The name of a user, from the text of `/etc/passwd`.
fn user(passwd: &str, uid: u32) -> String {
    let mut users = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let name = users.find_map(|fields| (fields.get(2)?.parse() == Ok(uid)).then(|| fields[0].to_owned()));
    name.unwrap_or_else(|| format!("the user {uid}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_tells_its_server_and_its_user() {
        assert_eq!(uid_of("jack_default_1000_0", "default"), Some(1000));
        assert_eq!(uid_of("jack_live_rig_0_1", "live_rig"), Some(0));
        assert_eq!(uid_of("jack_default_1000_0", "live"), None);
        assert_eq!(uid_of("jack_sem.0_default_system", "default"), None);
        assert_eq!(uid_of("jack-shm-registry", "default"), None);
    }

    #[test]
    fn a_user_is_called_by_name() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nfoh:x:1000:1000::/home/foh:/bin/sh\n";
        assert_eq!(user(passwd, 1000), "foh");
        assert_eq!(user(passwd, 1001), "the user 1001");
    }
}

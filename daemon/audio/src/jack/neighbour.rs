//! A JACK server of another user, which does not let us in.
//!
//! jackd2 on Linux listens at `/dev/shm/jack_SERVER_UID_0`, and a client looks only for that of its own user.

use std::{fs, os::unix::fs::MetadataExt};

/// Where jackd2 keeps its sockets.
const SOCKETS: &str = "/dev/shm/";
/// The sockets that somebody has open (proc_net(5)). A server that was killed leaves its file behind, but is not here. Other
/// users' processes are hidden from a service, and these are not.
const OPEN: &str = "/proc/net/unix";

/// The other user who runs a server of this name, if there is one.
pub(super) fn server(name: &str) -> Option<String> {
    let own = fs::metadata("/proc/self").ok()?.uid();
    let uid = other(&fs::read_to_string(OPEN).ok()?, name, own)?;
    Some(user(&fs::read_to_string("/etc/passwd").unwrap_or_default(), uid))
}

/// The other user among those who have a socket of this server open, from the text of `/proc/net/unix`.
fn other(open: &str, server: &str, own: u32) -> Option<u32> {
    let paths = open.lines().filter_map(|line| line.split_whitespace().nth(7)?.strip_prefix(SOCKETS));
    paths.filter_map(|socket| uid_of(socket, server)).find(|uid| *uid != own)
}

/// The user in the name of a socket, if it belongs to a server of this name.
fn uid_of(socket: &str, server: &str) -> Option<u32> {
    let (uid, number) = socket.strip_prefix("jack_")?.strip_prefix(server)?.strip_prefix('_')?.split_once('_')?;
    number.parse::<u32>().ok()?;
    uid.parse().ok()
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
    fn only_a_server_that_runs_counts_and_only_another_users() {
        let open = "Num       RefCount Protocol Flags    Type St Inode Path\n\
                    0000000000000000: 00000002 00000000 00010000 0001 01 31337 /run/dbus/socket\n\
                    0000000000000000: 00000003 00000000 00000000 0001 03 31338\n\
                    0000000000000000: 00000002 00000000 00010000 0001 01 31339 /dev/shm/jack_default_1000_0\n\
                    0000000000000000: 00000002 00000000 00010000 0001 01 31340 /dev/shm/jack_stage_0_0\n";
        assert_eq!(other(open, "default", 998), Some(1000));
        assert_eq!(other(open, "default", 1000), None, "it is our own");
        assert_eq!(other(open, "stage", 998), Some(0));
        assert_eq!(other(open, "studio", 998), None);
    }

    #[test]
    fn a_user_is_called_by_name() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\nfoh:x:1000:1000::/home/foh:/bin/sh\n";
        assert_eq!(user(passwd, 1000), "foh");
        assert_eq!(user(passwd, 1001), "the user 1001");
    }
}

//! Announcements on the local network (multicast DNS), which begin as soon as the system allows them.

use crate::clock::host_now;
use downbeat_protocol::HostTime;
use mdns_sd::{Error, ServiceDaemon, ServiceInfo};
use std::time::Duration;

/// Pause after a failure: the network may not be up yet.
const AGAIN: Duration = Duration::from_secs(5);

/// The service that announces. Dropping this withdraws everything.
pub struct Mdns {
    name: String,
    daemon: Option<ServiceDaemon>,
    retry: HostTime,
    /// The last failure, which is logged once.
    failed: String,
}

impl Mdns {
    /// For a server, by its name in messages.
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), daemon: None, retry: HostTime(i64::MIN), failed: String::new() }
    }

    /// Announces services, or replaces those of the same name; returns whether that worked. After a failure it does
    /// nothing for a while. Never blocks.
    pub fn announce(&mut self, services: Vec<Result<ServiceInfo, Error>>) -> bool {
        if host_now() < self.retry {
            return false;
        }
        let done = self.daemon().and_then(|daemon| services.into_iter().try_for_each(|it| daemon.register(it?)));
        let failed = done.err().map_or_else(String::new, |error| error.to_string());
        if !failed.is_empty() {
            self.retry = host_now() + AGAIN;
            if failed != self.failed {
                tracing::warn!("{}: cannot announce itself on the network: {failed}; trying again", self.name);
            }
        }
        self.failed = failed;
        self.failed.is_empty()
    }

    /// Withdraws a service of the same kind and name. Never blocks.
    pub fn withdraw(&self, service: Result<ServiceInfo, Error>) {
        if let (Some(daemon), Ok(service)) = (&self.daemon, service) {
            // If that fails, the others forget it by themselves after a while.
            let _ = daemon.unregister(service.get_fullname());
        }
    }

    fn daemon(&mut self) -> Result<ServiceDaemon, Error> {
        match &self.daemon {
            Some(daemon) => Ok(daemon.clone()),
            None => Ok(self.daemon.insert(ServiceDaemon::new()?).clone()),
        }
    }
}

impl Drop for Mdns {
    fn drop(&mut self) {
        // It withdraws the announcements in the background.
        if let Some(daemon) = &self.daemon {
            let _ = daemon.shutdown();
        }
    }
}

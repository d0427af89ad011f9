//! The thread `quic-client`: follows every daemon it is given, and retries for ever.

use super::Settings;
use super::common::Common;
use super::path::Way;
use super::shared::Shared;
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::LocalSet;

/// Follows until told to stop.
pub fn run(settings: Settings, shared: &Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return shared.failed(format!("cannot start the network runtime: {error}")),
    };
    let common = Rc::new(Common::new(settings, shared));
    let ways: Vec<Rc<Way>> = (0..common.settings.servers.len()).map(|path| Way::new(path, &common)).collect();
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        for way in &ways {
            let way = Rc::clone(way);
            tokio::task::spawn_local(async move { way.follow_for_ever().await });
        }
        // An error means that the session is gone, with the same effect.
        let _ = stopped.wait_for(|stop| *stop).await;
        common.stopped.set(true);
        let goodbyes: Vec<_> = ways
            .iter()
            .map(|way| {
                let way = Rc::clone(way);
                tokio::task::spawn_local(async move { way.say_goodbye().await })
            })
            .collect();
        for goodbye in goodbyes {
            // A failed task has already reported its problem.
            let _ = goodbye.await;
        }
    });
    // A pending name lookup, or a disk that hangs, must not delay the end.
    runtime.shutdown_background();
}

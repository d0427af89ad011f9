//! The list of clients, written by connections and read by the status page.

use crate::server::wall::Wall;
use downbeat_protocol::picture::Edges;
use downbeat_protocol::status::{Client, Report};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The clients of all outputs, in order of arrival. Shared; every method takes `&self`.
#[derive(Clone, Debug, Default)]
pub struct ClientList(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    clients: BTreeMap<u64, Client>,
    wall: Wall,
}

/// A client's place in the list. Dropping this removes it.
#[derive(Debug)]
pub struct Listing {
    list: ClientList,
    id: u64,
}

impl ClientList {
    /// Adds a client while the result lives.
    pub fn enter(&self, client: Client) -> Listing {
        let mut entries = self.lock();
        let id = entries.next;
        entries.next += 1;
        entries.clients.insert(id, client);
        Listing { list: self.clone(), id }
    }

    /// All connected clients.
    pub fn all(&self) -> Vec<Client> {
        let entries = self.lock();
        let differs = |id: &u64| entries.wall.differs(*id).to_owned();
        entries.clients.iter().map(|(id, client)| Client { differs: differs(id), ..client.clone() }).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listing {
    /// The client's newest report.
    pub fn report(&self, report: Report) {
        let entries = &mut *self.list.lock();
        let Some(client) = entries.clients.get_mut(&self.id) else { return };
        client.report = report;
        if let Some(picture) = &mut client.report.picture {
            entries.wall.show(self.id, &client.name, client.report.playout_delay_ms, picture);
            // They have been used: no one else needs that much of every client four times a second.
            picture.edges = Edges::default();
        }
    }
}

impl Drop for Listing {
    fn drop(&mut self) {
        let mut entries = self.list.lock();
        entries.clients.remove(&self.id);
        entries.wall.leave(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_listed_with_its_newest_report_until_it_leaves() {
        let list = ClientList::default();
        let wall = list.enter(Client { name: "wall".into(), ..Client::default() });
        let desk = list.enter(Client { name: "desk".into(), ..Client::default() });
        wall.report(Report { frames: 7, ..Report::default() });
        assert_eq!(
            list.all().iter().map(|it| (it.name.as_str(), it.report.frames)).collect::<Vec<_>>(),
            [("wall", 7), ("desk", 0)]
        );
        drop(wall);
        assert_eq!(list.all().len(), 1);
        drop(desk);
        assert!(list.all().is_empty());
    }
}

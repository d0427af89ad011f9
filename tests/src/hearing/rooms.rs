//! The same music under rig conditions: how much of the hearing remains in each.

use super::music::Music;
use super::peers::Peer;
use super::score::Score;
use super::summary::{ALL, Summary, groups};
use super::table::{ROOMS, table};

/// Pieces with our scores and those of others.
#[derive(Default)]
pub struct Hearing {
    /// The pieces.
    pub music: Vec<Music>,
    /// Our score of each.
    pub scores: Vec<Score>,
    /// What others make of them.
    pub peers: Vec<Peer>,
}

impl Hearing {
    /// Our figures over all pieces.
    pub fn summary(&self) -> Summary {
        Summary::of(self.scores.iter())
    }

    /// The figures of some pieces that are heard in a room, with what is left of those of the same pieces in `dry`.
    fn in_room<'a>(
        &'a self,
        places: &[usize],
        scores: impl Fn(usize) -> Option<&'a Score>,
        dry: impl Fn(&str) -> Option<&'a Score>,
    ) -> Summary {
        let summary = Summary::of(places.iter().filter_map(|place| scores(*place)));
        let heard = places.iter().filter(|place| scores(**place).is_some());
        let dry: Option<Vec<&Score>> = heard.map(|place| dry(self.music[*place].dry_id())).collect();
        match dry {
            Some(dry) => summary.share_of("f-of-dry", "f", &Summary::of(dry.into_iter())),
            None => summary,
        }
    }
}

/// The figures of each condition by its name: ours, and those of each peer. All conditions together come first.
pub fn conditions(rooms: &Hearing, dry: &Hearing) -> Vec<(String, Vec<(String, Summary)>)> {
    let place = |id: &str| dry.music.iter().position(|piece| piece.id == id);
    let groups = groups(&rooms.music).into_iter().map(|(group, places)| {
        let ours = rooms.in_room(&places, |at| rooms.scores.get(at), |id| dry.scores.get(place(id)?));
        let theirs = rooms.peers.iter().map(|peer| {
            let same = dry.peers.iter().find(|it| it.name == peer.name);
            let dry = |id: &str| same?.scores.get(place(id)?)?.as_ref();
            (peer.name.clone(), rooms.in_room(&places, |at| peer.scores.get(at)?.as_ref(), dry))
        });
        let rows = std::iter::once(("downbeat".to_owned(), ours)).chain(theirs).collect();
        let name = if group == ALL { "all rooms" } else { group.strip_prefix("room_").unwrap_or(&group) };
        (name.to_owned(), rows)
    });
    groups.collect()
}

/// One table of all conditions; peers stand below us in each.
pub fn lines(conditions: &[(String, Vec<(String, Summary)>)]) -> Vec<String> {
    let name = |room: &str, who: &str| if who == "downbeat" { room.to_owned() } else { format!("  {who}") };
    let rows =
        conditions.iter().flat_map(|(room, rows)| rows.iter().map(move |(who, summary)| (name(room, who), summary)));
    let rows: Vec<(String, &Summary)> = rows.collect();
    let rows: Vec<(&str, &Summary)> = rows.iter().map(|(name, summary)| (name.as_str(), *summary)).collect();
    table("rooms", ROOMS, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(pieces: &[(&str, &str, f64)]) -> Hearing {
        let piece =
            |(id, group, _): &(&str, &str, f64)| Music { id: (*id).into(), group: (*group).into(), ..Music::default() };
        let score = |(.., f): &(&str, &str, f64)| {
            let mut score = Score::default();
            score.set("f", *f);
            score
        };
        let peer = Peer { name: "peer".into(), scores: pieces.iter().map(|it| Some(score(it))).collect() };
        Hearing {
            music: pieces.iter().map(piece).collect(),
            scores: pieces.iter().map(score).collect(),
            peers: vec![peer],
        }
    }

    #[test]
    fn each_room_is_held_against_the_same_pieces_dry() {
        let dry = heard(&[("a", "rock", 1.0), ("b", "rock", 0.5), ("c", "rock", 0.1)]);
        let rooms = heard(&[("a@club", "room_club", 0.5), ("b@club", "room_club", 0.25), ("a@hall", "room_hall", 0.9)]);
        let conditions = conditions(&rooms, &dry);
        let share = |room: usize, row: usize| conditions[room].1[row].1.figure("f-of-dry");
        assert_eq!(conditions.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["all rooms", "club", "hall"]);
        assert_eq!([share(1, 0), share(1, 1), share(2, 0)], [Some(0.5), Some(0.5), Some(0.9)]);
        assert_eq!(lines(&conditions).len(), 7, "a head, and two rows for each");
        let unknown = self::conditions(&rooms, &Hearing::default());
        assert_eq!((unknown[1].1[0].1.figure("f-of-dry"), unknown[1].1[0].1.figure("f")), (None, Some(0.375)));
    }
}

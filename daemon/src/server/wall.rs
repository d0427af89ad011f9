//! Whether the nodes of a wall show one picture. Pure: its input is each node's report of its picture at a whole second
//! of the show.
//!
//! | compared | what must be equal |
//! |---|---|
//! | all nodes of one canvas | the inputs of the picture: state, rows, timeline, seed, memories |
//! | nodes with the same slice and the same adapter | every pixel's luma |
//! | nodes with the same slice and other adapters | the borders, within the rounding of drivers |
//! | neighbours | the border that they share, but for [`SEAM`]: scenes may have edges there, but not for [`LASTING`] |
//!
//! The one with the most differences is named; of two, the later one.

use downbeat_protocol::picture::{Edges, Picture};
use std::collections::BTreeMap;

/// Seconds of pictures kept: reports come once a second, at different moments.
const KEPT: usize = 4;
/// Maximum difference of luma at borders between drivers, of 255.
const ROUNDING: f64 = 4.0;
/// The step between neighbours that is too large, of 255: a quarter of the way from black to white, along the whole
/// border.
const SEAM: f64 = 64.0;
/// Number of successive seconds.
const LASTING: u32 = 5;

/// The nodes' reports, by their places in the list of clients.
#[derive(Debug, Default)]
pub struct Wall {
    nodes: BTreeMap<u64, Node>,
}

#[derive(Debug, Default)]
struct Node {
    name: String,
    delay_ms: f64,
    pictures: Vec<Picture>,
    /// Seconds for which the seam with a neighbour has been too large.
    seams: BTreeMap<u64, u32>,
    differs: String,
}

impl Wall {
    /// Adds a node's report of a picture, with its playout delay. Repeated reports change nothing.
    pub fn show(&mut self, id: u64, name: &str, delay_ms: f64, picture: &Picture) {
        let node = self.nodes.entry(id).or_default();
        if node.pictures.iter().any(|known| known.moment == picture.moment && known.luma == picture.luma) {
            return;
        }
        (node.name, node.delay_ms) = (name.into(), delay_ms);
        node.pictures.retain(|known| known.moment != picture.moment);
        node.pictures.push(picture.clone());
        if node.pictures.len() > KEPT {
            node.pictures.remove(0);
        }
        // A second is judged at the first report of the next: by then all have reported, and no node is named too
        // early.
        let shown = self.nodes.values().flat_map(|node| &node.pictures).filter(|it| it.canvas == picture.canvas);
        let later = shown.clone().any(|it| it.moment > picture.moment);
        let before = shown.map(|it| it.moment).filter(|moment| *moment < picture.moment).max();
        if let Some(moment) = if later { Some(picture.moment) } else { before } {
            self.judge(moment, picture.canvas);
        }
    }

    /// Removes a node.
    pub fn leave(&mut self, id: u64) {
        self.nodes.remove(&id);
        for node in self.nodes.values_mut() {
            node.seams.remove(&id);
        }
    }

    /// How a node differs from the others; empty if it does not.
    pub fn differs(&self, id: u64) -> &str {
        self.nodes.get(&id).map_or("", |node| &node.differs)
    }

    fn judge(&mut self, moment: i64, canvas: [u32; 2]) {
        let shown: Vec<(u64, String, Picture)> = self
            .nodes
            .iter()
            .filter_map(|(id, node)| {
                let picture = node.pictures.iter().find(|it| it.moment == moment && it.canvas == canvas)?;
                // Pictures from incomplete input are not the node's fault.
                (!picture.made_of.is_empty()).then(|| (*id, node.name.clone(), picture.clone()))
            })
            .collect();
        if shown.len() < 2 {
            return;
        }
        let usual = most(shown.iter().map(|(.., picture)| picture.made_of.as_str()));
        for (id, _, picture) in &shown {
            let verdict = if picture.made_of != usual {
                let others: Vec<_> = shown.iter().filter(|(.., other)| other.made_of == usual).collect();
                let names: Vec<&str> = others.iter().map(|(_, name, _)| name.as_str()).collect();
                let why = others.first().map_or(String::new(), |(other, ..)| self.other_delay(*id, *other));
                format!("draws from other inputs than {}{why}", names.join(", "))
            } else {
                self.other_pixels(*id, picture, &shown, usual)
                    .or_else(|| self.seam(*id, picture, &shown))
                    .unwrap_or_default()
            };
            let Some(node) = self.nodes.get_mut(id) else { continue };
            if node.differs.is_empty() && !verdict.is_empty() {
                tracing::warn!("the picture of node `{}` differs: it {verdict}", node.name);
            } else if !node.differs.is_empty() && verdict.is_empty() {
                tracing::info!("the picture of node `{}` matches the others again", node.name);
            }
            node.differs = verdict;
        }
    }

    /// The likeliest reason why two nodes draw from different rows.
    fn other_delay(&self, id: u64, other: u64) -> String {
        let delay_ms = |id: &u64| self.nodes.get(id).map_or(0.0, |node| node.delay_ms);
        let (ours, theirs) = (delay_ms(&id), delay_ms(&other));
        if ours == theirs {
            return String::new();
        }
        format!(": its playout delay is {ours} ms, not {theirs}")
    }

    /// Compares with nodes of the same slice.
    fn other_pixels(
        &self,
        id: u64,
        picture: &Picture,
        shown: &[(u64, String, Picture)],
        usual: &str,
    ) -> Option<String> {
        let same = |other: &&(u64, String, Picture)| {
            other.2.slice == picture.slice && other.2.made_of == usual && !other.2.luma.is_empty()
        };
        let twins: Vec<_> = shown.iter().filter(same).collect();
        if picture.luma.is_empty() || twins.len() < 2 {
            return None;
        }
        let alike = twins.iter().filter(|(.., other)| other.adapter == picture.adapter);
        let luma = most(alike.clone().map(|(.., other)| other.luma.as_str()));
        if picture.luma != luma {
            let (_, name, _) = alike.clone().find(|(.., other)| other.luma == luma)?;
            return Some(format!("draws other pixels than {name} from the same input"));
        }
        let (first, name, other) = twins.first()?;
        let far = *first != id && apart(&picture.edges, &other.edges) > ROUNDING;
        far.then(|| format!("draws other pixels than {name} ({} and {})", picture.adapter, other.adapter))
    }

    /// Compares with nodes whose slices touch this one's.
    fn seam(&mut self, id: u64, picture: &Picture, shown: &[(u64, String, Picture)]) -> Option<String> {
        let mut verdict = None;
        for (other_id, name, other) in shown {
            let Some((side, step)) = step(picture, other) else { continue };
            let lasting = self.nodes.get_mut(&id)?.seams.entry(*other_id).or_default();
            *lasting = if step > SEAM { *lasting + 1 } else { 0 };
            if *lasting >= LASTING {
                verdict = Some(format!("does not match {name} at its {side} edge"));
            }
        }
        verdict
    }
}

/// The most frequent value; the first of equally frequent ones.
fn most<'a>(values: impl Iterator<Item = &'a str> + Clone) -> &'a str {
    let count = |wanted: &str| values.clone().filter(|value| *value == wanted).count();
    let mut best = ("", 0);
    for value in values.clone() {
        let count = count(value);
        if count > best.1 {
            best = (value, count);
        }
    }
    best.0
}

/// The side of a slice that borders on another one, and the mean step of luma there.
fn step(here: &Picture, there: &Picture) -> Option<(&'static str, f64)> {
    let ([x, y, width, height], [other_x, other_y, other_width, other_height]) = (here.slice, there.slice);
    let beside = (y, height) == (other_y, other_height);
    let stacked = (x, width) == (other_x, other_width);
    let (a, b) = (&here.edges, &there.edges);
    // Both nodes see the same seam: the one to the right or below reports it, to avoid a second message.
    let (side, ours, theirs) = match () {
        () if beside && other_x.checked_add(other_width) == Some(x) => ("left", &a.left, &b.right),
        () if stacked && other_y.checked_add(other_height) == Some(y) => ("upper", &a.upper, &b.lower),
        () => return None,
    };
    Some((side, mean_step(ours, theirs)?))
}

/// The largest mean step along the borders of two pictures of one slice.
fn apart(one: &Edges, two: &Edges) -> f64 {
    let pairs = [(&one.left, &two.left), (&one.right, &two.right), (&one.upper, &two.upper), (&one.lower, &two.lower)];
    pairs.into_iter().filter_map(|(a, b)| mean_step(a, b)).fold(0.0, f64::max)
}

fn mean_step(one: &[u8], two: &[u8]) -> Option<f64> {
    let sum: u32 = one.iter().zip(two).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    (!one.is_empty() && one.len() == two.len()).then(|| f64::from(sum) / one.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(moment: i64, made_of: &str, slice: [u32; 4]) -> Picture {
        let grey = vec![100; 16];
        let edges = Edges { left: grey.clone(), right: grey.clone(), upper: grey.clone(), lower: grey };
        let (made_of, luma, adapter) = (made_of.into(), "1".into(), "card".into());
        Picture { moment, late_ms: 0.0, made_of, luma, canvas: [300, 100], slice, adapter, edges }
    }

    const LEFT: [u32; 4] = [0, 0, 100, 100];
    const MIDDLE: [u32; 4] = [100, 0, 100, 100];
    const RIGHT: [u32; 4] = [200, 0, 100, 100];

    /// The results of each node after a second.
    fn verdicts<const N: usize>(wall: &mut Wall, second: i64, shown: [(&str, Picture); N]) -> [String; N] {
        for (id, (name, picture)) in shown.iter().enumerate() {
            wall.show(id as u64, name, 10.0, &Picture { moment: 10 * second, ..picture.clone() });
        }
        // The next second starts.
        wall.show(99, "another", 10.0, &picture(10 * second + 1, "-", [0; 4]));
        std::array::from_fn(|id| wall.differs(id as u64).to_owned())
    }

    #[test]
    fn the_node_that_draws_from_something_else_is_named_until_it_does_no_more() {
        let mut wall = Wall::default();
        let mut all = |second: i64, [left, middle, right]: [&str; 3]| {
            let left = ("left", picture(0, left, LEFT));
            let middle = ("middle", picture(0, middle, MIDDLE));
            verdicts(&mut wall, second, [left, middle, ("right", picture(0, right, RIGHT))])
        };
        assert_eq!(all(1, ["a", "a", "a"]), ["", "", ""]);
        assert_eq!(all(2, ["b", "c", "b"]), ["", "draws from other inputs than left, right", ""]);
        assert_eq!(all(3, ["c", "d", "d"]), ["draws from other inputs than middle, right", "", ""]);
        assert_eq!(all(4, ["c", "d", ""]), ["", "draws from other inputs than left", ""]);
        assert_eq!(all(5, ["d", "d", "d"]), ["", "", ""]);
    }

    #[test]
    fn moments_are_compared_however_late_a_report_comes() {
        let mut wall = Wall::default();
        wall.show(0, "left", 10.0, &picture(1, "a", LEFT));
        wall.show(0, "left", 10.0, &picture(2, "b", LEFT));
        wall.show(1, "right", 40.0, &picture(1, "x", RIGHT));
        let wanted = "draws from other inputs than left: its playout delay is 40 ms, not 10";
        assert_eq!(wall.differs(1), wanted);
        wall.leave(1);
        assert_eq!(wall.differs(1), "");
    }

    #[test]
    fn twins_must_have_equal_pixels_unless_their_drivers_round_otherwise() {
        let mut wall = Wall::default();
        let shown = |luma: &str, adapter: &str, border: u8| {
            let mut it = picture(0, "a", LEFT);
            (it.luma, it.adapter, it.edges.left) = (luma.into(), adapter.into(), vec![border; 16]);
            it
        };
        let mut two = |second: i64, one: Picture, two: Picture| {
            let [first, second] = verdicts(&mut wall, second, [("one", one), ("two", two)]);
            assert_eq!(first, "");
            second
        };
        assert_eq!(
            two(1, shown("1", "card", 100), shown("2", "card", 100)),
            "draws other pixels than one from the same input"
        );
        assert_eq!(two(2, shown("1", "card", 100), shown("2", "other", 102)), "");
        assert_eq!(
            two(3, shown("1", "card", 100), shown("2", "other", 120)),
            "draws other pixels than one (other and card)"
        );
    }

    #[test]
    fn a_seam_is_named_when_it_lasts() {
        let mut wall = Wall::default();
        let mut beside = |second: i64, border: u8| {
            let mut middle = picture(0, "a", MIDDLE);
            middle.edges.left = vec![border; 16];
            let [_, verdict] = verdicts(&mut wall, second, [("left", picture(0, "a", LEFT)), ("middle", middle)]);
            verdict
        };
        assert_eq!([1, 2, 3, 4].map(|second| beside(second, 200)), ["", "", "", ""]);
        assert_eq!(beside(5, 200), "does not match left at its left edge");
        assert_eq!(beside(6, 120), "");
    }

    #[test]
    fn walls_with_canvases_of_their_own_are_not_compared() {
        let other = Picture { canvas: [64, 64], ..picture(0, "b", LEFT) };
        let shown = [("left", picture(0, "a", LEFT)), ("other", other)];
        assert_eq!(verdicts(&mut Wall::default(), 1, shown), ["", ""]);
    }
}

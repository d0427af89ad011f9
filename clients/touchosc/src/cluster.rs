//! Clusters: blocks that stay together on a page.

use crate::block::Block;
use crate::form::Form;
use downbeat_protocol::tree::{ENTRIES, Group, Node};

/// Blocks that stay together if there is room.
pub struct Cluster<'a> {
    /// The name of a page that starts with it.
    pub name: String,
    /// In order of layout.
    pub blocks: Vec<Block<'a>>,
}

/// What a node belongs to within its group: the first part of its address and the first name in it, such as `layer`,
/// `back`.
type Owner<'a> = (&'a str, &'a str);

/// The nodes of a group as clusters: one for each layer, cue or rule; one for everything else.
pub fn rest(form: Form, group: Group, mut nodes: Vec<&Node>) -> Vec<Cluster<'_>> {
    // In the table's order, which starts with what is used most.
    let place = |node: &Node| ENTRIES.iter().position(|entry| entry.address == node.entry.address);
    nodes.sort_by_key(|node| place(node));
    let mut owned: Vec<(Owner<'_>, Vec<&Node>)> = Vec::new();
    for node in nodes {
        match owned.iter_mut().find(|(owner, _)| *owner == self::owner(node)) {
            Some((_, all)) => all.push(node),
            None => owned.push((owner(node), vec![node])),
        }
    }
    let (alone, several): (Vec<_>, Vec<_>) = owned.into_iter().partition(|(it, all)| it.1.is_empty() || all.len() == 1);
    let name = group.name();
    let mut clusters = Vec::new();
    let title = |node: &Node| if node.names.is_empty() { node.entry.label.to_owned() } else { node.names.join(" ") };
    let mut blocks: Vec<Block<'_>> =
        alone.into_iter().flat_map(|(_, all)| all).filter_map(|node| Block::of(form, node, title(node))).collect();
    if !blocks.is_empty() {
        blocks.insert(0, Block::heading(form, format!("heading-{name}"), name.into()));
        clusters.push(Cluster { name: name.into(), blocks });
    }
    clusters.extend(several.into_iter().map(|((root, owner), all)| {
        let named = Block::name(format!("{root}/{owner}-name"), owner.into());
        let blocks = all.into_iter().filter_map(|node| Block::of(form, node, title_beside(node)));
        Cluster { name: name.into(), blocks: std::iter::once(named).chain(blocks).collect() }
    }));
    clusters
}

/// The label of a node next to its first name.
fn title_beside(node: &Node) -> String {
    if node.names.len() > 1 { node.names[1..].join(" ") } else { node.entry.label.to_owned() }
}

fn owner(node: &Node) -> Owner<'_> {
    let root = node.entry.parts().next().unwrap_or_default();
    match node.names.first() {
        Some(name) => (root, name),
        None => ("", ""),
    }
}

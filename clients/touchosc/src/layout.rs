//! Builds a layout from the tree of a show: the controls to play on the first page, everything else behind it.

use crate::block::{Block, is_shown};
use crate::cluster::{Cluster, rest};
use crate::control::Control;
use crate::form::Form;
use crate::grid::Grid;
use crate::header::header;
use crate::known::{AUTO, METERS, MUSIC, NUDGE, PARAMETER, TEMPO_TEXT, TOOLS};
use downbeat_protocol::Tree;
use downbeat_protocol::tree::{Group, Node};

/// The name of the first page.
const FIRST: &str = "Play";

/// A whole layout.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Its format.
    pub form: Form,
    /// The header. Controls that lie over others come later.
    pub header: Vec<Control>,
    /// The pages, in the order of their tabs.
    pub pages: Vec<Page>,
}

/// One page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The text of its tab; unique.
    pub name: String,
    /// Its controls, with places inside the page.
    pub controls: Vec<Control>,
}

impl Layout {
    /// The layout of a show.
    pub fn new(form: Form, tree: &Tree) -> Self {
        let mut pages = Pages { form, grid: Grid::new(form.columns()), pages: Vec::new() };
        let (tools, layers, parameters) = (tools(tree), of_group(form, tree, Group::Layers), parameters(tree));
        let first = std::iter::once(tools).chain(layers).chain([parameters]).chain(of_group(form, tree, Group::Cues));
        let others = Group::ALL.into_iter().filter(|group| ![Group::Layers, Group::Cues].contains(group));
        first.chain(others.flat_map(|group| of_group(form, tree, group))).for_each(|cluster| pages.add(&cluster));
        Self { form, header: header(form, tree), pages: pages.pages }
    }

    /// Every control, the header's first.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.header.iter().chain(self.pages.iter().flat_map(|page| &page.controls))
    }
}

/// Controls needed in a hurry.
fn tools(tree: &Tree) -> Cluster<'_> {
    let block = |tool: &crate::known::Tool| {
        let node = tree.find(tool.address)?;
        let title = node.entry.label.to_uppercase();
        Some(match tool.address {
            NUDGE => Block::nudge(node, tool.size, tool.colour),
            _ => Block::press(node, title, tool.size, tool.colour),
        })
    };
    Cluster { name: FIRST.into(), blocks: TOOLS.iter().filter_map(block).collect() }
}

/// Each parameter, with the meters beside them.
fn parameters(tree: &Tree) -> Cluster<'_> {
    let mut blocks = Vec::new();
    for value in tree.nodes().filter(|node| node.entry.address == PARAMETER) {
        let auto = tree.nodes().find(|node| node.entry.address == AUTO && node.names == value.names);
        blocks.extend(Block::parameter(value, auto, value.names.join(" ")));
    }
    let meters: Vec<&Node> = tree.nodes().filter(|node| is_meter(node)).collect();
    if !meters.is_empty() {
        blocks.push(Block::meters(in_row_order(meters), (6, 8)));
    }
    Cluster { name: Group::Parameters.name().into(), blocks }
}

/// Everything in a group without its own place.
fn of_group(form: Form, tree: &Tree, group: Group) -> Vec<Cluster<'_>> {
    let placed = |node: &Node| {
        let address = node.entry.address;
        [PARAMETER, AUTO, TEMPO_TEXT, MUSIC].contains(&address) || TOOLS.iter().any(|tool| tool.address == address)
    };
    let nodes = tree.nodes().filter(|node| node.entry.group == group && is_shown(tree, node) && !placed(node));
    rest(form, group, nodes.collect())
}

fn is_meter(node: &Node) -> bool {
    let wanted =
        |name: &String| METERS.iter().any(|meter| name == meter || meter.ends_with('.') && name.starts_with(meter));
    node.columns.is_some_and(|(_, len)| len == 1) && node.names.iter().any(wanted)
}

/// In row order: the bands from the lowest to the highest.
fn in_row_order(mut nodes: Vec<&Node>) -> Vec<&Node> {
    nodes.sort_by_key(|node| node.columns);
    nodes
}

/// The pages so far.
struct Pages {
    form: Form,
    grid: Grid,
    pages: Vec<Page>,
}

impl Pages {
    /// Adds a cluster below the others, or on a new page if it does not fit; one larger than a page continues on the
    /// next.
    fn add(&mut self, cluster: &Cluster<'_>) {
        if cluster.blocks.is_empty() {
            return;
        }
        self.grid.begin();
        let mut trial = self.grid.clone();
        let fits = cluster.blocks.iter().all(|block| trial.take(self.wide(block), block.high).is_some());
        if self.pages.is_empty() || !fits && !self.grid.is_empty() {
            self.turn(&cluster.name);
        }
        for block in &cluster.blocks {
            let wide = self.wide(block);
            let place = self.grid.take(wide, block.high).or_else(|| {
                self.turn(&cluster.name);
                self.grid.take(wide, block.high)
            });
            // No block is larger than a page.
            let (Some((column, row)), Some(page)) = (place, self.pages.last_mut()) else { continue };
            page.controls.extend((block.draw)(self.form.cells(column, row, wide, block.high)));
        }
    }

    fn wide(&self, block: &Block<'_>) -> usize {
        block.wide.min(self.form.columns())
    }

    fn turn(&mut self, name: &str) {
        let is_free = |name: &String| self.pages.iter().all(|page| page.name != *name);
        let mut names = std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name} {number}")));
        let name = names.find(is_free).unwrap_or_default();
        self.pages.push(Page { name, controls: Vec::new() });
        self.grid = Grid::new(self.form.columns());
    }
}

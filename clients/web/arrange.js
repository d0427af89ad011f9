// Where each node of the tree is shown: its section, and within it the card of its parent.
//
// Groups and paths named here have their own place; all others get a section by group.

// Order, titles and columns of the known sections. Columns are side by side if there is room.
const SECTIONS = [
  { name: 'tempo', title: 'Tempo', column: 0 },
  { name: 'show', title: 'Show', column: 0 },
  { name: 'music', title: 'Sound', column: 0 },
  { name: 'layers', title: 'Layers', column: 1 },
  { name: 'cues', title: 'Cues', column: 1 },
  { name: 'rules', title: 'Rules', column: 1 },
  { name: 'parameters', title: 'Parameters', column: 2 },
  { name: 'outputs', title: 'Outputs', column: 2 },
  { name: 'controls', title: 'Controls', column: 2 },
  { name: 'nodes', title: 'Nodes', column: 2 },
];
const LAST = [
  { name: 'daemon', title: 'Daemon', column: 2 },
  { name: 'signals', title: 'Signals', column: 2, folded: true },
];

const BY_ROOT = new Map([
  ['cue', 'cues'],
  ['rule', 'rules'],
  ['output', 'outputs'],
  ['control', 'controls'],
  ['node', 'nodes'],
  ['bus', 'music'],
  ['signal', 'signals'],
]);

// Read-only numbers are together under "Signals".
const MEASURED = new Set(['tempo', 'beat', 'bar', 'phrase', 'music', 'time']);

// Always shown in the head of the page, better than as text.
const IN_HEAD = [/^\/tempo\/(text|lock|locked)$/, /^\/beat\//, /^\/bar\/blink$/, /^\/daemon\/(alive|show)$/];

// Always at hand at the foot of the page.
const IN_DOCK = new Set(['/tempo/tap', '/show/blackout']);

// The group of definitions.
const EDITED = 'editing';

// Bindings of MIDI surfaces.
const LEARNING = /^\/control\/(learn|[^/]+\/learnt\/[^/]+)$/;

// First within their section, in this order.
const FIRST = [
  '/tempo/bpm',
  '/tempo/nudge',
  '/tempo/halve',
  '/tempo/double',
  '/tempo/one',
  '/tempo/hold',
  '/tempo/listen',
  '/tempo/range/low',
  '/tempo/range/high',
  '/tempo/range/lock',
  '/show/panic/black',
  '/show/panic/freeze',
  '/show/freeze',
  '/show/undo',
  '/show/lock',
];

// First within a card, in this order: the most used.
const WITHIN = ['fire', 'mute', 'scene', 'opacity', 'blend', 'kind', 'role', 'target', 'listens', 'address', 'rate', 'fps'];

/** The sections of a tree in their order: `[{ name, title, column, folded, cards }]`, a card being
 *  `{ path, title, nodes }`; the card without a title holds what is a part of the section itself. Sections that are named in
 *  `always` are there even when nothing is in them. */
export function arrange(tree, always = []) {
  const sections = new Map(SECTIONS.map((section) => [section.name, { ...section, cards: [] }]));
  for (const node of ordered(tree)) {
    const name = sectionOf(node);
    if (name === null) continue;
    if (!sections.has(name)) sections.set(name, known(name));
    put(sections.get(name), node, tree);
  }
  for (const { name } of LAST) {
    const section = sections.get(name);
    if (sections.delete(name)) sections.set(name, section);
  }
  const all = [...sections.values()].filter(({ name, cards }) => cards.length > 0 || always.includes(name));
  for (const { cards } of all) {
    // Nodes of the section itself come first.
    cards.sort((a, b) => Number(a.path !== '') - Number(b.path !== ''));
    for (const { path, nodes } of cards) if (path !== '') nodes.sort((a, b) => place(WITHIN, a.name) - place(WITHIN, b.name));
  }
  return all.sort((a, b) => a.column - b.column);
}

/** The section of a node; null for those in the head or the dock, definitions and bindings. */
export function sectionOf(node) {
  if (node.group === EDITED || LEARNING.test(node.path)) return null;
  if (IN_DOCK.has(node.path)) return null;
  if (!node.writable && IN_HEAD.some((pattern) => pattern.test(node.path))) return null;
  const root = node.parts[1];
  if (!node.writable && node.kind === 'number' && MEASURED.has(root)) return 'signals';
  return BY_ROOT.get(root) ?? node.group.replace(/[^\p{L}\p{N}]+/gu, '-');
}

/** Whether a node only reports a fault, as text. */
export function isTrouble(node) {
  return !node.writable && node.kind === 'text' && ['error', 'trouble', 'differs'].includes(node.name);
}

function known(name) {
  const title = name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
  return { title, column: 2, ...LAST.find((section) => section.name === name), name, cards: [] };
}

// The index in a list; past its end if missing.
function place(list, one) {
  return list.includes(one) ? list.indexOf(one) : list.length;
}

function ordered(tree) {
  return tree.all().sort((a, b) => place(FIRST, a.path) - place(FIRST, b.path));
}

function put(section, node, tree) {
  // The buttons of a choice are its children: one button per word is enough.
  if (tree.get(node.parent)?.choices.includes(node.name) && node.kind === 'trigger') return;
  const path = cardOf(node, tree);
  let card = section.cards.find((other) => other.path === path);
  if (!card) {
    card = { path, title: title(path), nodes: [] };
    section.cards.push(card);
  }
  card.nodes.push(node);
}

// A node with children is shown with them; others with their siblings.
function cardOf(node, tree) {
  const own = node.hasChildren && node.choices.length === 0 ? node.path : node.parent;
  // Nodes of a whole root, such as `/tempo/bpm`, have no card of their own.
  return own.split('/').length > 2 ? own : '';
}

// `/layer/back` is "back", `/signal/main/onset` "main onset".
function title(path) {
  return path.split('/').slice(2).join(' ');
}

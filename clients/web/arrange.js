// Where each node of the tree is shown: its section, and within it the card of what it is a part of.
//
// Groups and paths that are named here have a place of their own; whatever else there is gets a section by its group.

// Order, titles and columns of the sections that are known. The columns stand beside each other where there is room.
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

// Numbers that are only measured stand together under "Signals".
const MEASURED = new Set(['tempo', 'beat', 'bar', 'phrase', 'music', 'time']);

// What the head of the page shows all the time, better than a text could.
const IN_HEAD = [/^\/tempo\/(text|lock|locked)$/, /^\/beat\//, /^\/bar\/blink$/, /^\/daemon\/(alive|show)$/];

// What is at hand all the time at the foot of the page.
const IN_DOCK = new Set(['/tempo/tap', '/show/blackout']);

// What is not played but edited.
const EDITED = 'editing';

// What a MIDI surface learns, and has learnt.
const LEARNING = /^\/control\/(learn|[^/]+\/learnt\/[^/]+)$/;

// What stands first within its section, in this order.
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

// What comes first within a card, in this order: what is used most.
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
    // What is a part of the section itself comes first.
    cards.sort((a, b) => Number(a.path !== '') - Number(b.path !== ''));
    for (const { path, nodes } of cards) if (path !== '') nodes.sort((a, b) => place(WITHIN, a.name) - place(WITHIN, b.name));
  }
  return all.sort((a, b) => a.column - b.column);
}

/** The section of a node; null for what the head or the dock shows, and for what is edited or learnt. */
export function sectionOf(node) {
  if (node.group === EDITED || LEARNING.test(node.path)) return null;
  if (IN_DOCK.has(node.path)) return null;
  if (!node.writable && IN_HEAD.some((pattern) => pattern.test(node.path))) return null;
  const root = node.parts[1];
  if (!node.writable && node.kind === 'number' && MEASURED.has(root)) return 'signals';
  return BY_ROOT.get(root) ?? node.group.replace(/[^\p{L}\p{N}]+/gu, '-');
}

/** Whether a node only says what trouble there is, in words. */
export function isTrouble(node) {
  return !node.writable && node.kind === 'text' && ['error', 'trouble', 'differs'].includes(node.name);
}

function known(name) {
  const title = name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
  return { title, column: 2, ...LAST.find((section) => section.name === name), name, cards: [] };
}

// Where something stands in a list; behind it when it is not there.
function place(list, one) {
  return list.includes(one) ? list.indexOf(one) : list.length;
}

function ordered(tree) {
  return tree.all().sort((a, b) => place(FIRST, a.path) - place(FIRST, b.path));
}

function put(section, node, tree) {
  // The buttons of a choice are its children: one button for each word is enough.
  if (tree.get(node.parent)?.choices.includes(node.name) && node.kind === 'trigger') return;
  const path = cardOf(node, tree);
  let card = section.cards.find((other) => other.path === path);
  if (!card) {
    card = { path, title: title(path), nodes: [] };
    section.cards.push(card);
  }
  card.nodes.push(node);
}

// A node with parts of its own is shown with them; another with its siblings.
function cardOf(node, tree) {
  const own = node.hasChildren && node.choices.length === 0 ? node.path : node.parent;
  // What belongs to the whole of a root, as `/tempo/bpm` does, has no card of its own.
  return own.split('/').length > 2 ? own : '';
}

// `/layer/back` is "back", `/signal/main/onset` "main onset".
function title(path) {
  return path.split('/').slice(2).join(' ');
}

// The daemon's tree of names, from OSCQuery.

/** Fetches the whole tree. */
export async function fetchTree() {
  const answer = await fetch('/', {
    headers: { Accept: 'application/json' },
    cache: 'no-store',
    signal: AbortSignal.timeout(3000),
  });
  if (!answer.ok) throw new Error(`the daemon answers ${answer.status} instead of its tree`);
  return new Tree(await answer.json());
}

/** Fetches the value of a path. */
export async function fetchValue(path) {
  const answer = await fetch(path, { headers: { Accept: 'application/json' }, cache: 'no-store', signal: AbortSignal.timeout(3000) });
  if (!answer.ok) throw new Error(`the daemon answers with ${answer.status}`);
  return (await answer.json()).VALUE?.[0];
}

export class Tree {
  constructor(root) {
    /** Every node with a value or a command, by path, in the daemon's order. */
    this.nodes = new Map();
    this.walk(root);
  }

  walk(json) {
    const contents = Object.values(json.CONTENTS ?? {});
    if (json.TYPE !== undefined) this.nodes.set(json.FULL_PATH, new Node(json, contents.length > 0));
    for (const child of contents) this.walk(child);
  }

  get(path) {
    return this.nodes.get(path);
  }

  has(path) {
    return this.nodes.has(path);
  }

  all() {
    return [...this.nodes.values()];
  }

  /** The nodes of a pattern in which `*` stands for any one name. */
  match(pattern) {
    const wanted = pattern.split('/');
    return this.all().filter(({ parts }) => {
      return parts.length === wanted.length && parts.every((part, i) => wanted[i] === '*' || wanted[i] === part);
    });
  }
}

const READ = 1;
const WRITE = 2;

export class Node {
  constructor(json, hasChildren) {
    this.path = json.FULL_PATH;
    this.parts = this.path.split('/');
    this.name = this.parts.at(-1);
    this.hasChildren = hasChildren;
    this.type = json.TYPE;
    this.readable = Boolean(json.ACCESS & READ);
    this.writable = Boolean(json.ACCESS & WRITE);
    this.help = json.DESCRIPTION ?? '';
    this.label = json.LABEL || this.name;
    this.group = String(json.TAGS?.[0] ?? 'other').toLowerCase();
    this.unit = json.UNIT?.[0] ?? '';
    this.value = json.VALUE;
    const range = json.RANGE?.[0] ?? {};
    this.min = range.MIN ?? 0;
    // A counter has no maximum.
    this.max = range.MAX ?? (range.MIN === undefined ? 1 : Infinity);
    this.choices = range.VALS ?? [];
    this.kind = json.KIND ?? kindOf(json.TYPE, this.choices);
  }

  /** The path of its parent. */
  get parent() {
    return this.parts.slice(0, -1).join('/');
  }

  /** Everything that affects its widget; nodes with the same shape share one. */
  get shape() {
    const { path, kind, type, readable, writable, label, help, group, unit, min, max, choices, hasChildren } = this;
    return [path, kind, type, readable, writable, label, help, group, unit, min, max, choices, hasChildren].join('\n');
  }
}

// Other OSCQuery servers have no KIND.
function kindOf(type, choices) {
  if (type === 'I' || type === 'N' || type === '') return 'trigger';
  if (type === 'T' || type === 'F') return 'switch';
  if (type.startsWith('s')) return choices.length > 0 ? 'choice' : 'text';
  return 'number';
}

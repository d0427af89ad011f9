// The newest value of each path, its listeners, and the subscriptions at the daemon.

// Scrolling past something and back must not subscribe twice.
const LINGER_MS = 400;

export class Values {
  /** `command(name, path)` sends LISTEN and IGNORE. */
  constructor(command) {
    this.command = command;
    this.told = new Map();
    this.subscribers = new Map();
    this.wanted = new Map();
    this.listening = new Set();
    this.tree = null;
    this.paused = false;
  }

  /** The newest arguments of a path; undefined before the first. */
  get(path) {
    return this.told.get(path);
  }

  /** The first of them. */
  one(path) {
    return this.told.get(path)?.[0];
  }

  /** Takes the arguments of a path. */
  set(path, args) {
    this.told.set(path, args);
    for (const notify of this.subscribers.get(path) ?? []) notify(args);
  }

  /** Forgets the value of a path until the next one arrives. */
  forget(path) {
    this.told.delete(path);
    for (const notify of this.subscribers.get(path) ?? []) notify([]);
  }

  /** Calls `notify` on every value of a path, until the returned function is called. */
  subscribe(path, notify) {
    const all = this.subscribers.get(path) ?? new Set();
    this.subscribers.set(path, all.add(notify));
    return () => all.delete(notify);
  }

  /** Subscribes to a path, until as many `unwant` have followed. */
  want(path) {
    this.wanted.set(path, (this.wanted.get(path) ?? 0) + 1);
    this.listen(path);
  }

  unwant(path) {
    this.wanted.set(path, this.wanted.get(path) - 1);
    setTimeout(() => this.ignore(path), LINGER_MS);
  }

  /** A daemon has answered, perhaps another one: subscribes to everything again. */
  connected() {
    this.listening.clear();
  }

  /** The tree is new or has changed: takes its values, and subscribes to the wanted paths that exist. */
  know(tree) {
    this.tree = tree;
    for (const path of this.listening) if (!tree.has(path)) this.listening.delete(path);
    for (const path of this.told.keys()) if (!tree.has(path)) this.told.delete(path);
    for (const node of tree.all()) {
      if (node.value !== undefined && !this.listening.has(node.path)) this.set(node.path, node.value);
    }
    for (const path of this.wanted.keys()) this.listen(path);
  }

  /** The page was hidden, or shown again. */
  pause(paused) {
    this.paused = paused;
    for (const path of this.wanted.keys()) paused ? this.ignore(path) : this.listen(path);
  }

  listen(path) {
    if (!this.wanted.get(path) || this.listening.has(path) || !this.tree?.get(path)?.readable) return;
    if (this.paused && path !== ALIVE) return;
    this.listening.add(path);
    this.command('LISTEN', path);
  }

  ignore(path) {
    const keep = this.wanted.get(path) > 0 && (!this.paused || path === ALIVE);
    if (!keep && this.listening.delete(path)) this.command('IGNORE', path);
  }
}

/** Counts up once a second while the daemon lives. */
export const ALIVE = '/daemon/alive';

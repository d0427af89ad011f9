// The daemon as the page knows it: connection, values, commands and tree.

import { Connection } from './connection.js';
import { Sender } from './sender.js';
import { fetchTree } from './tree.js';
import { ALIVE, Values } from './values.js';

// Changes of the tree come in bursts: a node that leaves takes a dozen paths with it.
const SETTLE_MS = 250;
const AGAIN_MS = 500;

export class Daemon {
  /** Handlers: `tree(tree)` at first and on change, `live()`, `lost()`, `refused(text)`. */
  constructor(handlers) {
    this.handlers = handlers;
    this.connection = new Connection({
      open: () => this.open(),
      lost: () => this.lost(),
      message: ({ address, args }) => (address === '/error' ? handlers.refused(String(args[0])) : this.values.set(address, args)),
      command: (name) => name.startsWith('PATH_') && this.refresh(SETTLE_MS),
      // The daemon asks for its code on another page.
      forbidden: () => location.assign('/'),
    });
    this.values = new Values((name, path) => this.connection.command(name, path));
    this.sender = new Sender((address, args) => this.connection.send(address, args));
    this.timer = 0;
    this.asked = 0;
  }

  start() {
    this.values.want(ALIVE);
    document.addEventListener('visibilitychange', () => this.values.pause(document.hidden));
    this.values.pause(document.hidden);
    this.connection.start();
  }

  open() {
    this.values.connected();
    this.refresh(0);
  }

  lost() {
    clearTimeout(this.timer);
    this.asked += 1;
    this.handlers.lost();
  }

  refresh(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fetch(), wait);
  }

  async fetch() {
    this.asked += 1;
    const mine = this.asked;
    try {
      const tree = await fetchTree();
      // The daemon was lost meanwhile, or a newer tree is on its way.
      if (mine !== this.asked) return;
      this.values.know(tree);
      this.handlers.tree(tree);
      this.handlers.live();
    } catch (error) {
      if (mine !== this.asked || !this.connection.live) return;
      console.warn(`Cannot read the tree, retrying: ${error.message}`);
      this.refresh(AGAIN_MS);
    }
  }
}

// The daemon's refusals, shown for a few seconds, or at the editor that caused them.

import { write } from './dom.js';

const SHOWN_MS = 6000;

export class Refusal {
  constructor(element) {
    this.element = element;
    this.timer = 0;
    this.listeners = [];
  }

  show(text) {
    const last = this.listeners.at(-1);
    if (last) return last(text);
    write(this.element, text);
    this.element.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.element.hidden = true), SHOWN_MS);
  }

  /** Hands what is refused to `listener` instead, until the answer is called. */
  listen(listener) {
    this.listeners.push(listener);
    return () => (this.listeners = this.listeners.filter((other) => other !== listener));
  }
}

// The daemon's refusals, shown for a few seconds.

import { write } from './dom.js';

const SHOWN_MS = 6000;

export class Refusal {
  constructor(element) {
    this.element = element;
    this.timer = 0;
  }

  show(text) {
    write(this.element, text);
    this.element.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.element.hidden = true), SHOWN_MS);
  }
}

// Clean-up when a part of the page goes.

import { nextFrame } from './frame.js';
import { whileVisible } from './visible.js';

export class Scope {
  constructor(values) {
    this.values = values;
    this.ends = [];
  }

  /** Calls `end` when this part goes. */
  add(end) {
    this.ends.push(end);
  }

  close() {
    for (const end of this.ends.splice(0)) end();
  }

  /** Draws with the newest values of the paths on every change; subscribed while the element is visible. */
  show(element, paths, draw) {
    const redraw = () => draw(...paths.map((path) => this.values.one(path)));
    this.draw(element, paths, redraw);
  }

  /** The same, without passing the values. */
  draw(element, paths, redraw) {
    for (const path of paths) this.add(this.values.subscribe(path, () => nextFrame(redraw)));
    this.add(
      whileVisible(element, (seen) => {
        for (const path of paths) seen ? this.values.want(path) : this.values.unwant(path);
      }),
    );
    nextFrame(redraw);
  }
}

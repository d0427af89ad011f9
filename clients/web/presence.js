// Whether the daemon is there. Without it, everything on the page is visibly dead and cannot be touched.

import { write } from './dom.js';

export class Presence {
  /** `told` is the polite live region, `notice` is for everyone, `parts` are dead while the daemon is lost. */
  constructor(told, notice, parts) {
    this.told = told;
    this.notice = notice;
    this.parts = parts;
    this.state = 'connecting';
    this.since = performance.now();
    this.focused = null;
    setInterval(() => this.count(), 1000);
    this.set('connecting');
  }

  lost() {
    if (this.state !== 'live') return;
    this.since = performance.now();
    this.tell('The daemon is lost');
    this.set('lost');
  }

  live() {
    if (this.state === 'lost') this.tell('The daemon is back');
    this.set('live');
  }

  tell(text) {
    write(this.told, text);
  }

  set(state) {
    this.state = state;
    document.documentElement.dataset.daemon = state;
    const dead = state !== 'live';
    if (dead) this.focused = document.activeElement ?? this.focused;
    for (const part of this.parts) part.inert = dead;
    if (!dead && this.focused?.isConnected && document.activeElement === document.body) this.focused.focus({ preventScroll: true });
    this.count();
  }

  count() {
    const seconds = Math.floor((performance.now() - this.since) / 1000);
    if (this.state === 'live') return write(this.notice, '');
    // The first moments of a page that finds its daemon need no alarm.
    const long = seconds >= 1 || this.state === 'lost';
    if (long) document.documentElement.dataset.daemon = 'lost';
    write(this.notice, long ? `DAEMON LOST · ${seconds} s · reconnecting` : 'connecting');
  }
}

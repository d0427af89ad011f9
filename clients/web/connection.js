// The connection to the daemon: reconnects forever, and notices a loss within two seconds.

import { Backoff } from './backoff.js';
import { decode, encode } from './osc.js';

// `/daemon/alive` comes once a second. Missing for this long, the daemon counts as lost.
const SILENCE_MS = 1750;
const LOOK_MS = 125;
// An attempt without an answer gives way to the next.
const ATTEMPT_MS = 2000;

export class Connection {
  /** Handlers: `open()`, `message({ address, args })`, `command(name, data)`, `lost()`, `forbidden()`. */
  constructor(handlers) {
    this.handlers = handlers;
    this.backoff = new Backoff();
    this.socket = null;
    this.live = false;
    this.heard = 0;
    this.retry = 0;
  }

  start() {
    setInterval(() => this.look(), LOOK_MS);
    // Timers nearly stop in a hidden page: returning to it must not wait for them.
    document.addEventListener('visibilitychange', () => {
      if (document.hidden || this.live || !this.retry) return;
      this.backoff.reset();
      this.attempt();
    });
    window.addEventListener('online', () => this.retry && this.attempt());
    this.attempt();
  }

  send(address, args) {
    if (!this.live) return false;
    this.socket.send(encode(address, args));
    return true;
  }

  command(name, data) {
    if (this.live) this.socket.send(JSON.stringify({ COMMAND: name, DATA: data }));
  }

  // Browsers delay WebSockets after failures, by seconds: so the daemon is first polled by HTTP, which they do not
  // delay.
  async attempt() {
    clearTimeout(this.retry);
    this.retry = 0;
    const began = performance.now();
    try {
      const answer = await fetch('/?HOST_INFO', {
        headers: { Accept: 'application/json' },
        cache: 'no-store',
        signal: AbortSignal.timeout(ATTEMPT_MS),
      });
      if (answer.status === 401) return this.handlers.forbidden();
      if (!answer.ok) throw new Error(`the daemon answers ${answer.status}`);
      this.open(began);
    } catch {
      this.again(began);
    }
  }

  open(began) {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/`);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    this.heard = performance.now();
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.live = true;
      this.heard = performance.now();
      this.backoff.reset();
      this.handlers.open();
    };
    socket.onmessage = (event) => socket === this.socket && this.receive(event.data);
    socket.onclose = () => socket === this.socket && this.close(began);
  }

  receive(data) {
    this.heard = performance.now();
    if (typeof data === 'string') {
      const { COMMAND, DATA } = JSON.parse(data);
      this.handlers.command(COMMAND, DATA);
    } else {
      for (const message of decode(new Uint8Array(data))) this.handlers.message(message);
    }
  }

  look() {
    const limit = this.live ? SILENCE_MS : ATTEMPT_MS;
    if (this.socket && performance.now() - this.heard > limit) this.close(this.heard);
  }

  close(began) {
    const { socket, live } = this;
    this.socket = null;
    this.live = false;
    socket.close();
    if (live) this.handlers.lost();
    this.again(began);
  }

  again(began) {
    clearTimeout(this.retry);
    const spent = performance.now() - began;
    this.retry = setTimeout(() => this.attempt(), Math.max(50, this.backoff.next() - spent));
  }
}

// Commands to the daemon. Moves of a finger are thinned: the newest value wins.

const GAP_MS = 1000 / 60;

export class Sender {
  /** `transmit(address, args)` sends one message. */
  constructor(transmit, now = () => performance.now()) {
    this.transmit = transmit;
    this.now = now;
    this.streams = new Map();
  }

  /** Sends at once; whether there is a daemon to send to. */
  send(address, ...args) {
    return this.transmit(address, args);
  }

  /** Sends at most sixty times a second to an address; the last value always arrives. */
  stream(address, value) {
    const stream = this.streams.get(address) ?? { last: -Infinity, timer: 0, value };
    this.streams.set(address, stream);
    stream.value = value;
    if (stream.timer) return;
    const wait = stream.last + GAP_MS - this.now();
    if (wait <= 0) this.flush(address, stream);
    else stream.timer = setTimeout(() => this.flush(address, stream), Math.ceil(wait));
  }

  flush(address, stream) {
    stream.timer = 0;
    stream.last = this.now();
    this.transmit(address, [stream.value]);
  }
}

// How long to wait between two attempts to reach the daemon.

const FIRST_MS = 250;
const LONGEST_MS = 2000;

export class Backoff {
  constructor() {
    this.wait = FIRST_MS;
  }

  /** How long after the begin of the last attempt the next one is due; doubles each time. */
  next() {
    const wait = this.wait;
    this.wait = Math.min(LONGEST_MS, wait * 2);
    return wait;
  }

  reset() {
    this.wait = FIRST_MS;
  }
}

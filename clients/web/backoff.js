// The wait between two attempts to reach the daemon.

const FIRST_MS = 250;
const LONGEST_MS = 2000;

export class Backoff {
  constructor() {
    this.wait = FIRST_MS;
  }

  /** The delay from the start of the last attempt to the next; doubles each time. */
  next() {
    const wait = this.wait;
    this.wait = Math.min(LONGEST_MS, wait * 2);
    return wait;
  }

  reset() {
    this.wait = FIRST_MS;
  }
}

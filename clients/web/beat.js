// The current beat: the last report, continued at the tempo.

const BAR = '/bar/phase';
const PLACE = '/bar/beat';
const TEMPO = '/tempo/bpm';

export const BEAT_PATHS = [BAR, TEMPO];

// Older reports say nothing about now.
const STALE_MS = 1500;

export class Beat {
  constructor() {
    this.bar = 0;
    this.told = -Infinity;
    this.bpm = 0;
  }

  /** Sets the current position in the bar, 0 to 1. */
  tell(bar, now) {
    this.bar = bar;
    this.told = now;
  }

  /** The beat of the bar, counted from 0, and its progress; undefined if unknown. */
  at(now, beats) {
    const since = now - this.told;
    if (since > STALE_MS || !(this.bpm > 0)) return undefined;
    const place = (((this.bar * beats + (since * this.bpm) / 60000) % beats) + beats) % beats;
    return { beat: Math.floor(place), phase: place % 1 };
  }

  /** Follows the daemon's reports. */
  follow(values, scope) {
    scope.add(values.subscribe(BAR, ([bar]) => this.tell(bar, performance.now())));
    scope.add(values.subscribe(TEMPO, ([bpm]) => (this.bpm = bpm)));
  }
}

/** How many beats a bar has. */
export function beatsPerBar(tree) {
  const last = tree.get(PLACE)?.max ?? 3;
  return Math.min(16, Math.max(1, Math.round(last) + 1));
}

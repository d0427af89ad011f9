// The words of definitions, as the configuration has them. A test of the daemon holds them to its own.

/** When a cue takes effect after it was fired. */
export const WHENS = ['now', 'beat', 'bar', 'phrase'];

/** What sets a rule off and needs nothing more. */
export const OCCASIONS = ['key', 'beat', 'bar', 'phrase', 'drop', 'build-up', 'section', 'playing', 'breakdown', 'silence', 'no-signal'];

/** What sets a rule off when a signal crosses a value. */
export const CROSSINGS = ['above', 'below'];

/** Which of its steps a rule takes. */
export const CHOICES = ['all', 'cycle', 'shuffle', 'weighted'];

/** How a step changes what is at its address. */
export const ACTS = ['set', 'toggle', 'next', 'previous', 'add', 'ramp'];

/** How often a rule acts, against what it says itself. */
export const RATES = ['1/4', '1/2', '1', '2', '4'];

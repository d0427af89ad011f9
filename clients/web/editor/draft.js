// A value that is edited but not sent: the widgets of the page show and move it as they do the daemon's.

import { Scope } from '../scope.js';

/** What a widget is made with. `change(value)` hears of what was chosen. */
export function draft(value, change) {
  const told = new Set();
  const held = { value };
  const values = {
    one: () => held.value,
    get: () => (held.value === undefined ? undefined : [held.value]),
    subscribe: (_, notify) => {
      told.add(notify);
      return () => told.delete(notify);
    },
    want: () => {},
    unwant: () => {},
  };
  const set = (_, next) => {
    held.value = next;
    change(next);
    for (const notify of told) notify([next]);
  };
  return { values, sender: { send: set, stream: set }, when: { address: ({ path }) => path }, scope: new Scope(values) };
}

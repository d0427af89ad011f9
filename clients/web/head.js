// The head of the page: the beat, the tempo, whether it can be trusted and why, the level.

import { beatLamps } from './beat_lamps.js';
import { make, write } from './dom.js';
import { buses } from './sound.js';
import { meter } from './widgets/meter.js';

/** The tempo in large digits. */
export function tempo(ui) {
  const digits = make('span', { class: 'digits' }, '–');
  const element = make('div', { class: 'bpm', role: 'img', 'aria-label': 'tempo' }, digits, make('span', { class: 'unit', 'aria-hidden': 'true' }, 'BPM'));
  ui.scope.show(element, ['/tempo/bpm'], (bpm) => {
    const text = typeof bpm === 'number' && bpm > 0 ? bpm.toFixed(1) : '–';
    if (digits.textContent === text) return;
    write(digits, text);
    element.setAttribute('aria-label', `tempo ${text} BPM`);
  });
  return element;
}

// Whether the beat can be trusted.
const TRUST = ['/tempo/lock', '/tempo/locked-why', '/tempo/source'];

/** Without a daemon, trust in the beat is unknown. */
export function forgetTrust(values) {
  for (const path of TRUST) values.forget(path);
}

/** Whether the beat can be trusted, and why not. Calls `tell(text)` on change. */
export function lock(ui, tell = () => {}) {
  const state = make('span', { class: 'state' });
  const why = make('span', { class: 'why' });
  const element = make('div', { class: 'lock' }, state, why);
  let before;
  ui.scope.show(element, TRUST, (locked, reason, source) => {
    element.dataset.locked = String(locked);
    write(state, locked === undefined ? 'unknown' : locked ? 'locked' : 'not locked');
    write(why, [reason, source && `from ${source}`].filter(Boolean).join(' · '));
    element.title = why.textContent;
    if (locked === undefined || locked === before) return;
    if (before !== undefined) tell(locked ? 'The beat is locked' : `The beat is not locked: ${reason ?? ''}`);
    before = locked;
  });
  return element;
}

/** Fills the head of the page. */
export function fillHead(element, ui, tell) {
  const [main] = buses(ui.tree);
  element.replaceChildren(
    make('div', { class: 'now' }, tempo(ui), beatLamps(ui)),
    make('div', { class: 'state-row' }, lock(ui, tell)),
    ...(main === undefined ? [] : [meter(main, ui)]),
  );
}

// The widget for a node, by the kind of its value and whether it is writable.

import { sectionOf } from '../arrange.js';
import { isTempo } from '../units.js';
import { choice } from './choice.js';
import { fader } from './fader.js';
import { field } from './field.js';
import { gauge } from './gauge.js';
import { hold } from './hold.js';
import { isNudge, nudge } from './nudge.js';
import { readout } from './readout.js';
import { toggle } from './switch.js';
import { text } from './text.js';
import { trigger } from './trigger.js';

// Darkens or stops everything, so it must not happen by mistake.
const PROTECTED = /^\/show\/(blackout|panic\/)/;

/** Builds it; `{ label, name }` are its text and its name for screen readers. */
export function widget(node, ui, names) {
  return kind(node)(node, ui, names);
}

function kind(node) {
  if (!node.writable) return measured(node) ? gauge : readout;
  switch (node.kind) {
    case 'trigger':
      return trigger;
    case 'switch':
      return PROTECTED.test(node.path) ? hold : toggle;
    case 'choice':
      return node.choices.length > 0 ? choice : text;
    case 'number':
      if (isNudge(node)) return nudge;
      return isTempo(node) || node.max === Infinity ? field : fader;
    default:
      return text;
  }
}

function measured(node) {
  return node.kind === 'number' && node.max < Infinity && sectionOf(node) === 'signals';
}

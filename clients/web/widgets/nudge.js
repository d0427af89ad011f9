// A write-only number around zero: small and larger nudges, either way.

import { make } from '../dom.js';
import { words } from '../units.js';
import { flash } from './trigger.js';

const STEPS = [-0.02, -0.005, 0.005, 0.02];

export const isNudge = (node) => node.writable && !node.readable && node.min === -node.max;

export function nudge(node, ui, { label = node.label, name = label } = {}) {
  const buttons = STEPS.map((step) => {
    const by = step * (node.max - node.min);
    const text = words(node, Math.abs(by));
    const [digits] = text.split('\u00a0');
    const sign = by < 0 ? '−' : '+';
    const button = make('button', { type: 'button', class: 'button', 'aria-label': `${name} ${by < 0 ? 'minus' : 'plus'} ${text}`, title: node.help }, sign + digits);
    button.addEventListener('click', () => {
      ui.sender.send(node.path, by);
      flash(button);
    });
    return button;
  });
  const caption = [label, words(node, 0).split('\u00a0')[1]].filter(Boolean).join(', ');
  return make('div', { class: 'choice nudge', role: 'group', 'aria-label': name, 'data-path': node.path }, make('span', { class: 'label', 'aria-hidden': 'true' }, caption), make('div', { class: 'words' }, ...buttons));
}

// A read-only value: a word or a number after its name, a lamp for a switch.

import { isTrouble } from '../arrange.js';
import { make, write } from '../dom.js';
import { words } from '../units.js';

export function readout(node, ui, { label = node.label } = {}) {
  const value = make('span', { class: 'value' });
  const kind = isTrouble(node) ? 'readout trouble' : 'readout';
  const element = make('div', { class: kind, title: node.help, 'data-path': node.path }, make('span', { class: 'label' }, label), value);
  ui.scope.draw(element, [node.path], () => {
    const told = ui.values.get(node.path);
    write(value, told === undefined ? '–' : told.map((one) => words(node, one)).join(' '));
    // Empty values take no space; faults are visible.
    element.classList.toggle('empty', told?.[0] === '');
    if (typeof told?.[0] === 'boolean') element.dataset.lamp = String(told[0]);
  });
  return element;
}

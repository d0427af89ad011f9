// A read-only number, or several: a bar each.

import { make, write } from '../dom.js';
import { words } from '../units.js';
import { part } from './fader.js';

export function gauge(node, ui, { label = node.label } = {}) {
  const bars = [...node.type].map(() => make('span', { class: 'bar' }));
  const value = make('span', { class: 'value' });
  const element = make(
    'div',
    { class: bars.length > 1 ? 'gauge several' : 'gauge', title: node.help, 'data-path': node.path },
    make('span', { class: 'label' }, label),
    make('span', { class: 'bars', 'aria-hidden': 'true' }, ...bars),
    value,
  );
  const axis = bars.length > 1 ? 'scaleY' : 'scaleX';
  ui.scope.draw(element, [node.path], () => {
    const told = ui.values.get(node.path) ?? [];
    bars.forEach((bar, i) => (bar.style.transform = `${axis}(${part(node, told[i])})`));
    if (bars.length === 1) write(value, words(node, told[0]));
  });
  return element;
}

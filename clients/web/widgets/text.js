// A text that can be set; Enter sends it.

import { make } from '../dom.js';

export function text(node, ui, { label = node.label, name = label } = {}) {
  const input = make('input', { type: 'text', autocomplete: 'off', 'aria-label': name, title: node.help });
  const show = () => (input.value = ui.values.one(node.path) ?? '');
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') ui.sender.send(node.path, input.value);
    if (event.key === 'Enter' || event.key === 'Escape') input.blur();
  });
  input.addEventListener('blur', show);
  const element = make('label', { class: 'text', 'data-path': node.path }, make('span', { class: 'label', 'aria-hidden': 'true' }, label), input);
  ui.scope.draw(element, [node.path], () => document.activeElement !== input && show());
  return element;
}

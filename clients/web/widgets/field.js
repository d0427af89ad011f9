// A number to type, or to change by one: for values where a slip of the finger would be too much.

import { make } from '../dom.js';
import { words } from '../units.js';

export function field(node, ui, { label = node.label, name = label } = {}) {
  const input = make('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off', 'aria-label': name, title: node.help, 'aria-description': node.help });
  const clamp = (number) => Math.min(node.max, Math.max(node.min, number));
  const told = () => ui.values.one(node.path);
  const show = () => {
    const [digits] = words(node, told()).split('\u00a0');
    if (input.value !== digits) input.value = digits;
  };
  const send = () => {
    const number = Number.parseFloat(input.value.replace(',', '.'));
    if (Number.isFinite(number)) ui.sender.send(node.path, clamp(number));
    else show();
  };
  input.addEventListener('focus', () => input.select());
  input.addEventListener('blur', show);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') {
      send();
      input.blur();
    } else if (event.key === 'Escape') {
      input.blur();
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      by(event.key === 'ArrowUp' ? 1 : -1);
    }
  });
  const by = (step) => typeof told() === 'number' && ui.sender.send(node.path, clamp(Math.round(told()) + step));
  const button = (text, step, help) => {
    const element = make('button', { type: 'button', class: 'button', 'aria-label': `${name} ${help}` }, text);
    element.addEventListener('click', () => by(step));
    return element;
  };
  const element = make(
    'div',
    { class: 'field', role: 'group', 'aria-label': name, title: node.help, 'data-path': node.path },
    make('span', { class: 'label', 'aria-hidden': 'true' }, label),
    button('−', -1, 'down'),
    input,
    button('+', 1, 'up'),
  );
  ui.scope.draw(element, [node.path], () => document.activeElement !== input && show());
  return element;
}

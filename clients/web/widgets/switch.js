// On or off. It shows the daemon's state, not the request.

import { make } from '../dom.js';

export function toggle(node, ui, { label = node.label, name = label } = {}) {
  const button = make(
    'button',
    { type: 'button', role: 'switch', class: 'button switch', 'aria-label': name, 'aria-checked': 'false', title: node.help, 'data-path': node.path },
    label,
  );
  button.addEventListener('click', () => ui.sender.send(ui.when.address(node), ui.values.one(node.path) !== true));
  ui.scope.show(button, [node.path], (on) => button.setAttribute('aria-checked', String(on === true)));
  return button;
}

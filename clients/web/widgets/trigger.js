// A button that acts when pressed. Its value, if readable, is a lamp.

import { make } from '../dom.js';

export function trigger(node, ui, { label = node.label, name = label } = {}) {
  const lamp = node.readable && node.type !== 'I';
  const button = make('button', { type: 'button', class: 'button', 'aria-label': name, title: node.help, 'data-path': node.path }, label);
  button.addEventListener('click', () => {
    ui.sender.send(ui.when.address(node));
    flash(button);
  });
  if (lamp) {
    ui.scope.show(button, [node.path], (lit) => button.setAttribute('aria-pressed', String(lit === true)));
  }
  return button;
}

/** Shows that a command was sent. */
export function flash(button) {
  button.classList.remove('sent');
  // Only a style computed without the class lets the animation restart.
  button.getAnimations().forEach((animation) => animation.cancel());
  requestAnimationFrame(() => button.classList.add('sent'));
}

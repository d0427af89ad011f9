// A button that does something when it is pressed. What is read of it is a lamp.

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

/** Shows that a command has left. */
export function flash(button) {
  button.classList.remove('sent');
  // Only a style that was computed without the class lets the animation begin anew.
  button.getAnimations().forEach((animation) => animation.cancel());
  requestAnimationFrame(() => button.classList.add('sent'));
}

// A switch safe from accidental touches: it takes a press of 0.4 s, by finger, mouse or key, which fills the button.
// Screen readers cannot hold: for them a second activation within three seconds counts.

import { make, write } from '../dom.js';

export const HOLD_MS = 400;
const AGAIN_MS = 3000;

/** A switch that is held to be switched over. */
export function hold(node, ui, { label = node.label, name = label, large = false } = {}) {
  const button = made({ label, name, help: node.help, path: node.path }, large ? 'switch hold large' : 'switch hold', 'switch');
  const hint = button.querySelector('.hint');
  const press = new Press(button, () => ui.sender.send(node.path, ui.values.one(node.path) !== true));
  ui.scope.add(() => press.cancel());
  ui.scope.show(button, [node.path], (on) => {
    button.setAttribute('aria-checked', String(on === true));
    write(hint, on === true ? 'hold to release' : 'hold');
  });
  return button;
}

/** A button that is held to do what cannot be undone by the same button. */
export function holdButton(names, fire) {
  const button = made(names, 'hold');
  new Press(button, fire);
  return button;
}

function made({ label, name = label, help, path }, kind, role) {
  return make(
    'button',
    {
      type: 'button',
      role,
      class: `button ${kind}`,
      'aria-label': name,
      'aria-checked': role && 'false',
      'aria-description': `${help}. Hold for half a second, or activate twice.`,
      title: `${help}. Hold for half a second.`,
      'data-path': path,
    },
    make('span', { class: 'fill', 'aria-hidden': 'true' }),
    make('span', {}, label),
    make('span', { class: 'hint', 'aria-hidden': 'true' }, 'hold'),
  );
}

class Press {
  constructor(button, fire) {
    this.button = button;
    this.fire = fire;
    this.timer = 0;
    this.again = -Infinity;
    this.handled = -Infinity;
    button.addEventListener('pointerdown', (event) => event.button === 0 && this.begin());
    for (const end of ['pointerup', 'pointercancel', 'pointerleave', 'blur']) button.addEventListener(end, () => this.cancel());
    button.addEventListener('contextmenu', (event) => event.preventDefault());
    button.addEventListener('keydown', (event) => {
      if (event.key !== ' ' && event.key !== 'Enter') return;
      event.preventDefault();
      if (!event.repeat) this.begin();
    });
    button.addEventListener('keyup', () => this.cancel());
    button.addEventListener('click', (event) => this.click(event));
  }

  begin() {
    this.cancel();
    this.handled = performance.now();
    this.button.classList.add('holding');
    this.timer = setTimeout(() => {
      this.cancel();
      navigator.vibrate?.(30);
      this.fire();
    }, HOLD_MS);
  }

  cancel() {
    if (this.timer) this.handled = performance.now();
    clearTimeout(this.timer);
    this.timer = 0;
    this.button.classList.remove('holding');
  }

  // Only for activations without finger, mouse or key.
  click(event) {
    if (event.detail !== 0 || performance.now() - this.handled < 1000) return;
    if (event.timeStamp - this.again < AGAIN_MS) {
      this.again = -Infinity;
      this.fire();
    } else {
      this.again = event.timeStamp;
    }
  }
}

// A sliding number. It moves with the finger from where it stands, so that a touch alone changes nothing, and follows
// the daemon only while no one holds it; meanwhile the daemon's value is a thin mark.

import { make, write } from '../dom.js';
import { nextFrame } from '../frame.js';
import { words } from '../units.js';

// Time for the daemon's echo of the last move.
const SETTLE_MS = 300;
// A touch that moves less is ignored: it may be the start of scrolling.
const SLACK_PX = 6;
const FINE = 0.01;
const COARSE = 0.1;

export function fader(node, ui, { label = node.label, name = label } = {}) {
  const fill = make('span', { class: 'fill' });
  const mark = make('span', { class: 'mark' });
  const value = make('span', { class: 'value' });
  const element = make(
    'div',
    { class: 'fader', role: 'slider', tabindex: '0', 'aria-label': name, 'aria-valuemin': String(node.min), 'aria-valuemax': String(node.max), 'aria-valuenow': String(node.min), 'aria-valuetext': 'unknown', 'aria-description': node.help, title: node.help, 'data-path': node.path },
    fill,
    mark,
    make('span', { class: 'label' }, label),
    value,
  );

  const hand = { value: undefined, until: 0, holding: false };
  const told = () => (typeof ui.values.one(node.path) === 'number' ? ui.values.one(node.path) : undefined);
  const inHand = () => hand.holding || performance.now() < hand.until;
  const shown = () => (inHand() ? hand.value : told());
  const draw = () => {
    const now = shown();
    fill.style.transform = `scaleX(${part(node, now)})`;
    mark.style.transform = `translateX(${part(node, told()) * 100}%)`;
    const text = words(node, now);
    if (value.textContent === text) return;
    write(value, text);
    element.setAttribute('aria-valuenow', String(now ?? node.min));
    element.setAttribute('aria-valuetext', text);
  };
  const settle = () => {
    hand.until = performance.now() + SETTLE_MS;
    nextFrame(draw);
    clearTimeout(hand.timer);
    hand.timer = setTimeout(() => nextFrame(draw), SETTLE_MS + 10);
  };
  const set = (to) => {
    hand.value = Math.min(node.max, Math.max(node.min, to));
    ui.sender.stream(node.path, hand.value);
    settle();
  };
  const span = node.max - node.min;

  slide(element, {
    begin: () => shown() ?? node.min,
    move: (from, by) => {
      hand.holding = true;
      element.classList.add('held');
      set(from + by * span);
    },
    end: () => {
      if (!hand.holding) return;
      hand.holding = false;
      element.classList.remove('held');
      settle();
    },
  });
  element.addEventListener('keydown', (event) => {
    const to = step(event, shown() ?? node.min, node);
    if (to === undefined) return;
    event.preventDefault();
    set(to);
  });
  ui.scope.add(() => clearTimeout(hand.timer));
  ui.scope.draw(element, [node.path], draw);
  return element;
}

// Follows one pointer: `begin()` returns the start, `move(from, by)` gets the moved share of the width.
function slide(element, { begin, move, end }) {
  let drag = null;
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || drag) return;
    drag = { id: event.pointerId, x: event.clientX, from: begin(), width: element.clientWidth, slack: event.pointerType === 'mouse' ? 2 : SLACK_PX };
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    if (event.pointerId !== drag?.id) return;
    const by = event.clientX - drag.x;
    if (drag.slack > 0) {
      if (Math.abs(by) < drag.slack) return;
      // Moves from here, without a jump by the ignored distance.
      drag.x = event.clientX;
      drag.slack = 0;
      return;
    }
    move(drag.from, by / drag.width);
  });
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    element.addEventListener(name, (event) => {
      if (event.pointerId !== drag?.id) return;
      drag = null;
      end();
    });
  }
}

function step(event, now, { min, max }) {
  const by = (max - min) * (event.shiftKey ? COARSE : FINE);
  switch (event.key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return now + by;
    case 'ArrowLeft':
    case 'ArrowDown':
      return now - by;
    case 'PageUp':
      return now + (max - min) * COARSE;
    case 'PageDown':
      return now - (max - min) * COARSE;
    case 'Home':
      return min;
    case 'End':
      return max;
    default:
      return undefined;
  }
}

/** The position of a value between minimum and maximum, 0 to 1. */
export function part({ min, max }, value) {
  if (!Number.isFinite(value) || max === min) return 0;
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

// A part of the page that can be folded. What is folded is not there at all, and so costs the daemon nothing.

import { card } from './card.js';
import { make, write } from './dom.js';
import { layouts } from './layouts.js';
import { Scope } from './scope.js';
import { soundMeters } from './sound.js';
import { watchTrouble } from './trouble.js';

// What sections have besides what the tree says.
const HEADS = {
  layers: (ui) => [ui.when.element()],
  cues: (ui) => [ui.when.element(), ui.editing.head('cues', ui)],
  rules: (ui) => [ui.editing.head('rules', ui)],
  music: (ui) => [soundMeters(ui)],
  controls: (ui) => [...ui.learn.head(ui), layouts(ui)],
};

export class Section {
  constructor(ui, plan) {
    this.ui = ui;
    this.name = plan.name;
    this.badge = make('span', { class: 'badge' });
    this.body = make('div', { class: 'cards' });
    this.details = make('details', {}, make('summary', {}, make('h2', {}, plan.title), this.badge), this.body);
    this.element = make('section', { id: `section-${plan.name}`, class: 'section', 'aria-label': plan.title, tabindex: '-1' }, this.details);
    this.scope = new Scope(ui.values);
    this.always = new Scope(ui.values);
    this.details.open = folded(this.name) ?? !plan.folded;
    this.details.addEventListener('toggle', () => this.toggled());
    this.update(plan);
  }

  /** Takes a new plan; nothing is built anew where nothing but values has changed. */
  update(plan) {
    const shape = JSON.stringify(plan.cards.map(({ path, nodes }) => [path, nodes.map((node) => node.shape)]));
    if (shape === this.shape) return;
    this.shape = shape;
    this.plan = plan;
    this.always.close();
    this.watchTrouble();
    this.build();
  }

  remove() {
    this.scope.close();
    this.always.close();
    this.element.remove();
  }

  toggled() {
    remember(this.name, this.details.open);
    this.build();
  }

  build() {
    const focused = this.body.contains(document.activeElement) ? document.activeElement.closest('[data-path]')?.dataset.path : undefined;
    this.scope.close();
    this.body.replaceChildren();
    if (!this.details.open) return;
    const ui = { ...this.ui, scope: this.scope };
    this.body.append(...(HEADS[this.name]?.(ui) ?? []), ...this.plan.cards.map((one) => card(one, ui)));
    if (focused) this.body.querySelector(`[data-path="${CSS.escape(focused)}"]`)?.focus();
  }

  // Said on the fold even while it is folded.
  watchTrouble() {
    const nodes = this.plan.cards.flatMap(({ nodes }) => nodes);
    watchTrouble(nodes, this.ui.values, this.always, (count) => {
      write(this.badge, count === 0 ? '' : `${count} in trouble`);
      this.element.classList.toggle('in-trouble', count > 0);
    });
  }
}

const key = (name) => `downbeat.open.${name}`;

// Kept in the browser, where it lets us.
function folded(name) {
  try {
    const kept = localStorage.getItem(key(name));
    return kept === null ? undefined : kept === 'true';
  } catch {
    return undefined;
  }
}

function remember(name, open) {
  try {
    localStorage.setItem(key(name), String(open));
  } catch {
    // A browser that keeps nothing forgets how the page was folded, and no more.
  }
}

// A foldable part of the page. Folded ones do not exist at all, so they cost the daemon nothing.

import { card } from './card.js';
import { make, write } from './dom.js';
import { layouts } from './layouts.js';
import { Scope } from './scope.js';
import { soundMeters } from './sound.js';
import { watchTrouble } from './trouble.js';

// Extras of sections beyond the tree.
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

  /** Sets a plan; rebuilds nothing if only values have changed. */
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

  // Shown on the fold even while folded.
  watchTrouble() {
    const nodes = this.plan.cards.flatMap(({ nodes }) => nodes);
    watchTrouble(nodes, this.ui.values, this.always, (count) => {
      write(this.badge, count === 0 ? '' : `${count} in trouble`);
      this.element.classList.toggle('in-trouble', count > 0);
    });
  }
}

const key = (name) => `downbeat.open.${name}`;

// Stored in the browser, if it allows.
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
    // A browser without storage only forgets the folding.
  }
}

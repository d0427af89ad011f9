// Editing of cues and rules: a mode of the page, so that nobody edits what he means to fire.

import { make } from './dom.js';
import { Editor } from './editor/editor.js';

export const KINDS = { cues: 'cue', rules: 'rule' };

export class Editing {
  /** `redraw()` makes the sections anew when the mode changes. */
  constructor(refusal, redraw) {
    this.refusal = refusal;
    this.redraw = redraw;
    this.on = false;
  }

  /** What a section of cues or rules has at its head. */
  head(section, ui) {
    const kind = KINDS[section];
    const mode = make('button', { type: 'button', class: 'button', 'aria-pressed': String(this.on), title: `Add, change and remove ${section}` }, 'edit');
    mode.addEventListener('click', () => {
      this.on = !this.on;
      this.redraw();
      // The button was made anew; the keyboard stays with it.
      document.querySelector(`#section-${section} .editing > button`)?.focus();
    });
    const element = make('div', { class: 'editing', role: 'group', 'aria-label': `Edit ${section}` }, mode);
    if (!this.on) return element;
    const create = make('button', { type: 'button', class: 'button' }, `new ${kind}`);
    create.addEventListener('click', () => this.open(ui, kind));
    element.append(create, make('a', { class: 'button', href: '/show.toml', download: 'show.toml', title: 'All current cues and rules, as a configuration file' }, 'save as a file'), ...this.removed(kind, ui));
    return element;
  }

  /** The button that opens the editor of a card's cue or rule; none where there is nothing to edit, or nobody edits. */
  button(path, ui) {
    const definition = `${path}/definition`;
    if (!this.on || !ui.tree.has(definition)) return null;
    const [, kind, name] = path.split('/');
    const button = make('button', { type: 'button', class: 'button edit', 'aria-label': `edit ${kind} ${name}`, 'data-path': definition }, 'edit');
    button.addEventListener('click', () => this.open(ui, kind, name));
    return button;
  }

  // What the configuration has and somebody removed.
  removed(kind, ui) {
    const gone = ui.tree.match(`/${kind}/*/revert`).filter(({ parent }) => !ui.tree.has(`${parent}/fire`));
    return gone.map(({ path, parts, help }) => {
      const button = make('button', { type: 'button', class: 'button', title: help, 'data-path': path }, `bring back ${parts[2]}`);
      button.addEventListener('click', () => ui.sender.send(path, true));
      return button;
    });
  }

  open(ui, kind, name) {
    new Editor(ui, this.refusal, kind, name).open();
  }
}

// When changes of pictures and cues take effect: at once, or with the next beat, bar or phrase.

import { make } from './dom.js';

const CHOICES = ['now', 'beat', 'bar', 'phrase'];
const ROOTS = new Set(['layer', 'cue']);

export class When {
  constructor() {
    this.at = 'now';
    this.buttons = new Set();
  }

  /** The address for a node's command. */
  address(node) {
    return this.at !== 'now' && ROOTS.has(node.parts[1]) && node.kind !== 'number' ? `/next/${this.at}${node.path}` : node.path;
  }

  /** Buttons to choose; all instances show the same choice. */
  element() {
    const buttons = CHOICES.map((at) => {
      const button = make('button', { type: 'button', 'data-at': at, 'aria-pressed': String(at === this.at) }, at);
      button.addEventListener('click', () => this.choose(at));
      this.buttons.add(button);
      return button;
    });
    const help = 'When scenes, blends and cues change';
    return make('div', { class: 'when', role: 'group', 'aria-label': help, title: help }, make('span', {}, 'change'), ...buttons);
  }

  choose(at) {
    this.at = at;
    for (const button of this.buttons) {
      if (!button.isConnected) this.buttons.delete(button);
      button.setAttribute('aria-pressed', String(button.dataset.at === at));
    }
  }
}

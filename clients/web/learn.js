// Learning: what is touched on the page is what the next fader or button that is moved on a MIDI surface sets.

import { make, write } from './dom.js';

const LEARN = '/control/learn';
const LEARNT = '/control/*/learnt/*';
const KINDS = new Set(['trigger', 'switch', 'number', 'choice']);
const ROOTS = '#main, #dock';

export class Learn {
  /** `redraw()` makes the list of what was learnt anew, `tell(text)` says something to a screen reader. */
  constructor(redraw, tell) {
    this.redraw = redraw;
    this.tell = tell;
    this.state = 'off';
    this.ends = [];
    this.shown = '';
    this.text = make('p', {});
    const stop = make('button', { type: 'button', class: 'button' }, 'stop');
    stop.addEventListener('click', () => this.stop());
    this.bar = make('div', { class: 'learning', role: 'group', 'aria-label': 'learn', hidden: 'hidden' }, this.text, stop);
    document.body.append(this.bar);
  }

  /** The button that begins, and what was learnt; nothing where there is no MIDI surface and nothing was learnt. */
  head(ui) {
    const hasSurface = ui.tree.match('/control/*/kind').some((node) => ui.values.one(node.path) === 'midi');
    const rows = ui.tree.match(LEARNT).map((node) => this.row(node, ui));
    const begin = make('button', { type: 'button', class: 'button', 'aria-pressed': String(this.state !== 'off'), title: ui.tree.get(LEARN)?.help, 'data-path': LEARN }, 'learn');
    begin.addEventListener('click', () => (this.state === 'off' ? this.start(ui) : this.stop()));
    const list = rows.length === 0 ? [] : [make('ul', { class: 'learnt', 'aria-label': 'learnt' }, ...rows)];
    return [...(hasSurface ? [begin] : []), ...list];
  }

  /** The tree is another one: elements that have learnt something are parts of it. */
  update(ui) {
    this.ui = ui;
    const now = ui.tree.match(LEARNT).map(({ path }) => path).join() + ui.tree.match('/control/*/kind').map(({ path }) => `${path}${ui.values.one(path)}`).join();
    if (now === this.shown) return;
    this.shown = now;
    if (this.state !== 'off') this.watch();
    this.redraw();
    this.look();
  }

  row(node, ui) {
    const [, , control, , element] = node.parts;
    const what = make('span', { class: 'value' });
    const forget = make('button', { type: 'button', class: 'button', 'aria-label': `forget ${control} ${element}`, title: node.help, 'data-path': node.path }, 'forget');
    forget.addEventListener('click', () => ui.sender.send(node.path, ''));
    const row = make('li', {}, make('span', {}, make('b', {}, `${control} ${element}`), ' sets ', what), forget);
    ui.scope.show(row, [node.path], (address) => write(what, address ?? '–'));
    return row;
  }

  start(ui) {
    this.ui = ui;
    this.choose('Touch the control that a fader or button should set.');
    for (const kind of ['pointerdown', 'click', 'keydown']) {
      const take = (event) => this.take(event);
      document.addEventListener(kind, take, true);
      this.ends.push(() => document.removeEventListener(kind, take, true));
    }
    this.watch();
    this.redraw();
  }

  stop() {
    if (this.state === 'waiting') this.ui.sender.send(LEARN, '');
    this.set('off');
    for (const end of this.ends.splice(0)) end();
    this.redraw();
    this.tell('Learning has ended');
  }

  // What is heard of from now on, also of elements that are new.
  watch() {
    const { values, tree } = this.ui;
    for (const path of [LEARN, ...tree.match(LEARNT).map((node) => node.path)]) {
      values.want(path);
      const quiet = values.subscribe(path, () => this.look());
      this.ends.push(() => {
        quiet();
        values.unwant(path);
      });
    }
  }

  // Nothing on the page does what it does otherwise.
  take(event) {
    if (event.type === 'keydown' && event.key === 'Escape') return this.stop();
    const element = event.target.closest?.('[data-path]');
    if (!element?.closest(ROOTS) || element.dataset.path.startsWith('/control/')) return;
    if (event.type === 'keydown' && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.type === 'pointerdown') return;
    const { tree, when } = this.ui;
    const word = event.target.closest('[data-word]')?.dataset.word;
    const node = tree.get(`${element.dataset.path}/${word}`) ?? tree.get(element.dataset.path);
    if (!node?.writable || !KINDS.has(node.kind)) return;
    this.wait(when.address(node), element);
  }

  wait(address, element) {
    this.address = address;
    this.wasAsked = false;
    this.before = this.known();
    this.set('waiting', `Move a fader or press a button for ${address}.`);
    element.classList.add('learns');
    this.element = element;
    this.ui.sender.send(LEARN, address);
  }

  choose(text) {
    this.set('choosing', text);
  }

  // Whether what is waited for has happened: the daemon waits no more, and some element sets the address.
  look() {
    if (this.state !== 'waiting') return;
    const asked = this.ui.values.one(LEARN);
    if (asked === this.address) this.wasAsked = true;
    const known = this.known();
    const fresh = known.filter((text) => !this.before.includes(text));
    // One that had learnt it before tells nothing new.
    const found = fresh.length > 0 || !this.wasAsked ? fresh : known;
    if (asked === '' && found.length > 0) this.choose(`${found.join(', ')} sets ${this.address}. Touch the next, or stop.`);
  }

  // The elements that set the address.
  known() {
    const { tree, values } = this.ui;
    return tree.match(LEARNT).filter(({ path }) => values.one(path) === this.address).map(({ parts }) => `${parts[2]} ${parts[4]}`);
  }

  set(state, text = '') {
    this.state = state;
    this.element?.classList.remove('learns');
    if (state === 'off') delete document.documentElement.dataset.learn;
    else document.documentElement.dataset.learn = state;
    this.bar.hidden = state === 'off';
    write(this.text, text);
    if (text) this.tell(text);
  }
}

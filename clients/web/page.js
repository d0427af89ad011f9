// The page: built from the daemon's tree, and rebuilt when the tree changes.

import { arrange } from './arrange.js';
import { Daemon } from './daemon.js';
import { fillDock } from './dock.js';
import { make, write } from './dom.js';
import { Editing, KINDS } from './editing.js';
import { fillHead, forgetTrust } from './head.js';
import { tapByKey } from './keys.js';
import { Learn } from './learn.js';
import { Presence } from './presence.js';
import { Refusal } from './refusal.js';
import { Scope } from './scope.js';
import { Section } from './section.js';
import { register } from './shell.js';
import { When } from './when.js';

const at = (id) => document.getElementById(id);
const [head, contents, main, dock] = [at('head'), at('contents'), at('main'), at('dock')];
const columns = [...main.querySelectorAll('.column')];

const presence = new Presence(at('told'), at('notice'), [head, main, dock]);
const refusal = new Refusal(at('refusal'));
const when = new When();
const editing = new Editing(refusal, () => Object.keys(KINDS).forEach((name) => sections.get(name)?.build()));
const learn = new Learn(() => sections.get('controls')?.build(), (text) => presence.tell(text));
const sections = new Map();
let fixed = null;

const daemon = new Daemon({
  tree: show,
  live: () => presence.live(),
  lost: () => {
    presence.lost();
    forgetTrust(daemon.values);
  },
  refused: (text) => refusal.show(text),
});

function show(tree) {
  const ui = { tree, values: daemon.values, sender: daemon.sender, when, editing, learn };
  showFixed(ui);
  const plans = arrange(tree, Object.keys(KINDS));
  const names = new Set(plans.map(({ name }) => name));
  for (const [name, section] of sections) {
    if (names.has(name)) continue;
    section.remove();
    sections.delete(name);
  }
  for (const plan of plans) {
    const section = sections.get(plan.name);
    if (section) {
      section.ui = ui;
      section.update(plan);
    } else {
      sections.set(plan.name, new Section(ui, plan));
    }
  }
  for (const [i, column] of columns.entries()) {
    const elements = plans.filter((plan) => plan.column === i).map(({ name }) => sections.get(name).element);
    if (elements.some((element, j) => column.children[j] !== element)) column.append(...elements);
  }
  learn.update(ui);
  contents.replaceChildren(...plans.map(({ name, title }) => make('a', { href: `#section-${name}` }, title)));
  const name = daemon.values.one('/daemon/show');
  document.title = name ? `${name} · Downbeat` : 'Downbeat';
  write(at('show-name'), name ?? 'Downbeat');
}

// Head and dock stay as they are unless their nodes have come or gone.
function showFixed(ui) {
  const shape = ['/bar/beat', '/show/blackout', '/tempo/tap'].map((path) => ui.tree.get(path)?.shape).join() + ui.tree.match('/signal/*/peak').length;
  if (fixed?.shape === shape) return;
  fixed?.scope.close();
  fixed = { shape, scope: new Scope(daemon.values) };
  fillHead(head, { ...ui, scope: fixed.scope }, (text) => presence.tell(text));
  fillDock(dock, { ...ui, scope: fixed.scope });
}

// A link to a folded section unfolds it.
contents.addEventListener('click', (event) => {
  const section = document.querySelector(event.target.getAttribute('href') ?? ':not(*)');
  if (section) section.querySelector('details').open = true;
});

tapByKey(daemon.sender);
register();
daemon.start();

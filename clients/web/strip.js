// The strip: the essentials, 200 pixels high, to keep in front of another program.

import { beatLamps } from './beat_lamps.js';
import { Daemon } from './daemon.js';
import { blackoutButton, tapButton } from './dock.js';
import { make, write } from './dom.js';
import { forgetTrust, lock, tempo } from './head.js';
import { tapByKey } from './keys.js';
import { Presence } from './presence.js';
import { Refusal } from './refusal.js';
import { Scope } from './scope.js';
import { register } from './shell.js';
import { buses } from './sound.js';
import { When } from './when.js';
import { meter } from './widgets/meter.js';
import { trigger } from './widgets/trigger.js';

const at = (id) => document.getElementById(id);
const strip = at('strip');
const presence = new Presence(at('told'), at('notice'), [strip]);
const refusal = new Refusal(at('refusal'));
const when = new When();
let shown = null;

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
  const shape = ['/layer/*/scene', '/cue/*/fire', '/signal/*/peak', '/bar/beat', '/show/blackout']
    .flatMap((pattern) => tree.match(pattern))
    .map((node) => node.shape)
    .join();
  if (shown?.shape === shape) return;
  shown?.scope.close();
  shown = { shape, scope: new Scope(daemon.values) };
  const ui = { tree, values: daemon.values, sender: daemon.sender, when, scope: shown.scope };
  const [main] = buses(tree);
  const blackout = blackoutButton(ui);
  strip.replaceChildren(
    make('div', { class: 'where' }, make('div', { class: 'now' }, tempo(ui), beatLamps(ui)), lock(ui, (text) => presence.tell(text)), ...(main === undefined ? [] : [meter(main, ui)])),
    tapButton(ui),
    make('div', { class: 'show' }, scenes(ui), cues(ui)),
    ...(blackout ? [blackout] : []),
  );
}

function scenes(ui) {
  const all = ui.tree.match('/layer/*/scene').map((node) => {
    const now = make('b', {});
    const element = make('span', { class: 'scene', title: node.help }, `${node.parts[2]} `, now);
    ui.scope.show(element, [node.path], (scene) => write(now, scene ?? '–'));
    return element;
  });
  return make('div', { class: 'scenes' }, ...all);
}

// The cue after the last fired one is marked, and scrolled into view.
function cues(ui) {
  const nodes = ui.tree.match('/cue/*/fire');
  const buttons = nodes.map((node) => trigger(node, ui, { label: node.parts[2], name: `cue ${node.parts[2]}` }));
  const next = (i) => {
    buttons.forEach((button, j) => button.classList.toggle('next', j === (i + 1) % buttons.length));
    buttons[(i + 1) % buttons.length].scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  nodes.forEach((node, i) => {
    ui.scope.add(ui.values.subscribe(node.path, ([lit]) => lit === true && next(i)));
    buttons[i].addEventListener('click', () => next(i));
  });
  return make('div', { class: 'cue-row', role: 'group', 'aria-label': 'cues' }, ...buttons);
}

tapByKey(daemon.sender);
register();
daemon.start();

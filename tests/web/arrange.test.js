import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange } from '../../clients/web/arrange.js';
import { Tree } from '../../clients/web/tree.js';

const method = (path, more = {}) => ({ FULL_PATH: path, TYPE: 'f', ACCESS: 3, KIND: 'number', LABEL: path.split('/').at(-1), TAGS: ['show'], ...more });
const tree = (...children) => new Tree({ FULL_PATH: '/', CONTENTS: Object.fromEntries(children.map((child, i) => [String(i), child])) });
const shown = (sections) => sections.flatMap(({ cards }) => cards.flatMap(({ nodes }) => nodes.map(({ path }) => path)));

test('a group that nobody knows gets a section of its own', () => {
  const sections = arrange(tree(method('/laser/safety/armed', { KIND: 'switch', TYPE: 'T', TAGS: ['Laser and smoke'] })));
  assert.deepEqual(
    sections.map(({ name, title, cards }) => [name, title, cards.map((card) => card.title)]),
    [['laser-and-smoke', 'Laser and smoke', ['safety']]],
  );
});

test('everything that can be set is shown, except what is always at hand', () => {
  const paths = ['/show/freeze', '/layer/back/opacity', '/new', '/deep/er/than/others', '/tempo/bpm'];
  assert.deepEqual(shown(arrange(tree(...paths.map((path) => method(path)), method('/tempo/tap')))).sort(), [...paths].sort());
});

test('the buttons of a choice are not shown twice', () => {
  const scene = method('/layer/back/scene', {
    KIND: 'choice',
    TYPE: 's',
    TAGS: ['layers'],
    RANGE: [{ VALS: ['echo'] }],
    CONTENTS: { echo: method('/layer/back/scene/echo', { KIND: 'trigger', TYPE: 'T', TAGS: ['layers'] }) },
  });
  assert.deepEqual(shown(arrange(tree(scene))), ['/layer/back/scene']);
});

test('a parameter stands with its own parts', () => {
  const hue = method('/param/hue', { TAGS: ['parameters'], CONTENTS: { auto: method('/param/hue/auto', { KIND: 'trigger', TAGS: ['parameters'] }) } });
  const [{ cards }] = arrange(tree(hue));
  assert.deepEqual(cards.map(({ path, nodes }) => [path, nodes.length]), [['/param/hue', 2]]);
});

test('a server that says no kind is understood by its types', () => {
  const kinds = tree(
    { FULL_PATH: '/a', TYPE: 'I', ACCESS: 2 },
    { FULL_PATH: '/b', TYPE: 'T', ACCESS: 3 },
    { FULL_PATH: '/c', TYPE: 's', ACCESS: 3, RANGE: [{ VALS: ['x'] }] },
    { FULL_PATH: '/d', TYPE: 's', ACCESS: 3 },
    { FULL_PATH: '/e', TYPE: 'ff', ACCESS: 1 },
  );
  assert.deepEqual(kinds.all().map(({ kind }) => kind), ['trigger', 'switch', 'choice', 'text', 'number']);
});

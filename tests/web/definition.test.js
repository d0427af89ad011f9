import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tree } from '../../clients/web/tree.js';
import { outputs, settable, signals } from '../../clients/web/editor/addresses.js';
import { isSame, plain, put, typed, wordOf } from '../../clients/web/editor/definition.js';
import { look, withLook } from '../../clients/web/editor/look.js';

const method = (path, more = {}) => ({ FULL_PATH: path, TYPE: 'f', ACCESS: 3, KIND: 'number', TAGS: ['Layers'], ...more });
const tree = (...nodes) => new Tree({ FULL_PATH: '/', CONTENTS: Object.fromEntries(nodes.map((node, i) => [String(i), node])) });

test('a key that a form does not know survives an edit', () => {
  const step = { output: 'resolume', address: '/composition/columns/1/connect', value: 1, later: [1] };
  put(step, 'weight', 2, 1);
  put(step, 'value', 0.5);
  assert.deepEqual(step, { output: 'resolume', address: '/composition/columns/1/connect', value: 0.5, later: [1], weight: 2 });
  put(step, 'weight', 1, 1);
  assert.ok(!('weight' in step), 'what is usual is left out, as the daemon leaves it out');
});

test('definitions are compared by what they say', () => {
  assert.ok(isSame({ set: [{ address: '/a' }], fade: { beats: 8 } }, { fade: { beats: 8 }, set: [{ address: '/a' }] }));
  assert.ok(!isSame({ set: [] }, { set: [], when: 'bar' }));
  assert.ok(!isSame({ value: undefined }, { other: undefined }));
  assert.ok(!isSame([1], { 0: 1, length: 1 }));
  assert.ok(!isSame(null, {}));
});

test('what is typed is a number, on or off, or a text, and nothing is nothing', () => {
  assert.deepEqual(['1', '0,5', ' true ', 'false', 'echo', '1e', '', '  '].map(typed), [1, 0.5, true, false, 'echo', '1e', undefined, undefined]);
});

test('a word stands for itself, and a table for its key', () => {
  assert.deepEqual([wordOf('bar', 'key'), wordOf({ above: {} }, 'key'), wordOf(undefined, 'key')], ['bar', 'above', 'key']);
});

test('a number has the digits that a fader has, not those of its bits', () => {
  assert.equal(plain(Math.fround(0.35)), 0.35);
  assert.equal(plain('echo'), 'echo');
});

const show = () =>
  tree(
    method('/layer/back/scene', { KIND: 'choice', TYPE: 's', VALUE: ['echo'], RANGE: [{ VALS: ['echo'] }] }),
    method('/layer/back/scene/echo', { KIND: 'trigger', TYPE: 'T', VALUE: [true] }),
    method('/layer/back/opacity', { VALUE: [Math.fround(0.35)] }),
    method('/param/glow', { TAGS: ['Parameters'], VALUE: [0.5] }),
    method('/param/glow/auto', { TAGS: ['Parameters'], KIND: 'trigger', TYPE: 'T', VALUE: [false] }),
    method('/param/hue', { TAGS: ['Parameters'], VALUE: [0.1] }),
    method('/param/hue/auto', { TAGS: ['Parameters'], KIND: 'trigger', TYPE: 'T', VALUE: [true] }),
    method('/show/undo', { TAGS: ['Show'], KIND: 'trigger', TYPE: 'I', ACCESS: 2 }),
    method('/show/freeze', { TAGS: ['Show'], KIND: 'switch', TYPE: 'T', VALUE: [false] }),
    method('/cue/dim/remove', { TAGS: ['Editing'], KIND: 'trigger', TYPE: 'I', ACCESS: 2 }),
    method('/signal/main/onset/low', { TAGS: ['Music'], ACCESS: 1 }),
    method('/signal/main/mel', { TAGS: ['Music'], TYPE: 'fff', ACCESS: 1 }),
    method('/tempo/confidence', { TAGS: ['Tempo'], ACCESS: 1 }),
    method('/output/desk/kind', { TAGS: ['Rig'], KIND: 'text', TYPE: 's', ACCESS: 1 }),
  );

test('a look is the layers as they are, and the parameters that somebody has in hand', () => {
  assert.deepEqual(look(show()), [
    { address: '/layer/back/scene', value: 'echo' },
    { address: '/layer/back/opacity', value: 0.35 },
    { address: '/param/glow', value: 0.5 },
  ]);
});

test('a look takes the places of what was set, and leaves the rest', () => {
  const before = [{ address: '/show/freeze', value: true }, { address: '/param/glow', value: 0, note: 'kept' }];
  assert.deepEqual(withLook(before, [{ address: '/layer/back/opacity', value: 1 }, { address: '/param/glow', value: 0.5 }]), [
    { address: '/show/freeze', value: true },
    { address: '/param/glow', value: 0.5, note: 'kept' },
    { address: '/layer/back/opacity', value: 1 },
  ]);
});

test('what is offered can be set, or be heard', () => {
  const offered = settable(show());
  assert.ok(offered.includes('/layer/back/opacity') && offered.includes('/show/freeze'));
  assert.ok(!offered.some((path) => ['/show/undo', '/cue/dim/remove', '/tempo/confidence'].includes(path)), String(offered));
  assert.deepEqual(signals(show()), ['main.onset.low', 'tempo.confidence']);
  assert.deepEqual(outputs(show()), ['desk']);
});

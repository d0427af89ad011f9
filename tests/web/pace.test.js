// Anything that depends on time, in virtual time.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Backoff } from '../../clients/web/backoff.js';
import { Beat } from '../../clients/web/beat.js';
import { Sender } from '../../clients/web/sender.js';
import { Values } from '../../clients/web/values.js';

/** Timers that fire when the test says so. */
class Timers {
  constructor() {
    this.now = 0;
    this.waiting = [];
    globalThis.setTimeout = (call, after) => this.waiting.push({ call, at: this.now + after });
  }

  tick(by) {
    this.now += by;
    const due = this.waiting.filter(({ at }) => at <= this.now);
    this.waiting = this.waiting.filter(({ at }) => at > this.now);
    for (const { call } of due) call();
  }
}

const { setTimeout } = globalThis;
afterEach(() => {
  globalThis.setTimeout = setTimeout;
});

test('a moved fader sends at most sixty times a second, and its last value', () => {
  const timers = new Timers();
  let now = 0;
  const sent = [];
  const sender = new Sender((address, [value]) => sent.push([address, value]), () => now);
  for (let moved = 0; moved < 1000; moved += 1) {
    sender.stream('/a', moved);
    now += 1;
    timers.tick(1);
  }
  now += 20;
  timers.tick(20);
  assert.ok(sent.length > 50 && sent.length <= 61, `${sent.length} messages`);
  assert.deepEqual(sent.at(-1), ['/a', 999]);
});

test('attempts are a quarter of a second apart at first and two seconds at most', () => {
  const backoff = new Backoff();
  assert.deepEqual(Array.from({ length: 5 }, () => backoff.next()), [250, 500, 1000, 2000, 2000]);
  backoff.reset();
  assert.equal(backoff.next(), 250);
});

test('the beat goes on at the tempo between two words of the daemon, and not for ever', () => {
  const beat = new Beat();
  beat.bpm = 120;
  beat.tell(0.25, 1000);
  assert.deepEqual(beat.at(1000, 4), { beat: 1, phase: 0 });
  assert.deepEqual(beat.at(1250, 4), { beat: 1, phase: 0.5 });
  assert.deepEqual(beat.at(2500, 4), { beat: 0, phase: 0 });
  assert.equal(beat.at(4000, 4), undefined);
});

test('only what is seen is asked for, and everything again after a loss', () => {
  const timers = new Timers();
  const asked = [];
  const values = new Values((name, path) => asked.push(`${name} ${path}`));
  const tree = { all: () => [], has: (path) => path !== '/gone', get: (path) => (path === '/gone' ? undefined : { readable: true }) };
  values.want('/a');
  values.want('/a');
  values.want('/gone');
  values.connected();
  values.know(tree);
  assert.deepEqual(asked.splice(0), ['LISTEN /a']);
  values.unwant('/a');
  timers.tick(1000);
  assert.deepEqual(asked.splice(0), []);
  values.unwant('/a');
  values.want('/a');
  timers.tick(1000);
  assert.deepEqual(asked.splice(0), [], 'scrolled past and back');
  values.pause(true);
  assert.deepEqual(asked.splice(0), ['IGNORE /a']);
  values.pause(false);
  values.connected();
  values.know(tree);
  assert.deepEqual(asked.splice(0), ['LISTEN /a', 'LISTEN /a']);
});

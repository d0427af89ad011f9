import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from '../../clients/web/osc.js';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytes = (text) => new Uint8Array(Buffer.from(text, 'latin1'));

test('a message is written as OSC 1.0 has it', () => {
  assert.equal(hex(encode('/tempo/tap')), hex(bytes('/tempo/tap\0\0,\0\0\0')));
  assert.equal(hex(encode('/a', [true, 1.5, 'echo'])), hex(bytes('/a\0\0,Tfs\0\0\0\0\x3f\xc0\0\0echo\0\0\0\0')));
});

test('what is written is read back', () => {
  const args = [true, false, 0.25, 'größe', ''];
  assert.deepEqual(decode(encode('/layer/back/scene', args)), [{ address: '/layer/back/scene', args }]);
});

test('the messages of a bundle come in its order, those of inner bundles too', () => {
  const sized = (message) => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(message.length);
    return Buffer.concat([size, message]);
  };
  const bundle = (...messages) => Buffer.concat([bytes('#bundle\0\0\0\0\0\0\0\0\x01'), ...messages.map(sized)]);
  const inner = bundle(encode('/b', [2]), encode('/c', [3]));
  const read = decode(new Uint8Array(bundle(encode('/a', [1]), inner)));
  assert.deepEqual(read, [
    { address: '/a', args: [1] },
    { address: '/b', args: [2] },
    { address: '/c', args: [3] },
  ]);
});

test('all types that others send are understood', () => {
  const packet = bytes('/x\0\0,ihdtbN\0\0\0\0\x07\0\0\0\0\0\0\0\x09\x3f\xf8\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x02ab\0\0');
  const [{ args }] = decode(packet);
  assert.deepEqual(args.slice(0, 4), [7, 9, 1.5, 1]);
  assert.equal(hex(args[4]), '6162');
  assert.equal(args[5], null);
});

test('what is no OSC is refused, and never read beyond its end', () => {
  for (const wrong of ['', 'tempo\0\0\0', '/a', '/a\0\0,f\0\0\0\0', '/a\0\0,q\0\0', '#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\xff', '#bundle\0\0\0\0\0\0\0\0\x01\xff\xff\xff\xff']) {
    assert.throws(() => decode(bytes(wrong)), RangeError, JSON.stringify(wrong));
  }
  let nested = Buffer.from(encode('/a'));
  for (let depth = 0; depth < 20; depth += 1) {
    const size = Buffer.alloc(4);
    size.writeInt32BE(nested.length);
    nested = Buffer.concat([bytes('#bundle\0\0\0\0\0\0\0\0\x01'), size, nested]);
  }
  assert.throws(() => decode(new Uint8Array(nested)), /nested too deeply/);
});

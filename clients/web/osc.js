// OSC 1.0 packets, as sent in binary frames of the WebSocket, both ways.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The bytes of one message. Booleans are sent as T and F, numbers as f, strings as s. */
export function encode(address, args = []) {
  let tags = ',';
  const parts = [];
  for (const arg of args) {
    if (typeof arg === 'boolean') {
      tags += arg ? 'T' : 'F';
    } else if (typeof arg === 'number') {
      tags += 'f';
      const number = new Uint8Array(4);
      new DataView(number.buffer).setFloat32(0, arg);
      parts.push(number);
    } else {
      tags += 's';
      parts.push(padded(String(arg)));
    }
  }
  return joined([padded(address), padded(tags), ...parts]);
}

/** The messages of a packet, with those of a bundle in order: `[{ address, args }]`. Throws if it is not OSC. */
export function decode(bytes) {
  const messages = [];
  packet(new Reader(bytes), messages, 0);
  return messages;
}

const BUNDLE = '#bundle';

// Deeper than anyone nests: such a packet is meant to exhaust the stack.
const DEEPEST = 8;

function packet(reader, messages, depth) {
  if (depth > DEEPEST) throw new RangeError('OSC bundles are nested too deeply');
  const address = reader.string();
  if (address === BUNDLE) {
    reader.take(8); // The time tag: what the daemon tells holds at once.
    while (!reader.done()) packet(new Reader(reader.take(reader.int())), messages, depth + 1);
  } else if (address.startsWith('/')) {
    const tags = reader.done() ? ',' : reader.string();
    messages.push({ address, args: [...tags.slice(1)].map((tag) => argument(reader, tag)) });
  } else {
    throw new RangeError(`OSC address \`${address}\` does not begin with a slash`);
  }
}

function argument(reader, tag) {
  switch (tag) {
    case 'T':
      return true;
    case 'F':
      return false;
    case 'N':
      return null;
    case 'I':
      return Infinity;
    case 'i':
      return reader.int();
    case 'f':
      return reader.float();
    case 'd':
      return reader.double();
    case 'h':
    case 't':
      return reader.long();
    case 's':
    case 'S':
      return reader.string();
    case 'b':
      return reader.blob();
    default:
      throw new RangeError(`OSC type \`${tag}\` is unknown`);
  }
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  done() {
    return this.at >= this.bytes.length;
  }

  take(length) {
    if (length < 0 || this.at + length > this.bytes.length) throw new RangeError('OSC packet is cut off');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  int() {
    this.take(4);
    return this.view.getInt32(this.at - 4);
  }

  float() {
    this.take(4);
    return this.view.getFloat32(this.at - 4);
  }

  double() {
    this.take(8);
    return this.view.getFloat64(this.at - 8);
  }

  long() {
    this.take(8);
    return Number(this.view.getBigInt64(this.at - 8));
  }

  string() {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0) throw new RangeError('OSC string has no end');
    const text = decoder.decode(this.bytes.subarray(this.at, end));
    this.take(fours(end + 1 - this.at));
    return text;
  }

  blob() {
    const length = this.int();
    return this.take(fours(length)).subarray(0, length);
  }
}

const fours = (length) => (length + 3) & ~3;

function padded(text) {
  const bytes = encoder.encode(text);
  const all = new Uint8Array(fours(bytes.length + 1));
  all.set(bytes);
  return all;
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

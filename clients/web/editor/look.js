// What the show looks like now, as a cue would set it: the layers, and the parameters that somebody has in hand.

import { plain } from './definition.js';

/** The settings of a tree that was just read: `[{ address, value }]`. */
export function look(tree) {
  const isPart = (node) => node.writable && node.readable && node.kind !== 'trigger' && node.value?.[0] !== undefined;
  const inHand = (node) => tree.get(`${node.path}/auto`)?.value?.[0] === false;
  const parts = tree.all().filter((node) => isPart(node) && (node.group === 'layers' || (node.group === 'parameters' && inHand(node))));
  return parts.map(({ path, value }) => ({ address: path, value: plain(value[0]) }));
}

/** A list of settings with those of a look: in their old places where they were, behind the others where not. */
export function withLook(settings, taken) {
  const values = new Map(taken.map(({ address, value }) => [address, value]));
  const kept = settings.map((setting) => (values.has(setting.address) ? { ...setting, value: values.get(setting.address) } : setting));
  const there = new Set(settings.map(({ address }) => address));
  return [...kept, ...taken.filter(({ address }) => !there.has(address))];
}

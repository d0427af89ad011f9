// Numbers for people.

export const isTempo = (node) => node.unit.toLowerCase() === 'bpm';

/** A value of a node as text; a dash if there is none. */
export function words(node, value) {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value !== 'number') return String(value);
  if (!Number.isFinite(value)) return '–';
  if (node.name === 'uptime') return duration(value);
  const number = decimals(node, value);
  return node.unit ? `${number}\u00a0${node.unit}` : number;
}

// Three significant digits; a small range always has two decimals, so that nothing jumps as it moves.
function decimals(node, value) {
  if (isTempo(node)) return value.toFixed(1);
  if (Math.abs(node.max - node.min) <= 5) return value.toFixed(2);
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}

function duration(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

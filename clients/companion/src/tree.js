// The nodes of a show, from the daemon's OSCQuery tree. Only this module knows what a show contains.

import { named } from './names.js'

/**
 * A value to read or set.
 * @typedef {object} Node
 * @property {string} path
 * @property {'trigger' | 'switch' | 'number' | 'choice' | 'text'} kind
 * @property {boolean} readable
 * @property {boolean} writable
 * @property {boolean} scalar one value, not several
 * @property {[number, number] | null} range
 * @property {string[]} choices
 * @property {string} unit
 * @property {string} group
 * @property {string} label a word or two from the daemon
 * @property {string} name the label, plus what distinguishes it from equal ones
 * @property {string} description
 */

/** What the daemon calls the group of what is edited, with a keyboard, and is nothing for a button. */
const EDITING = 'Editing'

/**
 * All nodes below one, in the tree's order.
 * @returns {Node[]}
 */
export function nodes(root) {
	const found = []
	const walk = (json) => {
		if (typeof json.TYPE === 'string' && json.KIND && !json.TAGS?.includes(EDITING)) found.push(node(json))
		for (const below of Object.values(json.CONTENTS ?? {})) walk(below)
	}
	walk(root)
	return named(found)
}

function node(json) {
	const access = json.ACCESS ?? 0
	const range = json.RANGE?.[0] ?? {}
	return {
		path: json.FULL_PATH,
		kind: json.KIND,
		readable: (access & 1) !== 0,
		writable: (access & 2) !== 0,
		scalar: json.TYPE.length === 1,
		range: 'MIN' in range || 'MAX' in range ? [range.MIN ?? -Infinity, range.MAX ?? Infinity] : null,
		choices: (range.VALS ?? []).map(String),
		unit: json.UNIT?.[0] ?? '',
		group: json.TAGS?.[0] ?? 'Other',
		label: json.LABEL ?? '',
		description: json.DESCRIPTION ?? '',
	}
}

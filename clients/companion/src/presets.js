// Ready-made buttons for each group of the tree: press, switch, move, choose, read.

import { step } from './numbers.js'
import { joined } from './options.js'
import { CHOSEN, DIM, IDLE, LIT, READOUT } from './style.js'

/** The headings of the kinds, in order. */
const HEADINGS = { trigger: 'Buttons', switch: 'Switches', choice: 'Choices', number: 'Numbers', reading: 'Readings' }

/**
 * @param {import('./tree.js').Node[]} nodes
 * @param {(path: string) => string} shown the text that shows the value of a path
 * @returns {{ structure: object[], presets: Record<string, object> }}
 */
export function presets(nodes, shown) {
	const presets = {}
	const sections = new Map()
	for (const node of nodes) {
		const kind = node.writable ? node.kind : 'reading'
		const made = MADE[kind]?.(node, shown) ?? {}
		const groups = sections.get(node.group) ?? new Map()
		sections.set(node.group, groups)
		for (const [suffix, preset] of Object.entries(made)) {
			const id = `${node.path}${suffix}`
			presets[id] = { type: 'simple', name: named(node), ...preset, feedbacks: [...preset.feedbacks, dead] }
			groups.set(kind, [...(groups.get(kind) ?? []), id])
		}
	}
	const structure = [...sections].map(([section, groups]) => ({
		id: section,
		name: section,
		definitions: Object.entries(HEADINGS)
			.filter(([kind]) => groups.has(kind))
			.map(([kind, name]) => ({ id: `${section} ${kind}`, type: 'simple', name, presets: groups.get(kind) })),
	}))
	return { structure: structure.filter(({ definitions }) => definitions.length > 0), presets }
}

/** While the daemon is lost, its buttons look dead. */
const dead = { feedbackId: 'lost', options: {}, style: DIM }

/** The presets of a node, by the suffix of their identifiers. */
const MADE = {
	trigger: (node) => ({
		'': { style: { ...IDLE, text: node.name }, steps: [down('press', { path: node.path })], feedbacks: lamp(node) },
	}),
	switch: (node) => ({
		'': {
			style: { ...IDLE, text: node.name },
			steps: [down('switch', { path: node.path, to: 'toggle' })],
			feedbacks: lamp(node),
		},
	}),
	choice: (node, shown) => {
		const turn = (by) => action('next', { path: node.path, by })
		const each = node.choices.map((value) => [
			` ${value}`,
			{
				style: { ...IDLE, text: `${node.name}\n${value}` },
				steps: [down('choose', { choice: joined(node.path, value) })],
				feedbacks: [{ feedbackId: 'chosen', options: { choice: joined(node.path, value) }, style: CHOSEN }],
			},
		])
		return {
			'': {
				style: { ...IDLE, text: `${node.name}\n${shown(node.path)}` },
				steps: [{ down: [turn(1)], up: [], rotate_left: [turn(-1)], rotate_right: [turn(1)] }],
				feedbacks: [],
			},
			...Object.fromEntries(each),
		}
	},
	number: (node, shown) => {
		const value = node.readable ? `\n${shown(node.path)} ${node.unit}`.trimEnd() : ''
		const size = step(node)
		const move = (by) => action('step', { path: node.path, by: String(by) })
		return {
			'': {
				style: { ...READOUT, text: `${node.name}${value}` },
				steps: [{ down: [], up: [], rotate_left: [move(-size)], rotate_right: [move(size)] }],
				feedbacks: [],
			},
			' -': { style: { ...IDLE, text: `${node.name} −${value}` }, steps: [{ down: [move(-size)], up: [] }], feedbacks: [] },
			' +': { style: { ...IDLE, text: `${node.name} +${value}` }, steps: [{ down: [move(size)], up: [] }], feedbacks: [] },
		}
	},
	reading: (node, shown) => {
		if (!node.scalar) return {}
		const isLamp = node.kind === 'switch' || node.kind === 'trigger'
		const value = isLamp ? '' : `\n${shown(node.path)} ${node.unit}`.trimEnd()
		return { '': { style: { ...READOUT, text: `${node.name}${value}` }, steps: [{ down: [], up: [] }], feedbacks: lamp(node) } }
	},
}

function lamp(node) {
	if (!node.readable || !['switch', 'trigger'].includes(node.kind)) return []
	return [{ feedbackId: 'on', options: { path: node.path }, style: LIT }]
}

function down(actionId, options) {
	return { down: [action(actionId, options)], up: [] }
}

function action(actionId, options) {
	return { actionId, options: { ...options, when: '' } }
}

function named(node) {
	return `${node.name}. ${node.description}`
}

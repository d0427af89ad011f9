// Fields shared by actions and feedbacks, filled from the tree.

/** When a command takes effect, as a prefix of the daemon's addresses. */
const WHEN = [
	{ id: '', label: 'Now' },
	{ id: '/next/beat', label: 'At the next beat' },
	{ id: '/next/bar', label: 'At the next bar' },
	{ id: '/next/phrase', label: 'At the next phrase' },
]

/** When the action takes effect. */
export const when = { id: 'when', type: 'dropdown', label: 'When', choices: WHEN, default: '' }

/** A dropdown of nodes. Others, or one from a variable, can be typed as a path. */
export function path(nodes, label) {
	return dropdown('path', label, nodes.map((node) => ({ id: node.path, label: title(node) })))
}

/** A dropdown of choices, each with its node: `/path choice`. */
export function choice(nodes, label) {
	const choices = nodes.flatMap((node) =>
		node.choices.map((value) => ({ id: joined(node.path, value), label: `${node.group}: ${node.name} = ${value}` })),
	)
	return dropdown('choice', label, choices)
}

/** The option for one choice of a node. */
export function joined(path, value) {
	return `${path} ${value}`
}

/** The path and the choice of such an option; empty if it is not one. */
export function split(option) {
	const [, path = '', value = ''] = String(option).match(/^(\S+) (.+)$/) ?? []
	return { path, value }
}

/** A text that may contain variables. */
export function text(id, label, standard, tooltip) {
	return { id, type: 'textinput', label, default: standard, useVariables: true, tooltip }
}

function title(node) {
	return `${node.group}: ${node.name} (${node.path})`
}

function dropdown(id, label, choices) {
	return { id, type: 'dropdown', label, choices, default: choices[0]?.id ?? '', allowCustom: true, minChoicesForSearch: 8 }
}

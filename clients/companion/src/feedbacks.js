// The feedbacks of buttons. Like the actions, they are always the same, with targets from the tree.

import { parsed, rounded } from './numbers.js'
import { choice, path, split, text } from './options.js'
import { LIT, LOST } from './style.js'

const COMPARISONS = {
	above: { label: 'is above', holds: (is, than) => is > than },
	below: { label: 'is below', holds: (is, than) => is < than },
	equal: { label: 'is', holds: (is, than) => is === than },
	other: { label: 'is not', holds: (is, than) => is !== than },
}

/**
 * @param {import('./tree.js').Node[]} nodes
 * @param {import('./show.js').Show} show
 */
export function feedbacks(nodes, show) {
	const readable = (...kinds) => nodes.filter((node) => node.readable && node.scalar && kinds.includes(node.kind))
	/** A feedback that follows one path while it is on a button. */
	const looking = (definition, pathOf, value) => ({
		...definition,
		callback: ({ id, options }) => {
			const path = pathOf(options)
			show.hold(`feedback:${id}`, path)
			return value(show.told(path), options, show.find(path))
		},
		unsubscribe: ({ id }) => show.release(`feedback:${id}`),
	})
	const lamp = { type: 'boolean', defaultStyle: LIT }
	return {
		on: looking(
			{
				...lamp,
				name: 'A switch is on, or a button or beat is lit',
				options: [path(readable('switch', 'trigger'), 'Lamp')],
			},
			({ path }) => path,
			(is) => is === true,
		),
		compare: looking(
			{
				...lamp,
				name: 'Compare a number',
				options: [
					path(readable('number'), 'Number'),
					{
						id: 'how',
						type: 'dropdown',
						label: 'How',
						choices: Object.entries(COMPARISONS).map(([id, { label }]) => ({ id, label })),
						default: 'above',
					},
					text('than', 'What', '0', 'A number, a variable, or an expression. Compared as shown on a button'),
				],
			},
			({ path }) => path,
			(is, { how, than }, node) => {
				const wanted = parsed(than)
				if (typeof is !== 'number' || !node || Number.isNaN(wanted)) return false
				return COMPARISONS[how]?.holds(rounded(node, is), rounded(node, wanted)) ?? false
			},
		),
		chosen: looking(
			{ ...lamp, name: 'A choice has this value', options: [choice(readable('choice'), 'Choice')] },
			({ choice }) => split(choice).path,
			(is, { choice }) => is === split(choice).value,
		),
		says: looking(
			{
				...lamp,
				name: 'A text has this value',
				options: [path(readable('text', 'choice'), 'Text'), text('text', 'Says', '')],
			},
			({ path }) => path,
			(is, options) => is === options.text,
		),
		value: looking(
			{
				type: 'value',
				name: 'A value, or one of several numbers',
				options: [path(nodes.filter((node) => node.readable), 'Of')],
			},
			({ path }) => path,
			(is) => is ?? null,
		),
		lost: {
			type: 'boolean',
			name: 'The daemon is lost',
			defaultStyle: LOST,
			options: [],
			callback: () => show.isLost(),
		},
	}
}

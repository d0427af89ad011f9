// The actions of buttons. They are always the same; the tree provides their targets.

import { number, step, within } from './numbers.js'
import { choice, path, split, text, when } from './options.js'

/**
 * @param {import('./tree.js').Node[]} nodes
 * @param {import('./show.js').Show} show
 */
export function actions(nodes, show) {
	const writable = (kind) => nodes.filter((node) => node.writable && node.kind === kind)
	const held = (pathOf) => holding(show, pathOf)
	const first = writable('number')[0]
	return {
		press: {
			name: 'Press a button',
			description: 'A tap, a cue, a scene',
			options: [path(writable('trigger'), 'Button'), when],
			callback: ({ options }) => show.set(options.path, 'T', true, options.when),
		},
		switch: {
			name: 'Switch on, off or toggle',
			options: [
				path(writable('switch'), 'Switch'),
				{
					id: 'to',
					type: 'dropdown',
					label: 'To',
					choices: [
						{ id: 'toggle', label: 'Toggle' },
						{ id: 'on', label: 'On' },
						{ id: 'off', label: 'Off' },
					],
					default: 'toggle',
				},
				when,
			],
			...held((options) => options.path),
			callback: async ({ id, options }) => {
				const on = options.to === 'toggle' ? !(await show.present(id, options.path)) : options.to === 'on'
				show.set(options.path, on ? 'T' : 'F', on, options.when)
			},
		},
		set: {
			name: 'Set a number',
			options: [
				path(writable('number'), 'Number'),
				text('value', 'To', '0', 'A number, a variable, or an expression'),
				when,
			],
			callback: ({ options }) => show.set(options.path, 'f', number(options.value), options.when),
		},
		step: {
			name: 'Move a number',
			description: 'For keys and dials: a step up, or down if negative',
			options: [
				path(writable('number'), 'Number'),
				text('by', 'By', String(first ? step(first) : 1), 'In the unit of the number; negative moves it down'),
				when,
			],
			...held((options) => options.path),
			callback: async ({ id, options }) => {
				const [node, by] = [show.node(options.path), number(options.by)]
				// A write-only value is set to the step itself.
				const value = node.readable ? within(node, (await show.present(id, options.path)) + by) : by
				show.set(options.path, 'f', value, options.when)
			},
		},
		choose: {
			name: 'Choose',
			options: [choice(writable('choice'), 'Choice'), when],
			callback: ({ options }) => {
				const { path, value } = split(options.choice)
				show.set(path, 's', value, options.when)
			},
		},
		next: {
			name: 'Choose next or previous',
			options: [
				path(writable('choice'), 'Of'),
				{
					id: 'by',
					type: 'dropdown',
					label: 'Which',
					choices: [
						{ id: 1, label: 'Next' },
						{ id: -1, label: 'Previous' },
					],
					default: 1,
				},
				when,
			],
			...held((options) => options.path),
			callback: async ({ id, options }) => {
				const { choices } = show.node(options.path)
				const at = choices.indexOf(String(await show.present(id, options.path)))
				// If the current one is not among them, the next is the first.
				const next = at < 0 && options.by < 0 ? choices.length - 1 : at + Number(options.by)
				show.set(options.path, 's', choices.at(next % choices.length), options.when)
			},
		},
	}
}

/** For actions relative to the current value: subscribes while the action is on a button. */
function holding(show, pathOf) {
	return {
		optionsToMonitorForSubscribe: ['path'],
		subscribe: ({ id, options }) => show.hold(`action:${id}`, pathOf(options)),
		unsubscribe: ({ id }) => show.release(`action:${id}`),
	}
}

// Companion offers whatever the tree contains.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actions } from '../src/actions.js'
import { hasVariable, host } from '../src/config.js'
import { feedbacks } from '../src/feedbacks.js'
import { number, rounded, step } from '../src/numbers.js'
import { presets } from '../src/presets.js'
import { nodes } from '../src/tree.js'
import { ids } from '../src/variables.js'

/** A tree as described by the daemon, from methods by path. */
function tree(methods) {
	const root = { FULL_PATH: '/', CONTENTS: {}, ACCESS: 0 }
	for (const [path, method] of Object.entries(methods)) {
		let at = root
		for (const part of path.slice(1).split('/')) {
			at.CONTENTS ??= {}
			at = at.CONTENTS[part] ??= { FULL_PATH: `${at.FULL_PATH === '/' ? '' : at.FULL_PATH}/${part}` }
		}
		Object.assign(at, { ACCESS: 3, DESCRIPTION: 'Help', TAGS: ['Show'], ...method })
	}
	return nodes(root)
}

const SWITCH = { TYPE: 'T', KIND: 'switch', VALUE: [false] }

test('a switch that nobody has heard of is an action, a feedback, a variable and a preset', () => {
	const found = tree({ '/fog/machine': { ...SWITCH, LABEL: 'fog', TAGS: ['Fog'] } })
	const offered = (field) => field.choices.map(({ id, label }) => [id, label])
	const expected = [['/fog/machine', 'Fog: fog (/fog/machine)']]
	assert.deepEqual(offered(actions(found, {}).switch.options[0]), expected)
	assert.deepEqual(offered(feedbacks(found, {}).on.options[0]), expected)
	assert.deepEqual([...ids(found)], [['/fog/machine', 'fog_machine']])
	const { structure, presets: made } = presets(found, () => '')
	assert.deepEqual(structure.map(({ name, definitions }) => [name, definitions[0].presets]), [['Fog', ['/fog/machine']]])
	assert.equal(made['/fog/machine'].style.text, 'fog')
})

test('names tell apart what has the same label, and say no more than they need', () => {
	const opacity = { TYPE: 'f', KIND: 'number', LABEL: 'opacity' }
	const scene = { TYPE: 'T', KIND: 'trigger', LABEL: 'scene' }
	const state = { TYPE: 's', KIND: 'text', ACCESS: 1, LABEL: 'state' }
	const found = tree({
		'/layer/back/opacity': opacity,
		'/layer/front/opacity': opacity,
		'/layer/back/scene/echo': scene,
		'/layer/back/scene/tunnel': scene,
		'/layer/front/scene/echo': scene,
		'/show/lock': { ...SWITCH, LABEL: 'lock' },
		'/bus/main/state': state,
		'/music/state': state,
	})
	const names = Object.fromEntries(found.map(({ path, name }) => [path, name]))
	assert.deepEqual(names, {
		'/layer/back/opacity': 'back opacity',
		'/layer/front/opacity': 'front opacity',
		'/layer/back/scene/echo': 'back echo',
		'/layer/back/scene/tunnel': 'back tunnel',
		'/layer/front/scene/echo': 'front echo',
		'/show/lock': 'lock',
		'/bus/main/state': 'bus main state',
		'/music/state': 'music state',
	})
})

test('two paths never share a variable', () => {
	const found = tree({ '/node/wall_left': SWITCH, '/node/wall/left': SWITCH, '/node/wall.left': SWITCH })
	assert.equal(new Set(ids(found).values()).size, 3)
})

test('what cannot be read or set is offered only for the other', () => {
	const found = tree({
		'/tempo/nudge': { TYPE: 'f', KIND: 'number', ACCESS: 2, LABEL: 'nudge', RANGE: [{ MIN: -500, MAX: 500 }] },
		'/beat/blink': { ...SWITCH, ACCESS: 1, LABEL: 'beat' },
	})
	const offered = (field) => field.choices.map(({ id }) => id)
	assert.deepEqual(offered(actions(found, {}).step.options[0]), ['/tempo/nudge'])
	assert.deepEqual(offered(actions(found, {}).switch.options[0]), [])
	assert.deepEqual(offered(feedbacks(found, {}).compare.options[0]), [])
	assert.deepEqual(offered(feedbacks(found, {}).on.options[0]), ['/beat/blink'])
	assert.deepEqual([...ids(found).keys()], ['/beat/blink'])
	assert.ok(hasVariable({ variables: 'all' }, found[0]) && hasVariable({ variables: 'some' }, found[1]))
})

test('numbers are as fine as a button and a dial need them', () => {
	const range = (...range) => ({ range })
	assert.equal(rounded(range(0, 1), 0.123456), 0.12)
	assert.equal(rounded(range(30, 300), 124.2451), 124.2)
	assert.equal(rounded(range(0, 20_000), 556.7), 557)
	assert.equal(rounded({ range: null }, 59.94), 60)
	assert.deepEqual([range(0, 1), range(30, 300), range(-500, 500), range(0, Infinity), range(0, 2)].map(step), [0.05, 1, 5, 1, 0.1])
	assert.equal(number('1e2'), 100)
	for (const text of ['', ' ', 'x', '1,5', null]) assert.throws(() => number(text), /is not a number/, String(text))
})

test('a daemon is where the list or the fields say', () => {
	assert.equal(host({ daemon: '192.0.2.7:9480', host: 'x', port: 1 }), '192.0.2.7:9480')
	assert.equal(host({ host: ' rig.local ', port: 9480 }), 'rig.local:9480')
	assert.equal(host({ host: 'fe80::1', port: 9480 }), '[fe80::1]:9480')
	assert.equal(host({ host: 'rig.local', port: 99_999 }), null)
})

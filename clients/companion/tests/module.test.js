// The module as Companion runs it, against a real daemon.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Daemon } from './daemon.js'
import { Host } from './host.js'
import { until } from './until.js'

let daemon, host

before(async () => {
	daemon = await Daemon.start()
	host = await Host.start(daemon.where)
	await host.reaches('ok')
})

after(async () => {
	await host?.stop()
	await daemon?.remove()
})

test('a switch is set and turned over, whoever turned it last', async () => {
	const over = host.place('switch', { path: '/show/blackout', to: 'toggle', when: '' })
	const lamp = host.show('on', { path: '/show/blackout' })
	await lamp.becomes(false)
	await over.press()
	await daemon.has('/show/blackout', true)
	await lamp.becomes(true)
	await daemon.ctl('command', '/show/blackout', '0')
	await lamp.becomes(false)
	await over.press()
	await daemon.has('/show/blackout', true)
	await host.press('switch', { path: '/show/blackout', to: 'off', when: '' })
	await daemon.has('/show/blackout', false)
	await lamp.becomes(false)
})

test('a scene is taken by its button, chosen, and followed by its lamp', async () => {
	const [lamp, chosen] = [
		host.show('on', { path: '/layer/back/scene/echo' }),
		host.show('chosen', { choice: '/layer/back/scene spectrum' }),
	]
	await host.press('press', { path: '/layer/back/scene/echo', when: '' })
	await daemon.has('/layer/back/scene', 'echo')
	await lamp.becomes(true)
	await host.press('choose', { choice: '/layer/back/scene spectrum', when: '' })
	await daemon.has('/layer/back/scene', 'spectrum')
	await chosen.becomes(true)
	await lamp.becomes(false)
})

test('next and before go around all choices', async () => {
	await host.press('choose', { choice: '/layer/front/scene tunnel', when: '' })
	await daemon.has('/layer/front/scene', 'tunnel')
	const { choices } = host.actions.choose.options[0]
	const scenes = choices.filter(({ id }) => id.startsWith('/layer/front/scene ')).map(({ id }) => id.split(' ')[1])
	const next = host.place('next', { path: '/layer/front/scene', by: 1, when: '' })
	const turned = (by) => scenes.at((scenes.indexOf('tunnel') + by) % scenes.length)
	await next.press()
	await next.press()
	await daemon.has('/layer/front/scene', turned(2))
	for (let turn = 2; turn < scenes.length; turn += 1) await next.press()
	await daemon.has('/layer/front/scene', 'tunnel')
	await host.press('next', { path: '/layer/front/scene', by: -1, when: '' })
	await daemon.has('/layer/front/scene', turned(-1))
})

test('a number is set from text, moved by a dial faster than its echo, and stays in its range', async () => {
	await host.press('set', { path: '/param/glow', value: ' 0.25 ', when: '' })
	await daemon.has('/param/glow', 0.25)
	const dial = host.place('step', { path: '/param/glow', by: '0.05', when: '' })
	for (let click = 0; click < 5; click += 1) await dial.press()
	await daemon.has('/param/glow', 0.5)
	await host.press('step', { path: '/param/glow', by: '-7', when: '' })
	await daemon.has('/param/glow', 0)
	await host.press('set', { path: '/layer/*/opacity', value: 0.4, when: '' })
	await Promise.all(['back', 'front'].map((layer) => daemon.has(`/layer/${layer}/opacity`, 0.4)))
	await assert.rejects(host.press('set', { path: '/param/glow', value: 'loud', when: '' }), /`loud` is not a number/)
	await assert.rejects(host.press('set', { path: '', value: '1', when: '' }), /nothing to set/)
})

test('what shall wait for the bar waits for it', async () => {
	await host.press('set', { path: '/tempo/bpm', value: '60', when: '' })
	await daemon.has('/tempo/bpm', 60)
	const lit = host.show('on', { path: '/levels/freeze' })
	const bar = host.show('on', { path: '/bar/blink' })
	await bar.becomes(true)
	await host.press('switch', { path: '/levels/freeze', to: 'on', when: '/next/bar' })
	await bar.becomes(false)
	assert.equal(await daemon.value('/levels/freeze'), false, 'the bar of four seconds has just begun')
	await lit.becomes(true)
	await host.press('switch', { path: '/levels/freeze', to: 'off', when: '' })
	await host.press('press', { path: '/tempo/listen', when: '' })
})

test('the lamp of the beat blinks', async () => {
	const lamp = host.show('on', { path: '/beat/blink' })
	for (let beat = 0; beat < 3; beat += 1) {
		await lamp.becomes(true)
		await lamp.becomes(false)
	}
})

test('numbers are compared as they look, texts and choices as they are', async () => {
	await host.press('set', { path: '/layer/back/opacity', value: '0.7', when: '' })
	await daemon.has('/layer/back/opacity', 0.7)
	await host.show('compare', { path: '/layer/back/opacity', how: 'other', than: 'loud' }).becomes(false)
	const path = '/layer/back/opacity'
	await host.show('compare', { path, how: 'equal', than: '0.7' }).becomes(true)
	await host.show('compare', { path, how: 'above', than: '0.7' }).becomes(false)
	await host.show('compare', { path, how: 'below', than: '0.71' }).becomes(true)
	await host.show('says', { path: '/daemon/show', text: 'companion' }).becomes(true)
	await host.show('says', { path: '/layer/back/blend', text: 'normal' }).becomes(true)
	const spectrum = host.show('value', { path: '/signal/main/spectrum' })
	await until('a spectrum', () => Array.isArray(spectrum.value()), spectrum.value)
})

test('variables follow, rounded to what a button can show', async () => {
	assert.equal(host.variables.daemon_show, 'companion')
	await host.press('set', { path: '/param/glow', value: '0.123456', when: '' })
	await until('the variable', () => host.variables.param_glow === 0.12, () => host.variables.param_glow)
	await host.press('choose', { choice: '/layer/back/blend add', when: '' })
	await until('the variable', () => host.variables.layer_back_blend === 'add', () => host.variables.layer_back_blend)
	assert.ok(!('signal_main_spectrum' in host.variableDefinitions), 'a list of numbers is no text for a button')
})

test('what the daemon refuses is said in the log', async () => {
	await host.press('press', { path: '/nowhere', when: '' })
	const said = () => host.log.some((line) => line.startsWith('warn: the daemon refuses') && line.includes('nowhere'))
	await until('the refusal', said, () => host.log.join('\n'))
})

test('what comes to the tree and goes from it comes to Companion and goes', async () => {
	const watcher = daemon.spawnCtl('watch', '--plain', '--for', '60')
	const variables = () => Object.keys(host.variableDefinitions).filter((id) => id.startsWith('node_'))
	try {
		await until('a node', () => variables().length > 0)
		assert.ok(Object.values(host.presets).some(({ style }) => style.text.includes(`$(downbeat:${variables()[0]})`)))
		const [role] = variables().filter((id) => id.endsWith('_role'))
		await until('its role', () => host.variables[role] === 'viewer', () => host.variables[role])
	} finally {
		watcher.kill()
	}
	await until('no node', () => variables().length === 0, variables)
})

test('all that a preset does and shows is there', () => {
	const listed = host.structure.flatMap(({ definitions }) => definitions.flatMap(({ presets }) => presets))
	assert.deepEqual(listed.toSorted(), Object.keys(host.presets).toSorted())
	for (const [id, { steps, feedbacks, style }] of Object.entries(host.presets)) {
		const used = [
			...steps.flatMap((step) => Object.values(step).flat()).map((use) => [host.actions[use.actionId], use]),
			...feedbacks.map((use) => [host.feedbacks[use.feedbackId], use]),
		]
		for (const [definition, { options }] of used) {
			assert.deepEqual(Object.keys(options).toSorted(), definition.options.map((field) => field.id).toSorted(), id)
			for (const field of definition.options) {
				if (field.type !== 'dropdown') continue
				assert.ok(field.choices.some((choice) => choice.id === options[field.id]), `${id}: ${options[field.id]}`)
			}
		}
		for (const [, variable] of style.text.matchAll(/\$\(downbeat:(.*?)\)/g)) {
			assert.ok(variable in host.variableDefinitions, `${id}: ${variable}`)
		}
	}
})

test('a killed daemon is lost, its buttons say so, and when it is back everything goes on', async () => {
	const [lost, lamp] = [host.show('lost', {}), host.show('on', { path: '/tempo/hold' })]
	const dial = host.place('step', { path: '/param/glow', by: '0.1', when: '' })
	const connections = host.log.filter((line) => line.includes('connected to')).length
	assert.equal(connections, 1, 'until then it was never lost')
	await host.press('switch', { path: '/tempo/hold', to: 'on', when: '' })
	await lamp.becomes(true)
	await daemon.kill()
	await host.reaches('disconnected', `no answer from 127.0.0.1:${daemon.port}`)
	await lost.becomes(true)
	await lamp.becomes(false)
	assert.equal(host.variables.daemon_show, '')
	await assert.rejects(host.press('press', { path: '/tempo/tap', when: '' }), /the daemon is lost/)
	await assert.rejects(dial.press(), /the daemon is lost/)
	await daemon.run()
	await host.reaches('ok')
	await lost.becomes(false)
	await until('variables', () => host.variables.daemon_show === 'companion')
	await host.press('switch', { path: '/tempo/hold', to: 'on', when: '' })
	await lamp.becomes(true)
	await host.press('set', { path: '/param/glow', value: '0.2', when: '' })
	await dial.press()
	await daemon.has('/param/glow', 0.3)
})

test('a daemon that answers no more is lost although its connection stands', async () => {
	daemon.freeze()
	try {
		await host.reaches('disconnected', 'does not answer')
	} finally {
		daemon.thaw()
	}
	await host.reaches('ok')
})

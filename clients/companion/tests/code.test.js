// A Companion on another machine needs a code once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Daemon } from './daemon.js'
import { elsewhere } from './elsewhere.js'
import { Host } from './host.js'
import { until } from './until.js'

test('from elsewhere a code lets Companion in once and for all', async (t) => {
	const daemon = await Daemon.start()
	t.after(() => daemon.remove())
	const way = await elsewhere(daemon.port)
	t.after(() => way.close())

	const host = await Host.start(way.where)
	t.after(() => host.stop())
	await host.reaches('authentication_failure', 'downbeatctl web')

	const [, first, second] = (await daemon.ctl('web')).match(/code\D*(\d{3}) ?(\d{3})/)
	const wrong = first === '111' ? '222222' : '111111'
	await host.configure({ ...way.where, code: wrong }, {})
	await host.reaches('authentication_failure', 'is wrong')

	await host.configure({ ...way.where, code: `${first} ${second}` }, {})
	await host.reaches('ok')
	await until('what was saved', () => host.saved.length === 1)
	const [{ config, secrets }] = host.saved
	assert.equal(config.code, '', 'a code is good once')
	assert.match(secrets.key, /^[0-9a-f]{64}$/)
	await host.press('switch', { path: '/show/blackout', to: 'on', when: '' })
	await daemon.has('/show/blackout', true)

	const later = await Host.start(config, secrets)
	t.after(() => later.stop())
	await later.reaches('ok')
})

test('an address that makes no sense is said to be one', async (t) => {
	const host = await Host.start({ host: '', port: 9480 })
	t.after(() => host.stop())
	await host.reaches('bad_config')
})

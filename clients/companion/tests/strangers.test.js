// Servers other than Downbeat, or broken ones.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { WebSocketServer } from 'ws'
import { Host } from './host.js'

const SHOW = {
	FULL_PATH: '/',
	CONTENTS: { fog: { FULL_PATH: '/fog', TYPE: 'T', ACCESS: 3, KIND: 'switch', LABEL: 'fog', VALUE: [false] } },
}

/** A server with this answer and this handler for each WebSocket; and the module that connects to it. */
async function stranger(t, body, greet = () => {}) {
	const http = createServer((_, answer) => answer.end(body)).listen(0, '127.0.0.1')
	await once(http, 'listening')
	const sockets = new WebSocketServer({ server: http })
	const all = []
	sockets.on('connection', (socket) => {
		all.push(socket)
		greet(socket)
	})
	const host = await Host.start({ host: '127.0.0.1', port: http.address().port })
	t.after(async () => {
		await host.stop()
		for (const socket of all) socket.terminate()
		http.closeAllConnections()
		http.close()
	})
	return { host, sockets: all }
}

test('another OSCQuery server is not taken for a show', async (t) => {
	const tree = { FULL_PATH: '/', CONTENTS: { a: { FULL_PATH: '/a', TYPE: 'f', ACCESS: 3 } } }
	const { host } = await stranger(t, JSON.stringify(tree))
	await host.reaches('unknown_warning', 'is it Downbeat?')
})

test('a server of something else is said to be one', async (t) => {
	const { host } = await stranger(t, '{"hello": "world"}')
	await host.reaches('disconnected', 'is not an OSCQuery server')
})

test('what is no OSC ends the connection, which comes back', async (t) => {
	let greetings = 0
	const { host } = await stranger(t, JSON.stringify(SHOW), (socket) => {
		greetings += 1
		if (greetings === 1) setTimeout(() => socket.send(Buffer.from('garbage')), 100)
	})
	await host.reaches('disconnected', 'OSC')
	await host.reaches('ok')
	assert.equal(greetings, 2)
})

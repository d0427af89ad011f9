// The connection to a daemon, which reconnects by itself.

import { EventEmitter } from 'node:events'
import WebSocket from 'ws'
import { decode, encode } from './osc.js'
import { CodeNeeded, CodeRefused, enter, headers, tree } from './web.js'

/** Pauses between attempts: doubled from the first to the last. */
const FIRST_PAUSE_MS = 250
const LAST_PAUSE_MS = 5000
/** Silence after which a daemon counts as lost, whatever the state of TCP. */
const PING_MS = 1500
/** The tree changes in bursts; it is read once after each. */
const SETTLED_MS = 200
const CONNECT_TIMEOUT_MS = 5000

/**
 * Emits `ready` (with the root of the tree), `changed` (the same, after a change), `value` (address, values),
 * `refused` (why a command was refused), `lost` (an error), `key` (received for a code).
 */
export class Connection extends EventEmitter {
	#host
	#key
	#code
	/** Why the code was refused. */
	#refusal = null
	#socket = null
	#ready = false
	#closed = false
	#pause = FIRST_PAUSE_MS
	#again = null
	#settling = null
	#pinging = null

	/** @param {{ host: string, key?: string, code?: string }} where `host` is `name:port` */
	constructor({ host, key = '', code = '' }) {
		super()
		this.#host = host
		this.#key = key
		this.#code = code
	}

	/** Connects, and keeps retrying until `close`. */
	start() {
		this.#connect().catch((error) => this.#lose(error))
	}

	/** Closes for good. */
	close() {
		this.#closed = true
		clearTimeout(this.#again)
		this.#drop()
	}

	/** Whether the daemon receives commands now. */
	get ready() {
		return this.#ready
	}

	/** Sends a command. */
	command(address, tag, value) {
		if (this.#ready) this.#socket.send(encode(address, tag, [value]))
	}

	/** Subscribes to a path, or unsubscribes. */
	listen(command, path) {
		if (this.#ready) this.#socket.send(JSON.stringify({ COMMAND: command, DATA: path }))
	}

	async #connect() {
		if (this.#code) await this.#enter()
		if (this.#closed) return
		const socket = new WebSocket(`ws://${this.#host}/`, {
			headers: headers(this.#key),
			handshakeTimeout: CONNECT_TIMEOUT_MS,
		})
		this.#socket = socket
		const ours = (act) => (...args) => this.#socket === socket && act(...args)
		socket.on('unexpected-response', ours((_, answer) => {
			this.#lose(answer.statusCode === 401 ? (this.#refusal ?? new CodeNeeded()) : new Error(`it answers ${answer.statusCode}`))
		}))
		socket.on('error', ours((error) => this.#lose(error)))
		socket.on('close', ours((_, reason) => this.#lose(new Error(reason.toString() || 'the daemon is gone'))))
		socket.on('message', ours((bytes, binary) => (binary ? this.#osc(bytes) : this.#text(bytes.toString()))))
		socket.on('open', ours(() => {
			this.#watch(socket)
			// Changes while the tree is read arrive on the socket, which is open by now.
			this.#read('ready').catch((error) => this.#lose(error))
		}))
	}

	/** Exchanges a code for a key. Codes work once: right or wrong, each is tried only once. */
	async #enter() {
		const code = this.#code
		try {
			this.#key = await enter(this.#host, code)
		} catch (error) {
			if (error instanceof CodeRefused) {
				this.#code = ''
				this.#refusal = error
			}
			throw error
		}
		this.#code = ''
		if (!this.#closed) this.emit('key', this.#key)
	}

	#watch(socket) {
		let answered = true
		socket.on('pong', () => (answered = true))
		this.#pinging = setInterval(() => {
			if (!answered) return this.#lose(new Error('the daemon does not answer'))
			answered = false
			socket.ping()
		}, PING_MS)
	}

	#osc(packet) {
		let messages
		try {
			messages = decode(packet)
		} catch (error) {
			return this.#lose(error)
		}
		for (const { address, values } of messages) {
			if (address === '/error') this.emit('refused', String(values[0]))
			else this.emit('value', address, values)
		}
	}

	#text(text) {
		let command
		try {
			command = JSON.parse(text).COMMAND
		} catch (error) {
			return this.#lose(error)
		}
		if (['PATH_ADDED', 'PATH_REMOVED', 'PATH_CHANGED'].includes(command)) this.#settling ??= this.#settle()
	}

	/** Reads the tree again after a burst of changes, but not before the first reading. */
	#settle() {
		return setTimeout(() => {
			this.#settling = this.#ready ? null : this.#settle()
			if (this.#ready) this.#read('changed').catch((error) => this.#lose(error))
		}, SETTLED_MS)
	}

	async #read(event) {
		const socket = this.#socket
		const root = await tree(this.#host, this.#key).catch((error) => {
			if (this.#socket === socket) throw error
		})
		if (this.#socket !== socket) return
		this.#ready = true
		this.#pause = FIRST_PAUSE_MS
		this.emit(event, root)
	}

	#lose(error) {
		if (this.#closed) return
		this.#drop()
		this.emit('lost', error)
		this.#again = setTimeout(() => this.start(), this.#pause)
		this.#pause = Math.min(2 * this.#pause, LAST_PAUSE_MS)
	}

	#drop() {
		const socket = this.#socket
		this.#socket = null
		this.#ready = false
		clearTimeout(this.#settling)
		clearInterval(this.#pinging)
		this.#settling = null
		// A socket closed before it opened reports that as an error, which is of no interest.
		socket?.removeAllListeners().on('error', () => {})
		socket?.terminate()
	}
}

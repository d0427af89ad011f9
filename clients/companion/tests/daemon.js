// A real daemon that listens to clicks, and an independent second client of it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clicks } from './clicks.js'
import { until } from './until.js'

const PROGRAMS = process.env.DOWNBEAT_PROGRAMS ?? fileURLToPath(new URL('../../../target/debug/', import.meta.url))

/** A running `downbeatd`, with its own folder, keys and ports. */
export class Daemon {
	#folder
	#config
	#process = null
	port
	nodes

	static async start() {
		const daemon = new Daemon()
		daemon.#folder = await mkdtemp(join(tmpdir(), 'downbeat-companion-'))
		daemon.port = await freePort()
		daemon.nodes = `127.0.0.1:${await freePort()}`
		daemon.#config = join(daemon.#folder, 'rig.toml')
		await writeFile(join(daemon.#folder, 'clicks.wav'), clicks())
		await writeFile(daemon.#config, daemon.#text())
		try {
			await daemon.run()
		} catch (error) {
			await daemon.remove()
			throw error
		}
		return daemon
	}

	/** The module's configuration for it. */
	get where() {
		return { host: '127.0.0.1', port: this.port }
	}

	async run() {
		this.#process = spawn(join(PROGRAMS, 'downbeatd'), ['--config', this.#config], { stdio: ['ignore', 'pipe', 'pipe'] })
		let said = ''
		for (const stream of [this.#process.stdout, this.#process.stderr]) stream.on('data', (text) => (said += text))
		this.#process.on('error', (error) => (said += `${error.message}: build it, or say in DOWNBEAT_PROGRAMS where it is`))
		await until('the daemon is ready', () => said.includes('downbeatd: ready'), () => said)
	}

	async kill() {
		// One that did not start never exits.
		if (!this.#process.kill('SIGKILL')) return
		if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit')
	}

	/** Neither dead nor answering, as after a pulled cable. */
	freeze() {
		this.#process.kill('SIGSTOP')
	}

	thaw() {
		this.#process.kill('SIGCONT')
	}

	async remove() {
		await this.kill()
		await rm(this.#folder, { recursive: true })
	}

	/** The value of a path as seen by another client. */
	async value(path) {
		const answer = await fetch(`http://127.0.0.1:${this.port}${path}?VALUE`)
		return (await answer.json()).VALUE[0]
	}

	/** Waits until another client sees a value. */
	async has(path, value) {
		let seen
		const near = (is) => is === value || (typeof is === 'number' && Math.abs(is - value) < 1e-3)
		await until(`${path} is ${value}`, async () => near((seen = await this.value(path))), () => seen)
	}

	/** Runs `downbeatctl` against it to the end, and returns its output. */
	async ctl(...args) {
		const ctl = this.spawnCtl(...args)
		let said = ''
		ctl.stdout.on('data', (text) => (said += text))
		await once(ctl, 'exit')
		return said
	}

	/** Starts `downbeatctl` against it. */
	spawnCtl(command, ...args) {
		const all = [command, '--server', this.nodes, '--keys', join(this.#folder, 'ctl-keys'), ...args]
		return spawn(join(PROGRAMS, 'downbeatctl'), all, { stdio: ['ignore', 'pipe', 'pipe'] })
	}

	#text() {
		return `
			[audio]
			source = "file"
			files = { main = "${join(this.#folder, 'clicks.wav')}" }
			repeat = true
			[show]
			name = "companion"
			keys = "${join(this.#folder, 'keys')}"
			[server]
			listen = "${this.nodes}"
			[web]
			listen = "127.0.0.1:${this.port}"
			[parameter.glow]
			default = 0.5
			[[layer]]
			name = "back"
			scene = "tunnel"
			scenes = ["tunnel", "echo", "spectrum"]
			[[layer]]
			name = "front"
			scene = "echo"
			scenes = ["tunnel", "echo"]
		`
	}
}

async function freePort() {
	const server = createServer().listen(0, '127.0.0.1')
	await once(server, 'listening')
	const { port } = server.address()
	server.close()
	await once(server, 'close')
	return port
}

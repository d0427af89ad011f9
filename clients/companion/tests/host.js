// The smallest host of a module, with the host interface of Companion's own module base. It keeps variables only if
// they are defined, checks feedbacks after the module has announced a change, and accepts only defined actions.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { validateManifest } from '@companion-module/base/manifest'
import { until } from './until.js'

/** The folder of the module: this one, or an unpacked package. */
const PACKAGE = process.env.MODULE ? pathToFileURL(`${resolve(process.env.MODULE)}/`) : new URL('../', import.meta.url)

/** The class in the manifest. */
async function moduleClass() {
	const manifest = new URL('companion/manifest.json', PACKAGE)
	const json = JSON.parse(await readFile(manifest))
	validateManifest(json, false)
	return (await import(new URL(json.runtime.entrypoint, manifest))).default
}

/** A host with one instance of the module. */
export class Host {
	status = null
	log = []
	actions = {}
	feedbacks = {}
	variableDefinitions = {}
	variables = {}
	structure = []
	presets = {}
	saved = []
	#instance
	/** Feedbacks on buttons: identifier → its definition's, its options, its value. */
	#placed = new Map()
	#nextId = 0

	/** Starts the module with the defaults of its fields, overridden by these. */
	static async start(config, secrets = {}) {
		const host = new Host()
		const Module = await moduleClass()
		globalThis.COMPANION_LOGGER = (_, level, message) => host.log.push(`${level}: ${message}`)
		host.#instance = new Module(host.#context())
		const defaults = { config: {}, secrets: {} }
		for (const field of host.#instance.getConfigFields()) {
			if ('default' in field) defaults[field.type.startsWith('secret') ? 'secrets' : 'config'][field.id] = field.default
		}
		await host.#instance.init({ ...defaults.config, ...config }, true, { ...defaults.secrets, ...secrets })
		return host
	}

	/** The operator saves the page of the connection. */
	async configure(config, secrets) {
		await this.#instance.configUpdated(config, secrets)
	}

	async stop() {
		await this.#instance.destroy()
	}

	/** Waits for a status and, if given, its message. */
	async reaches(status, saying = '') {
		await until(`status ${status} ${saying}`, () => {
			return this.status?.[0] === status && (this.status[1] ?? '').includes(saying)
		}, () => `${this.status}\n${this.log.join('\n')}`)
	}

	/** Puts an action on a button, and notifies the module. */
	place(actionId, options) {
		const action = { id: `action-${this.#nextId++}`, controlId: 'bank:1', actionId, options }
		this.#action(actionId).subscribe?.(action)
		return { press: () => this.#action(actionId).callback({ ...action, surfaceId: undefined }) }
	}

	/** Presses a button with an action unknown to the module. */
	async press(actionId, options) {
		const action = { id: `action-${this.#nextId++}`, controlId: 'bank:1', actionId, options, surfaceId: undefined }
		await this.#action(actionId).callback(action)
	}

	/** Puts a feedback on a button. */
	show(feedbackId, options) {
		const id = `feedback-${this.#nextId++}`
		this.#placed.set(id, { feedbackId, options, value: undefined })
		this.#check([id])
		return {
			value: () => this.#placed.get(id).value,
			becomes: (value) => until(`${feedbackId} ${JSON.stringify(options)} ${value}`, () => {
				return this.#placed.get(id).value === value
			}, () => this.#placed.get(id).value),
			remove: () => {
				const { feedbackId, options } = this.#placed.get(id)
				this.#placed.delete(id)
				this.feedbacks[feedbackId].unsubscribe?.({ id, feedbackId, options })
			},
		}
	}

	#action(actionId) {
		const action = this.actions[actionId]
		if (!action) throw new Error(`there is no action ${actionId}`)
		return action
	}

	#check(ids) {
		for (const id of ids) {
			// Like Companion: later, and not for removed ones.
			queueMicrotask(async () => {
				const placed = this.#placed.get(id)
				const definition = placed && this.feedbacks[placed.feedbackId]
				if (!definition) return
				const { feedbackId, options } = placed
				const event = { type: definition.type, id, controlId: 'bank:1', feedbackId, options, previousOptions: null }
				placed.value = await definition.callback(event, {})
			})
		}
	}

	#context() {
		const unused = (name) => () => {
			throw new Error(`the module calls ${name}, which this host does not have`)
		}
		return {
			_isInstanceContext: true,
			id: 'instance',
			label: 'downbeat',
			upgradeScripts: [],
			sharedUdpSocketHandlers: new Map(),
			sharedUdpSocketJoin: unused('sharedUdpSocketJoin'),
			sharedUdpSocketLeave: unused('sharedUdpSocketLeave'),
			sharedUdpSocketSend: unused('sharedUdpSocketSend'),
			oscSend: unused('oscSend'),
			recordAction: unused('recordAction'),
			subscribeActions: unused('subscribeActions'),
			unsubscribeActions: unused('unsubscribeActions'),
			unsubscribeFeedbacks: unused('unsubscribeFeedbacks'),
			saveConfig: (config, secrets) => this.saved.push({ config, secrets }),
			updateStatus: (status, message) => (this.status = [status, message]),
			setActionDefinitions: (actions) => (this.actions = actions),
			setFeedbackDefinitions: (feedbacks) => (this.feedbacks = feedbacks),
			setPresetDefinitions: (structure, presets) => Object.assign(this, { structure, presets }),
			setVariableDefinitions: (definitions) => {
				this.variableDefinitions = definitions
				for (const id of Object.keys(this.variables)) if (!(id in definitions)) delete this.variables[id]
			},
			setVariableValues: (values) => {
				for (const [id, value] of Object.entries(values)) {
					if (id in this.variableDefinitions) this.variables[id] = value ?? ''
				}
			},
			getVariableValue: (id) => this.variables[id],
			checkFeedbacks: (types) => {
				this.#check([...this.#placed].filter(([, { feedbackId }]) => types.includes(feedbackId)).map(([id]) => id))
			},
			checkAllFeedbacks: () => this.#check([...this.#placed.keys()]),
			checkFeedbacksById: (ids) => this.#check(ids),
		}
	}
}

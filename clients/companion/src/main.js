// The module: connects a daemon to Companion.

import { InstanceBase, InstanceStatus } from '@companion-module/base'
import { actions } from './actions.js'
import { fields, hasVariable, host } from './config.js'
import { Connection } from './connection.js'
import { feedbacks } from './feedbacks.js'
import { presets } from './presets.js'
import { Show } from './show.js'
import { nodes } from './tree.js'
import { trouble } from './trouble.js'
import { Values } from './values.js'
import { Variables } from './variables.js'
import { CodeNeeded, CodeRefused } from './web.js'

const FEEDBACK = 'feedback:'
const VARIABLE = 'variable:'

/** One connection to one daemon. */
export default class Downbeat extends InstanceBase {
	#config = {}
	#secrets = {}
	/** The last tree: Companion's offers remain when the daemon is lost. */
	#nodes = []
	#connection = null
	#values = new Values((command, path) => this.#connection?.listen(command, path))
	#show = new Show(this.#values, () => this.#connection)
	#variables = new Variables((values) => this.setVariableValues(values))
	/** The last reported reason for a lost daemon: repeated only on change, not with every attempt. */
	#trouble = ''

	async init(config, _isFirst, secrets) {
		await this.configUpdated(config, secrets)
	}

	async configUpdated(config, secrets) {
		this.#config = config
		this.#secrets = secrets ?? {}
		this.#connection?.close()
		this.#connection = null
		// Before a daemon answers: Companion then knows the actions on its buttons, and reports which there are.
		this.#define()
		this.#lose()
		const where = host(config)
		if (!where) return this.updateStatus(InstanceStatus.BadConfig, 'Enter the daemon’s host and port')
		this.#connect(where)
	}

	async destroy() {
		this.#connection?.close()
		this.#variables.close()
	}

	getConfigFields() {
		return fields()
	}

	#connect(where) {
		const { code } = this.#config
		const connection = new Connection({ host: where, key: this.#secrets.key, code: code?.trim() })
		this.#connection = connection
		this.#trouble = ''
		this.updateStatus(InstanceStatus.Connecting, `to ${where}`)
		connection.on('ready', (root) => {
			this.#nodes = nodes(root)
			this.#define()
			this.#values.connected(this.#nodes)
			this.#trouble = ''
			if (this.#nodes.length > 0) this.updateStatus(InstanceStatus.Ok)
			else this.updateStatus(InstanceStatus.UnknownWarning, `${where} answers, but has no show: is it Downbeat?`)
			this.log('info', `connected to ${where}: ${this.#nodes.length} things to read and set`)
			this.checkAllFeedbacks()
		})
		connection.on('changed', (root) => {
			this.#nodes = nodes(root)
			this.#define()
			this.#values.changed(this.#nodes)
			this.checkAllFeedbacks()
		})
		connection.on('value', (path, values) => this.#take(path, values.length === 1 ? values[0] : values))
		connection.on('refused', (why) => this.log('warn', `the daemon refuses: ${why}`))
		connection.on('lost', (error) => this.#report(error, where))
		connection.on('key', (key) => {
			this.#config = { ...this.#config, code: '' }
			this.#secrets = { ...this.#secrets, key }
			this.saveConfig(this.#config, this.#secrets)
		})
		connection.start()
	}

	/** Sends Companion the definitions. */
	#define() {
		this.setActionDefinitions(actions(this.#nodes, this.#show))
		this.setFeedbackDefinitions(feedbacks(this.#nodes, this.#show))
		const before = this.#variables.paths()
		this.setVariableDefinitions(this.#variables.replace(this.#nodes.filter((node) => hasVariable(this.#config, node))))
		const { structure, presets: definitions } = presets(this.#nodes, (path) => {
			const id = this.#variables.id(path)
			return id ? `$(${this.label}:${id})` : ''
		})
		this.setPresetDefinitions(structure, definitions)
		this.#show.replace(this.#nodes)
		for (const path of before) if (!this.#variables.id(path)) this.#values.release(VARIABLE + path)
		for (const path of this.#variables.paths()) this.#values.hold(VARIABLE + path, path)
	}

	#take(path, value) {
		this.#values.take(path, value)
		this.#variables.take(path, value)
		const looking = this.#values.holders(path).filter((holder) => holder.startsWith(FEEDBACK))
		if (looking.length > 0) this.checkFeedbacksById(...looking.map((holder) => holder.slice(FEEDBACK.length)))
	}

	#report(error, where) {
		const message = trouble(error, where)
		this.#lose()
		if (message === this.#trouble) return
		this.#trouble = message
		const locked = error instanceof CodeNeeded || error instanceof CodeRefused
		this.updateStatus(locked ? InstanceStatus.AuthenticationFailure : InstanceStatus.Disconnected, message)
		this.log('warn', `no daemon at ${where}: ${message}`)
	}

	/** All values are unknown now. */
	#lose() {
		this.#values.lost()
		this.#variables.lost()
		this.checkAllFeedbacks()
	}
}

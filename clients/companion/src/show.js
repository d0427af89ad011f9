// The show for actions and feedbacks: its nodes, their values, and how to change them.

/** Connects the tree, the values and the connection. */
export class Show {
	#nodes = new Map()
	#values
	#connection
	#now

	/**
	 * @param {import('./values.js').Values} values
	 * @param {() => import('./connection.js').Connection | null} connection the current one
	 * @param {() => number} now milliseconds
	 */
	constructor(values, connection, now = () => performance.now()) {
		this.#values = values
		this.#connection = connection
		this.#now = now
	}

	/** Sets the tree. */
	replace(nodes) {
		this.#nodes = new Map(nodes.map((node) => [node.path, node]))
	}

	/** Whether the daemon is lost. */
	isLost() {
		return !this.#connection()?.ready
	}

	/** The node at a path. */
	node(path) {
		const node = this.#nodes.get(path)
		if (!node) throw new Error(path ? `the show has no ${path}` : 'nothing chosen: edit the action')
		return node
	}

	/** The same, or undefined. */
	find(path) {
		return this.#nodes.get(path)
	}

	/** `holder` follows a path. */
	hold(holder, path) {
		this.#values.hold(holder, path)
	}

	/** `holder` stops following. */
	release(holder) {
		this.#values.release(holder)
	}

	/** The value of a followed path. */
	told(path) {
		return this.#values.told(path)
	}

	/** The base of a relative action: the value it has just requested, or the current one. */
	async present(id, path) {
		this.#needDaemon()
		const wished = this.#values.wished(path, this.#now())
		if (wished !== undefined) return wished
		if (!this.node(path).readable) throw new Error(`${path} cannot be read, only set`)
		this.hold(`action:${id}`, path)
		return this.#values.heard(path)
	}

	/** Sets the value at a path, now or at a musical moment. */
	set(path, tag, value, when = '') {
		if (!path?.startsWith('/')) throw new Error('nothing to set: edit the action')
		this.#needDaemon()
		this.#connection().command(`${when}${path}`, tag, value)
		if (when === '') this.#values.wish(path, value, this.#now())
	}

	#needDaemon() {
		if (this.isLost()) throw new Error('the daemon is lost; nothing was sent')
	}
}

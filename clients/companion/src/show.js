// The show as actions and feedbacks see it: what there is, what it is now, and how to change it.

/** Ties the tree, the values and the connection together. */
export class Show {
	#nodes = new Map()
	#values
	#connection
	#now

	/**
	 * @param {import('./values.js').Values} values
	 * @param {() => import('./connection.js').Connection | null} connection the one that there is now
	 * @param {() => number} now milliseconds
	 */
	constructor(values, connection, now = () => performance.now()) {
		this.#values = values
		this.#connection = connection
		this.#now = now
	}

	/** The tree is this one. */
	replace(nodes) {
		this.#nodes = new Map(nodes.map((node) => [node.path, node]))
	}

	/** Whether there is no daemon now. */
	isLost() {
		return !this.#connection()?.ready
	}

	/** What is at a path. */
	node(path) {
		const node = this.#nodes.get(path)
		if (!node) throw new Error(path ? `the show has no ${path}` : 'nothing chosen: edit the action')
		return node
	}

	/** The same, or undefined. */
	find(path) {
		return this.#nodes.get(path)
	}

	/** `holder` looks at a path. */
	hold(holder, path) {
		this.#values.hold(holder, path)
	}

	/** `holder` looks no more. */
	release(holder) {
		this.#values.release(holder)
	}

	/** What is at a path that somebody looks at. */
	told(path) {
		return this.#values.told(path)
	}

	/** What an action starts from: what it just asked for itself, or what is. */
	async present(id, path) {
		this.#needDaemon()
		const wished = this.#values.wished(path, this.#now())
		if (wished !== undefined) return wished
		if (!this.node(path).readable) throw new Error(`${path} cannot be read, only set`)
		this.hold(`action:${id}`, path)
		return this.#values.heard(path)
	}

	/** Sets what is at a path, now or when the daemon gets there. */
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

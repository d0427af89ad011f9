// Values of the nodes in use by feedbacks, variables and actions. Only those are subscribed.

/** How long a request counts as the current value: longer than its echo takes, shorter than a mistake lasts. */
const WISHED_MS = 400
/** How long an action waits for its current value. */
const HEARD_MS = 2000

/** Tracks the followers of each path, and its newest value. */
export class Values {
	#listen
	#nodes = new Map()
	#told = new Map()
	#wished = new Map()
	/** Path → followers waiting for its first value. */
	#waiting = new Map()
	/** Path → its followers. */
	#holders = new Map()
	/** Follower → path. */
	#held = new Map()

	/** @param {(command: 'LISTEN' | 'IGNORE', path: string) => void} listen sends to the daemon */
	constructor(listen) {
		this.#listen = listen
	}

	/** `holder` follows `path`, and no other. */
	hold(holder, path) {
		if (this.#held.get(holder) === path) return
		this.release(holder)
		this.#held.set(holder, path)
		const holders = this.#holders.get(path) ?? new Set()
		this.#holders.set(path, holders.add(holder))
		if (holders.size === 1) this.#tell('LISTEN', path)
	}

	/** `holder` stops following. */
	release(holder) {
		const path = this.#held.get(holder)
		if (path === undefined) return
		this.#held.delete(holder)
		const holders = this.#holders.get(path)
		holders.delete(holder)
		if (holders.size > 0) return
		this.#holders.delete(path)
		this.#told.delete(path)
		this.#tell('IGNORE', path)
	}

	/** The followers of a path. */
	holders(path) {
		return [...(this.#holders.get(path) ?? [])]
	}

	/** A connection with this tree: subscribes to everything that is followed. */
	connected(nodes) {
		this.#nodes = new Map(nodes.map((node) => [node.path, node]))
		this.#told.clear()
		for (const path of this.#holders.keys()) this.#tell('LISTEN', path)
	}

	/** The tree has changed: subscribes to new paths; removed ones are gone. */
	changed(nodes) {
		const before = this.#nodes
		this.#nodes = new Map(nodes.map((node) => [node.path, node]))
		for (const path of this.#holders.keys()) {
			if (!this.#nodes.has(path)) this.#told.delete(path)
			else if (!before.has(path)) this.#tell('LISTEN', path)
		}
	}

	/** The daemon's value of a path: a single one, or an array. */
	take(path, value) {
		if (!this.#holders.has(path)) return
		this.#told.set(path, value)
		// The echo has single precision. After it, the value may be changed by anyone.
		const wished = this.#wished.get(path)?.value
		if (value === (typeof wished === 'number' ? Math.fround(wished) : wished)) this.#wished.delete(path)
		for (const heard of this.#waiting.get(path) ?? []) heard(value)
		this.#waiting.delete(path)
	}

	/** The connection is lost, and all values with it. */
	lost() {
		this.#told.clear()
		this.#wished.clear()
	}

	/** The daemon's last value of a followed path; undefined before the first. */
	told(path) {
		return this.#told.get(path)
	}

	/** The same, waiting for the first if necessary. */
	async heard(path) {
		if (this.#told.has(path)) return this.#told.get(path)
		return new Promise((resolve, reject) => {
			const late = setTimeout(() => reject(new Error(`the daemon does not send the value of ${path}`)), HEARD_MS)
			const heard = (value) => {
				clearTimeout(late)
				resolve(value)
			}
			this.#waiting.set(path, [...(this.#waiting.get(path) ?? []), heard])
		})
	}

	/** Records a requested value. Until its echo comes, further steps start from it. */
	wish(path, value, now) {
		this.#wished.set(path, { value, until: now + WISHED_MS })
	}

	/** The value just requested at a path; undefined if there is none. */
	wished(path, now) {
		const wished = this.#wished.get(path)
		return wished && now < wished.until ? wished.value : undefined
	}

	#tell(command, path) {
		if (this.#nodes.get(path)?.readable) this.#listen(command, path)
	}
}

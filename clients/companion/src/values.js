// What the nodes are now, of those that somebody looks at: feedbacks, variables, actions. Nothing else is listened to.

/** For how long what was just asked for counts as what is: longer than its echo takes, shorter than a mistake lasts. */
const WISHED_MS = 400
/** How long an action waits for the value that it starts from. */
const HEARD_MS = 2000

/** Knows who looks at which path, and the newest value there. */
export class Values {
	#listen
	#nodes = new Map()
	#told = new Map()
	#wished = new Map()
	/** Path → those who wait for its first value. */
	#waiting = new Map()
	/** Path → those who look at it. */
	#holders = new Map()
	/** Who looks → path. */
	#held = new Map()

	/** @param {(command: 'LISTEN' | 'IGNORE', path: string) => void} listen tells the daemon */
	constructor(listen) {
		this.#listen = listen
	}

	/** Whoever `holder` is looks at `path`, and at nothing else any more. */
	hold(holder, path) {
		if (this.#held.get(holder) === path) return
		this.release(holder)
		this.#held.set(holder, path)
		const holders = this.#holders.get(path) ?? new Set()
		this.#holders.set(path, holders.add(holder))
		if (holders.size === 1) this.#tell('LISTEN', path)
	}

	/** `holder` looks no more. */
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

	/** Who looks at a path. */
	holders(path) {
		return [...(this.#holders.get(path) ?? [])]
	}

	/** There is a connection with this tree: listens to everything that is looked at, anew. */
	connected(nodes) {
		this.#nodes = new Map(nodes.map((node) => [node.path, node]))
		this.#told.clear()
		for (const path of this.#holders.keys()) this.#tell('LISTEN', path)
	}

	/** The tree has changed: listens to what has come. What has gone is not heard of any more. */
	changed(nodes) {
		const before = this.#nodes
		this.#nodes = new Map(nodes.map((node) => [node.path, node]))
		for (const path of this.#holders.keys()) {
			if (!this.#nodes.has(path)) this.#told.delete(path)
			else if (!before.has(path)) this.#tell('LISTEN', path)
		}
	}

	/** The daemon says what is at a path: one value, or several as an array. */
	take(path, value) {
		if (!this.#holders.has(path)) return
		this.#told.set(path, value)
		// Single precision is what comes back. From here on it may be anybody who changes it.
		const wished = this.#wished.get(path)?.value
		if (value === (typeof wished === 'number' ? Math.fround(wished) : wished)) this.#wished.delete(path)
		for (const heard of this.#waiting.get(path) ?? []) heard(value)
		this.#waiting.delete(path)
	}

	/** The connection is gone, and with it what was known. */
	lost() {
		this.#told.clear()
		this.#wished.clear()
	}

	/** What the daemon last said of a path that somebody looks at; undefined where it has not. */
	told(path) {
		return this.#told.get(path)
	}

	/** The same, after waiting for it where it has not been told yet. */
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

	/** A value was asked for. Until its echo comes, further steps start from it. */
	wish(path, value, now) {
		this.#wished.set(path, { value, until: now + WISHED_MS })
	}

	/** What was just asked for at a path; undefined where nothing was. */
	wished(path, now) {
		const wished = this.#wished.get(path)
		return wished && now < wished.until ? wished.value : undefined
	}

	#tell(command, path) {
		if (this.#nodes.get(path)?.readable) this.#listen(command, path)
	}
}

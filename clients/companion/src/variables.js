// A variable for each value of the tree, updated no more often than a button is readable.

import { rounded } from './numbers.js'

const PERIOD_MS = 100

/** The identifiers of variables, by path. */
export function ids(nodes) {
	const [byPath, taken] = [new Map(), new Set()]
	for (const node of nodes) {
		if (!node.readable || !node.scalar) continue
		const plain = node.path.slice(1).replaceAll(/[^A-Za-z0-9-]/g, '_')
		let id = plain
		for (let count = 2; taken.has(id); count += 1) id = `${plain}_${count}`
		taken.add(id)
		byPath.set(node.path, id)
	}
	return byPath
}

/** The variables of a tree, and their changes. */
export class Variables {
	#set
	#ids = new Map()
	#nodes = new Map()
	#told = new Map()
	#news = {}
	#timer = null

	/** @param {(values: Record<string, unknown>) => void} set sends to Companion */
	constructor(set) {
		this.#set = set
	}

	/**
	 * Sets the tree.
	 * @returns {Record<string, { name: string }>} the definitions
	 */
	replace(nodes) {
		this.#ids = ids(nodes)
		this.#nodes = new Map(nodes.map((node) => [node.path, node]))
		const definitions = {}
		for (const [path, id] of this.#ids) {
			const { group, name, description } = this.#nodes.get(path)
			definitions[id] = { name: `${group}: ${name}. ${description}` }
		}
		for (const path of this.#told.keys()) if (!this.#ids.has(path)) this.#told.delete(path)
		return definitions
	}

	/** The paths with variables. */
	paths() {
		return [...this.#ids.keys()]
	}

	/** The identifier of a path's variable. */
	id(path) {
		return this.#ids.get(path)
	}

	/** A value as shown on buttons. */
	take(path, value) {
		const id = this.#ids.get(path)
		if (!id) return
		const shown = typeof value === 'number' ? rounded(this.#nodes.get(path), value) : value
		if (this.#told.get(path) === shown) return
		this.#told.set(path, shown)
		this.#news[id] = shown
		this.#timer ??= setTimeout(() => this.#tell(), PERIOD_MS)
	}

	/** All values are unknown now. */
	lost() {
		this.#told.clear()
		this.#news = Object.fromEntries([...this.#ids.values()].map((id) => [id, undefined]))
		this.#tell()
	}

	/** Stops. */
	close() {
		clearTimeout(this.#timer)
	}

	#tell() {
		clearTimeout(this.#timer)
		this.#timer = null
		const news = this.#news
		this.#news = {}
		this.#set(news)
	}
}

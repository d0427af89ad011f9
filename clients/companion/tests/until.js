import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition, asked again and again; `seen` says in the failure what was there instead. */
export async function until(what, holds, seen = () => '', limit = 10_000) {
	const end = Date.now() + limit
	while (Date.now() < end) {
		if (await holds()) return
		await sleep(10)
	}
	throw new Error(`not within ${limit} ms: ${what}; it is ${seen()}`)
}

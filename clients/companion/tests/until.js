import { setTimeout as sleep } from 'node:timers/promises'

/** Polls a condition; on failure `seen` describes the actual state. */
export async function until(what, holds, seen = () => '', limit = 10_000) {
	const end = Date.now() + limit
	while (Date.now() < end) {
		if (await holds()) return
		await sleep(10)
	}
	throw new Error(`not within ${limit} ms: ${what}; it is ${seen()}`)
}

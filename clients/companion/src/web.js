// Requests to the daemon's web server over HTTP: the tree, and a key for a code.

const TIMEOUT_MS = 5000
const COOKIE = 'downbeat'

/** The daemon needs a code, or no longer knows the key. */
export class CodeNeeded extends Error {
	constructor() {
		super('a code is needed: run `downbeatctl web` on the daemon’s machine, and enter its code here')
	}
}

/** The code was refused. */
export class CodeRefused extends Error {}

/** The headers with a key. */
export function headers(key) {
	return key ? { Cookie: `${COOKIE}=${key}` } : {}
}

/** The whole OSCQuery tree. */
export async function tree(host, key) {
	const answer = await fetch(`http://${host}/`, {
		headers: { Accept: 'application/json', ...headers(key) },
		signal: AbortSignal.timeout(TIMEOUT_MS),
	})
	if (answer.status === 401) throw new CodeNeeded()
	if (!answer.ok) throw new Error(`http://${host}/ answers ${answer.status}`)
	const json = await answer.json()
	if (!json.CONTENTS) throw new Error(`http://${host}/ is not an OSCQuery server`)
	return json
}

/** The key for a code. */
export async function enter(host, code) {
	const answer = await fetch(`http://${host}/enter`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
		body: `code=${encodeURIComponent(code)}`,
		redirect: 'manual',
		signal: AbortSignal.timeout(TIMEOUT_MS),
	})
	await answer.arrayBuffer()
	for (const cookie of answer.headers.getSetCookie()) {
		const key = cookie.match(/^downbeat=([0-9a-f]+)/)?.[1]
		if (key) return key
	}
	const wait = answer.headers.get('Location')?.endsWith('#wait')
	throw new CodeRefused(
		wait
			? 'too many wrong codes: wait a minute, then save this page again'
			: `the code ${code} is wrong or has expired: \`downbeatctl web\` makes a new one`,
	)
}

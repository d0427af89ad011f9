// Why there is no daemon, for the operator.

/** The text for an error of the connection to `where`. */
export function trouble(error, where) {
	// Errors of fetch have their cause inside; those of a name with several addresses have one for each.
	const { code, message } = error.cause ?? error.errors?.[0] ?? error
	switch (code) {
		case 'ECONNREFUSED':
			return `no answer from ${where}: is downbeatd running, and does its [web] listen there?`
		case 'ENOTFOUND':
		case 'EAI_AGAIN':
			return `unknown host ${where}: enter its address, or pick it from the list`
		case 'EHOSTUNREACH':
		case 'ENETUNREACH':
		case 'ETIMEDOUT':
			return `cannot reach ${where}: is it on, and on the same network?`
		default:
			return message || code || String(error)
	}
}

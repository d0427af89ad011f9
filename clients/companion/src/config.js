// The fields of the connection's page in Companion.

import { Regex } from '@companion-module/base'

const PORT = 9480

/** The fields. */
export function fields() {
	// Companion's own expression: no daemon was picked from the list.
	const byHand = '!$(options:daemon)'
	return [
		{
			id: 'about',
			type: 'static-text',
			width: 12,
			label: 'Downbeat',
			value:
				'On the daemon’s own machine, host and port are enough. On another one, the daemon must serve the network ' +
				'([web] listen = "0.0.0.0:9480") and know this Companion: run `downbeatctl web` there and enter its code.',
		},
		{ id: 'daemon', type: 'bonjour-device', width: 12, label: 'Daemon', disableAutoExpression: true },
		{
			id: 'host',
			type: 'textinput',
			width: 8,
			label: 'Host',
			default: '127.0.0.1',
			regex: Regex.HOSTNAME,
			isVisibleExpression: byHand,
		},
		{
			id: 'port',
			type: 'number',
			width: 4,
			label: 'Port',
			default: PORT,
			min: 1,
			max: 65535,
			asInteger: true,
			isVisibleExpression: byHand,
		},
		{
			id: 'code',
			type: 'textinput',
			width: 6,
			label: 'Code',
			default: '',
			description: 'Six digits from `downbeatctl web`. Needed once; cleared after use.',
		},
		{
			id: 'key',
			type: 'secret-text',
			width: 6,
			label: 'Key',
			default: '',
			description: 'Obtained with the code. Filled in automatically.',
		},
		{
			id: 'variables',
			type: 'dropdown',
			width: 12,
			label: 'Variables',
			choices: [
				{ id: 'all', label: 'For everything readable' },
				{ id: 'some', label: 'For everything but measurements: no audio signals, no counters' },
			],
			default: 'all',
		},
	]
}

/**
 * The address of the daemon, as `host:port`.
 * @returns {string | null} null if the configuration has none
 */
export function host(config) {
	if (config.daemon) return config.daemon
	const name = (config.host ?? '').trim()
	const port = Number(config.port ?? PORT)
	if (!name || !Number.isInteger(port) || port < 1 || port > 65535) return null
	return `${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`
}

/** Whether a node has a variable. */
export function hasVariable(config, node) {
	const measured = node.kind === 'number' && !node.writable
	return config.variables !== 'some' || !measured
}

import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/**
 * A proxy to the daemon under a name that is not the machine's own, so that the daemon treats its clients as remote.
 */
export async function elsewhere(daemonPort) {
	const sockets = new Set()
	const server = createServer((near) => {
		const far = connect(daemonPort, '127.0.0.1')
		for (const socket of [near, far]) {
			sockets.add(socket)
			socket.on('error', () => {})
			socket.on('close', () => [near, far].forEach((end) => end.destroy()))
		}
		near.on('data', (bytes) => {
			// Latin-1 preserves every byte.
			far.write(bytes.toString('latin1').replace(/^host: .*$/im, 'Host: stage.example:9480'), 'latin1')
		})
		far.pipe(near)
	})
	server.listen(0, '127.0.0.1')
	await once(server, 'listening')
	return {
		where: { host: '127.0.0.1', port: server.address().port },
		close: () => {
			server.close()
			for (const socket of sockets) socket.destroy()
		},
	}
}

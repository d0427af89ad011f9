const RATE = 48_000
const BEATS = 16

/** A WAV file with clicks at 120 BPM, mono, 16 bits. */
export function clicks() {
	const samples = Buffer.alloc(2 * RATE * (BEATS / 2))
	for (let beat = 0; beat < BEATS; beat += 1) {
		for (let at = 0; at < RATE / 50; at += 1) {
			const value = Math.sin((2 * Math.PI * 1000 * at) / RATE) * Math.exp(-at / 200) * 30_000
			samples.writeInt16LE(Math.round(value), 2 * ((beat * RATE) / 2 + at))
		}
	}
	const header = Buffer.alloc(44)
	header.write('RIFF', 0)
	header.writeUInt32LE(36 + samples.length, 4)
	header.write('WAVEfmt ', 8)
	header.writeUInt32LE(16, 16)
	header.writeUInt16LE(1, 20)
	header.writeUInt16LE(1, 22)
	header.writeUInt32LE(RATE, 24)
	header.writeUInt32LE(2 * RATE, 28)
	header.writeUInt16LE(2, 32)
	header.writeUInt16LE(16, 34)
	header.write('data', 36)
	header.writeUInt32LE(samples.length, 40)
	return Buffer.concat([header, samples])
}

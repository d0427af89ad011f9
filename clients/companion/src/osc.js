// OSC 1.0 packets, as far as the daemon uses them: messages and bundles in, messages out.

/**
 * The bytes of a message.
 * @param {string} address
 * @param {string} tags one type tag for each value: `f`, `i`, `s`, `T` or `F`
 * @param {(number | string | boolean)[]} values
 */
export function encode(address, tags, values) {
	const parts = [text(address), text(`,${tags}`)]
	for (const [index, tag] of [...tags].entries()) {
		const number = Buffer.alloc(4)
		switch (tag) {
			case 'f':
				number.writeFloatBE(values[index])
				parts.push(number)
				break
			case 'i':
				number.writeInt32BE(values[index])
				parts.push(number)
				break
			case 's':
				parts.push(text(values[index]))
				break
			case 'T':
			case 'F':
				break
			default:
				throw new Error(`OSC type tag \`${tag}\` cannot be sent`)
		}
	}
	return Buffer.concat(parts)
}

/**
 * The messages of a packet, with those of bundles in order.
 * @param {Buffer} packet
 * @returns {{ address: string, values: (number | string | boolean | null)[] }[]}
 */
export function decode(packet) {
	const reader = new Reader(packet)
	const address = reader.text()
	if (address === '#bundle') {
		reader.skip(8)
		const messages = []
		while (!reader.ended()) messages.push(...decode(reader.bytes(reader.length())))
		return messages
	}
	if (!address.startsWith('/')) throw new Error(`an OSC packet begins with \`${address.slice(0, 32)}\``)
	const tags = reader.text()
	if (!tags.startsWith(',')) throw new Error(`the OSC message \`${address}\` has no type tags`)
	return [{ address, values: [...tags.slice(1)].map((tag) => reader.value(tag)) }]
}

function text(string) {
	const bytes = Buffer.from(string, 'utf8')
	const padded = Buffer.alloc(padding(bytes.length + 1))
	bytes.copy(padded)
	return padded
}

/** Everything in OSC is padded to a multiple of four bytes. */
function padding(length) {
	return (length + 3) & ~3
}

class Reader {
	#packet
	#at = 0

	constructor(packet) {
		this.#packet = packet
	}

	ended() {
		return this.#at >= this.#packet.length
	}

	skip(length) {
		this.bytes(length)
	}

	bytes(length) {
		const end = this.#at + length
		if (length < 0 || end > this.#packet.length) throw new Error('an OSC packet ends too early')
		const bytes = this.#packet.subarray(this.#at, end)
		this.#at = end
		return bytes
	}

	length() {
		return this.bytes(4).readInt32BE()
	}

	text() {
		const end = this.#packet.indexOf(0, this.#at)
		if (end < 0) throw new Error('an OSC packet ends too early')
		const string = this.#packet.toString('utf8', this.#at, end)
		this.skip(padding(end - this.#at + 1))
		return string
	}

	value(tag) {
		switch (tag) {
			case 'f':
				return this.bytes(4).readFloatBE()
			case 'd':
				return this.bytes(8).readDoubleBE()
			case 'i':
				return this.length()
			case 's':
				return this.text()
			case 'T':
				return true
			case 'F':
				return false
			case 'N':
			case 'I':
				return null
			default:
				throw new Error(`unknown OSC type tag \`${tag}\``)
		}
	}
}

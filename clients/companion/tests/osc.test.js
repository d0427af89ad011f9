import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from '../src/osc.js'

test('messages have the bytes of the OSC specification', () => {
	// The first example of the specification's appendix.
	const bytes = '2f6f7363 696c6c61 746f722f 342f6672 65717565 6e637900 2c660000 43dc0000'.replaceAll(' ', '')
	assert.equal(encode('/oscillator/4/frequency', 'f', [440]).toString('hex'), bytes)
	assert.deepEqual(decode(Buffer.from(bytes, 'hex')), [{ address: '/oscillator/4/frequency', values: [440] }])
})

test('every kind of value that is sent comes back', () => {
	const values = ['grün', 7, 0.5]
	assert.deepEqual(decode(encode('/a', 'sif', values)), [{ address: '/a', values }])
	assert.deepEqual(decode(encode('/a', 'TF', [true, false])), [{ address: '/a', values: [true, false] }])
})

test('bundles give their messages in order', () => {
	const element = (message) => {
		const length = Buffer.alloc(4)
		length.writeInt32BE(message.length)
		return Buffer.concat([length, message])
	}
	const bundle = (...messages) => {
		return Buffer.concat([Buffer.from('#bundle\0'), Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), ...messages.map(element)])
	}
	const packet = bundle(encode('/a', 'f', [1]), bundle(encode('/b', 's', ['x'])), encode('/c', 'F', [false]))
	assert.deepEqual(decode(packet).map(({ address }) => address), ['/a', '/b', '/c'])
})

test('packets that are cut off anywhere are refused, whatever is in them', () => {
	const packet = encode('/layer/back/scene', 'sf', ['echo', 1])
	for (let length = 0; length < packet.length; length += 1) {
		assert.throws(() => decode(packet.subarray(0, length)), /too early|no type tags/, `${length} bytes`)
	}
	assert.throws(() => decode(encode('nowhere', 'f', [1])), /begins with `nowhere`/)
})

import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { Values } from '../src/values.js'
import { Variables } from '../src/variables.js'

const node = (path, more) => ({ path, kind: 'number', readable: true, writable: true, scalar: true, range: [0, 1], ...more })

test('the daemon is listened to where somebody looks, and nowhere else', () => {
	const said = []
	const values = new Values((command, path) => said.push(`${command} ${path}`))
	const news = () => said.splice(0)
	values.hold('a', '/x')
	assert.deepEqual(news(), [], 'there is nobody to tell yet')
	values.connected([node('/x'), node('/y'), node('/z', { readable: false })])
	assert.deepEqual(news(), ['LISTEN /x'])
	values.hold('b', '/x')
	values.hold('a', '/x')
	assert.deepEqual(news(), [], 'it is listened to already')
	values.hold('a', '/y')
	values.hold('c', '/z')
	values.hold('d', '/nowhere')
	assert.deepEqual(news(), ['LISTEN /y'])
	values.release('b')
	values.release('b')
	assert.deepEqual(news(), ['IGNORE /x'])
	values.changed([node('/y'), node('/nowhere')])
	assert.deepEqual(news(), ['LISTEN /nowhere'])
	values.lost()
	values.connected([node('/y')])
	assert.deepEqual(news(), ['LISTEN /y'])
})

test('what was asked for counts until its echo comes, or does not', () => {
	const values = new Values(() => {})
	values.hold('dial', '/x')
	values.take('/x', Math.fround(0.2))
	values.wish('/x', 0.3, 1000)
	values.wish('/x', 0.4, 1010)
	values.take('/x', Math.fround(0.3))
	assert.equal(values.wished('/x', 1020), 0.4, 'the echo of the first step is not that of the second')
	values.take('/x', Math.fround(0.4))
	assert.equal(values.wished('/x', 1030), undefined)
	values.wish('/x', 0.5, 2000)
	assert.equal(values.wished('/x', 3000), undefined, 'the daemon did not obey')
})

test('variables are told ten times a second at most, the newest of each', () => {
	mock.timers.enable({ apis: ['setTimeout'] })
	try {
		const told = []
		const variables = new Variables((values) => told.push(values))
		variables.replace([node('/x'), node('/y')])
		for (let hundredth = 0; hundredth < 100; hundredth += 1) {
			variables.take('/x', hundredth / 100)
			variables.take('/y', 0.5)
			mock.timers.tick(10)
		}
		assert.equal(told.length, 10)
		assert.deepEqual(told.slice(0, 2), [{ x: 0.09, y: 0.5 }, { x: 0.19 }])
		variables.lost()
		assert.deepEqual(told.at(-1), { x: undefined, y: undefined })
	} finally {
		mock.timers.reset()
	}
})

// Numbers for buttons, and from operators.

/** As many digits as fit a button and are readable. */
export function rounded(node, number) {
	const factor = 10 ** digits(node.range)
	return Math.round(number * factor) / factor
}

function digits(range) {
	const span = range ? range[1] - range[0] : Infinity
	if (span <= 2) return 2
	return span < 1000 ? 1 : 0
}

/** A sensible step for one press or one click of a dial: 1, 2 or 5 times a power of ten. */
export function step(node) {
	const span = node.range ? node.range[1] - node.range[0] : Infinity
	if (!Number.isFinite(span) || span <= 0) return 1
	// Values in units move finely, those from 0 to 1 in twenty steps.
	const wish = span >= 20 ? span / 200 : span / 20
	const zeros = 10 ** Math.floor(Math.log10(wish) + 1e-9)
	const lead = [5, 2, 1].find((lead) => lead <= wish / zeros + 1e-9) ?? 1
	return Number((lead * zeros).toPrecision(3))
}

/** A number, clamped to the range of a node. */
export function within(node, number) {
	const [low, high] = node.range ?? [-Infinity, Infinity]
	return Math.min(high, Math.max(low, number))
}

/** A number from an operator or a variable; NaN if invalid. */
export function parsed(text) {
	// JavaScript converts empty text to zero.
	const number = String(text ?? '').trim() === '' ? NaN : Number(text)
	return Number.isFinite(number) ? number : NaN
}

/** The same, but required. */
export function number(text) {
	const number = parsed(text)
	if (Number.isNaN(number)) throw new Error(`\`${text}\` is not a number`)
	return number
}

// Numbers as a button can show them, and as an operator writes them.

/** As many digits as a button has room for and an eye can follow. */
export function rounded(node, number) {
	const factor = 10 ** digits(node.range)
	return Math.round(number * factor) / factor
}

function digits(range) {
	const span = range ? range[1] - range[0] : Infinity
	if (span <= 2) return 2
	return span < 1000 ? 1 : 0
}

/** A sensible step of a number for one press or one click of a dial: a 1, 2 or 5 with zeros. */
export function step(node) {
	const span = node.range ? node.range[1] - node.range[0] : Infinity
	if (!Number.isFinite(span) || span <= 0) return 1
	// What is counted in units moves finely, what goes from 0 to 1 in twenty steps.
	const wish = span >= 20 ? span / 200 : span / 20
	const zeros = 10 ** Math.floor(Math.log10(wish) + 1e-9)
	const lead = [5, 2, 1].find((lead) => lead <= wish / zeros + 1e-9) ?? 1
	return Number((lead * zeros).toPrecision(3))
}

/** A number within the range of a node. */
export function within(node, number) {
	const [low, high] = node.range ?? [-Infinity, Infinity]
	return Math.min(high, Math.max(low, number))
}

/** What an operator or a variable says, as a number; NaN where it is none. */
export function parsed(text) {
	// To JavaScript an empty text and nothing at all are zero.
	const number = String(text ?? '').trim() === '' ? NaN : Number(text)
	return Number.isFinite(number) ? number : NaN
}

/** The same, where there has to be one. */
export function number(text) {
	const number = parsed(text)
	if (Number.isNaN(number)) throw new Error(`\`${text}\` is not a number`)
	return number
}

// Names that an operator can tell apart. `LABEL` says what a node is; where several have the same, the parts of their
// paths in which they differ say which one it is.

/** Gives each node its `name`. */
export function named(nodes) {
	const alike = new Map()
	for (const node of nodes) {
		const key = `${node.group}\n${node.label}\n${node.path.split('/').length}`
		alike.set(key, [...(alike.get(key) ?? []), node])
	}
	for (const group of alike.values()) {
		const paths = group.map((node) => node.path.split('/').slice(1))
		const differs = paths[0].map((part, place) => paths.some((path) => path[place] !== part))
		group.forEach((node, index) => {
			const which = paths[index].filter((_, place) => differs[place])
			node.name = [...which, node.label].join(' ').trim() || node.path
		})
	}
	return unique(nodes)
}

/** Whatever still has the name of another is called by its path. */
function unique(nodes) {
	const count = new Map()
	for (const node of nodes) count.set(node.name, (count.get(node.name) ?? 0) + 1)
	for (const node of nodes) {
		if (count.get(node.name) > 1) node.name = `${node.path.slice(1).replaceAll('/', ' ')}`
	}
	return nodes
}

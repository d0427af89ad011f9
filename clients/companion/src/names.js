// Unambiguous names. `LABEL` describes a node; if several have the same, the parts of their paths that differ are
// added.

/** Gives each node its `name`. */
export function named(nodes) {
	for (const alike of grouped(nodes, ({ group, label, path }) => `${group}\n${label}\n${parts(path).length}`)) {
		const paths = alike.map(({ path }) => parts(path))
		const differs = paths[0].map((part, place) => paths.some((path) => path[place] !== part))
		alike.forEach((node, index) => {
			const which = paths[index].filter((_, place) => differs[place]).join(' ')
			// If the last part differs it is a name of its own, such as that of a scene; otherwise it is that of an owner.
			node.name = differs.at(-1) ? which : long(which, node.label)
			node.longer = long(which, node.label)
		})
	}
	for (const same of sameNames(nodes)) for (const node of same) node.name = node.longer
	for (const same of sameNames(nodes)) for (const node of same) node.name = parts(node.path).join(' ')
	for (const node of nodes) delete node.longer
	return nodes
}

function parts(path) {
	return path.slice(1).split('/')
}

function long(which, label) {
	return `${which} ${label}`.trim()
}

function sameNames(nodes) {
	return grouped(nodes, ({ group, name }) => `${group}\n${name}`).filter(({ length }) => length > 1)
}

function grouped(nodes, key) {
	const groups = new Map()
	for (const node of nodes) {
		const group = groups.get(key(node)) ?? []
		group.push(node)
		groups.set(key(node), group)
	}
	return [...groups.values()]
}

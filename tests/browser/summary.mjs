// What the walks of a version came to: who reached the thank-you page at which gateway, and what it took.

/** The longest row of requests, in one step, of which each began when the one before was answered. */
export function longestRow(asked) {
  const steps = groups(asked, ({ step }) => step)
  const rows = [...steps.values()].map((requests) => {
    let length = 0
    let free = -Infinity
    for (const { began, ended } of requests.toSorted((one, other) => one.ended - other.ended)) {
      if (began < free) continue
      length += 1
      free = ended
    }
    return { length, step: requests[0].step.name }
  })
  return rows.reduce((longest, row) => (row.length > longest.length ? row : longest), { length: 0, step: '' })
}

/** A line for each gateway that paid and each role, of the walks that bought something. */
export function summary(version, walked) {
  const bought = groups(walked, ({ method, role }) => `${method} ${role}`)
  const sum = (walks, name) => walks.reduce((total, walk) => total + walk[name].length, 0)
  const lines = [...bought.values()].map((walks) => {
    const { length, step } = longestRow(walks.flatMap(({ asked }) => asked))
    const { method, role } = walks[0]
    return [method, role, walks.length, sum(walks, 'asked'), sum(walks, 'refused'), length, step]
  })
  const head = [version, '', 'thanked', 'requests', 'refused', 'longest row', 'in step']
  return [head, ...lines.sort()].map(inColumns)
}

const inColumns = ([method, role, ...cells]) => {
  const step = cells.pop()
  return [method.padEnd(11), role.padEnd(8), ...cells.map((cell) => String(cell).padStart(11)), ` ${step}`].join(' ')
}

function groups(all, keyOf) {
  const found = new Map()
  for (const one of all) found.set(keyOf(one), [...(found.get(keyOf(one)) ?? []), one])
  return found
}

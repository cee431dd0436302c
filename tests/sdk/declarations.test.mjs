// What Billfold declares of its resources, against the types that Commerce Layer's SDK publishes: names,
// kinds and cardinality of all that is read, created and changed.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { publishedResources } from './published.mjs'

const API = JSON.parse(readFileSync(new URL('../../functions/get-openapi/openapi.json', import.meta.url), 'utf8'))

/** What Commerce Layer has nothing like. */
const OWN = ['operations']

/** The types that the API has documents of, but for its own. */
const TYPES = Object.keys(API.components.schemas).filter(
  (name) => API.components.schemas[`${name}_document`] && !OWN.includes(name),
)

/** Why a declaration differs, by the declarations' own test. */
const DECLARED = reasonsOf('../../shared/domain/tests/published_schema/reasons.tsv')

/** Why the SDK's types say something else than Commerce Layer's schema, by which the declarations go. */
const SDK = reasonsOf('declarations.tsv')

/** The ways that a resource's members are seen: of the API's schema, and of the SDK's interface. */
const WAYS = { read: ['', ''], created: ['_creation', 'Create'], changed: ['_change', 'Update'] }

/** What the SDK calls the resources: `StripePayment` by `stripe_payments`. */
const resources = publishedResources('sdk-current')

test('what is declared is what the SDK has, or has its reason', () => {
  const used = new Set()
  const problems = []
  let compared = 0
  for (const type of TYPES) {
    for (const [way, [schema, suffix]] of Object.entries(WAYS)) {
      const ours = declared(API.components.schemas[type + schema]) ?? {}
      const theirs = resources[type]?.[suffix] ?? {}
      compared += Object.keys(ours).length
      for (const [name, difference] of differences(ours, theirs, way)) {
        const reason = [...SDK, ...DECLARED].find((it) => explains(it, type, name, difference))
        if (reason) used.add(reason)
        else problems.push(`${type}.${name}: ${difference}`)
      }
    }
  }
  const unused = SDK.filter((reason) => !used.has(reason))
  problems.push(...unused.map(({ line }) => `a reason for nothing: ${line}`))
  console.log(`${compared} members of ${TYPES.length} types compared`)
  assert.ok(problems.length === 0, problems.join('\n'))
})

test('every type of the API is one of the SDK', () => {
  assert.ok(TYPES.length > 20)
  assert.deepEqual(TYPES.filter((type) => !resources[type]), [])
})

/** Attributes with their kinds and relationships with their cardinality, by name. */
function declared(schema) {
  if (!schema) return undefined
  if (schema.anyOf) return inCommon(schema.anyOf.map(({ $ref }) => declared(API.components.schemas[$ref.split('/').pop()])))
  const { attributes, relationships } = (schema.properties.data ?? schema).properties
  const kinds = Object.entries(attributes?.properties ?? {}).map(([name, it]) => [name, kindOf(it)])
  // What names nothing is no end.
  const given = Object.entries(relationships?.properties ?? {}).filter(([, it]) => !it.properties.data.enum)
  const ends = given.map(([name, it]) => [name, cardinalityOf(it)])
  return Object.fromEntries([...kinds, ...ends])
}

/** What records of each of several types have. */
function inCommon([first, ...others]) {
  return Object.fromEntries(Object.entries(first).filter(([name]) => others.every((it) => name in it)))
}

/** The first of several kinds is the attribute's own. */
function kindOf({ anyOf, type, enum: values, const: value }) {
  if (anyOf) return kindOf(anyOf[0])
  const kinds = [type ?? typeof (values?.find((it) => it !== null) ?? value)].flat().filter((it) => it !== 'null')
  assert.equal(kinds.length, 1, JSON.stringify({ type, values }))
  return kinds[0] === 'integer' ? 'number' : kinds[0]
}

function cardinalityOf({ properties }) {
  return properties.data.type === 'array' ? 'to many' : 'to one'
}

/** What integrations write beyond the SDK is found as that; what is read beyond it has no such excuse. */
function differences(ours, theirs, way) {
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  return [...names].flatMap((name) => {
    if (!ours[name]) return [[name, `not ${way}`]]
    if (!theirs[name]) return [[name, way === 'read' ? "not the SDK's" : `${way} here alone`]]
    return ours[name] === theirs[name] ? [] : [[name, `${ours[name]} and not ${theirs[name]}`]]
  })
}

/** Lines of resource, member, difference and reason. */
function reasonsOf(file) {
  const lines = readFileSync(new URL(file, import.meta.url), 'utf8').trimEnd().split('\n')
  return lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const [type, name, difference, text] = line.split('\t')
      assert.ok(text, `${file}: ${line}`)
      return { type, name: new RegExp(`^${name.replaceAll('*', '.*')}$`), difference, line }
    })
}

/** `*` stands for any type, for any text in a name, and for any difference. */
function explains(reason, type, name, difference) {
  const same = reason.difference === '*' || difference.endsWith(reason.difference)
  return ['*', type].includes(reason.type) && reason.name.test(name) && same
}

// Calls of the API, with tokens of the demo's clients.

import { apiStep, curl, record, shown } from './code.js'

/** What the server told the page. */
export const facts = JSON.parse(document.getElementById('facts').textContent)

const MEDIA_TYPE = 'application/vnd.api+json'
const { username, password, ...salesChannel } = facts.customer
const CREDENTIALS = {
  customer: facts.customer,
  guest: { ...salesChannel, grant_type: 'client_credentials' },
  integration: facts.integration,
}
/** A token is asked for anew when it has less than this left. */
const MARGIN_MS = 60_000
const tokens = {}

/** The answer of the API that refuses. */
export class Refused extends Error {
  name = 'Refused'
  constructor(status, errors) {
    super(errors[0]?.detail ?? `The answer was ${status}.`)
    this.status = status
    this.errors = errors
  }
  has(code) {
    return this.errors.some((it) => it.code === code)
  }
}

/** A token of this kind of client. */
export async function token(as) {
  if (!(tokens[as]?.until > Date.now() + MARGIN_MS)) tokens[as] = { until: Infinity, asked: ask(as) }
  try {
    const answer = await tokens[as].asked
    tokens[as].until = (answer.created_at + answer.expires_in) * 1000
    return answer.access_token
  } catch (error) {
    delete tokens[as]
    throw error
  }
}

async function ask(as) {
  const body = JSON.stringify(CREDENTIALS[as])
  const began = performance.now()
  const answer = await fetch('/oauth/token', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const read = await answer.json()
  if (as === 'customer') {
    record({
      title: 'Sign the customer in', who: 'As the storefront', status: answer.status, ms: performance.now() - began,
      curl: curl('POST', `${facts.url}/oauth/token`, ['Content-Type: application/json'], JSON.stringify(CREDENTIALS[as], null, 2)),
      sdk: `import { authenticate } from '@commercelayer/js-auth'\nimport { CommerceLayer } from '@commercelayer/sdk/bundle'\n\nconst { accessToken } = await authenticate('password', {\n  clientId: '${salesChannel.client_id}',\n  scope: '${salesChannel.scope}',\n  username: '${username}',\n  password: '${password}',\n})\nconst client = CommerceLayer({ organization: 'demo', accessToken })`,
      answer: shown(read),
    })
  }
  if (!answer.ok) throw new Refused(answer.status, [{ detail: read.error_description }])
  return read
}

/** Calls the API; what has a title is shown as code. Gives the answer as records. */
export async function call(as, method, path, { title, query = '', body } = {}) {
  const access = await token(as)
  const url = path + (query && `?${query}`)
  const headers = { accept: MEDIA_TYPE, authorization: `Bearer ${access}` }
  if (body) headers['content-type'] = MEDIA_TYPE
  const began = performance.now()
  let status = 0
  let answer = null
  try {
    const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) })
    status = response.status
    const text = await response.text()
    answer = text ? JSON.parse(text) : null
  } finally {
    const ms = performance.now() - began
    if (title) record(apiStep({ as, title, method, url: facts.url + url, path, query, body, status, answer, ms }))
  }
  if (status >= 400) throw new Refused(status, answer?.errors ?? [])
  return answer && records(answer)
}

export const get = (as, path, options) => call(as, 'GET', path, options)

/** Makes a record; relationships are `[type, id]`. */
export const create = (as, type, attributes, relationships = {}, options = {}) =>
  call(as, 'POST', `/api/${type}`, { ...options, body: { data: { type, attributes, relationships: related(relationships) } } })

/** Changes a record. */
export const update = (as, type, id, attributes, relationships = {}, options = {}) => {
  const data = { type, id }
  if (Object.keys(attributes).length) data.attributes = attributes
  if (Object.keys(relationships).length) data.relationships = related(relationships)
  return call(as, 'PATCH', `/api/${type}/${id}`, { ...options, body: { data } })
}

const related = (relationships) =>
  Object.fromEntries(Object.entries(relationships).map(([name, [type, id]]) => [name, { data: { type, id } }]))

/** How deep what is included is followed. */
const DEEPEST = 3

/** A document as records: attributes, and what is included under its relationship's name. */
function records(document) {
  const key = ({ type, id }) => `${type} ${id}`
  const all = new Map([...(document.included ?? []), ...[document.data].flat()].filter(Boolean).map((it) => [key(it), it]))
  const build = (reference, depth) => {
    const found = all.get(key(reference))
    const record = { type: reference.type, id: reference.id, ...found?.attributes }
    for (const [name, { data }] of Object.entries(found?.relationships ?? {})) {
      if (data === undefined || depth > DEEPEST) continue
      record[name] = Array.isArray(data) ? data.map((it) => build(it, depth + 1)) : data && build(data, depth + 1)
    }
    return record
  }
  const { data } = document
  return Array.isArray(data) ? data.map((it) => build(it, 0)) : data && build(data, 0)
}

// Every step as code: the request as curl, the call of the official SDK, and the answer.

import { copy, el, fill } from './dom.js'
import { duration } from './words.js'

const MOST_STEPS = 60
const TABS = [['curl', 'curl'], ['sdk', 'SDK'], ['answer', 'Answer']]
const CLIENTS = { customer: ['client', '$TOKEN'], guest: ['guest', '$GUEST_TOKEN'], integration: ['backend', '$INTEGRATION_TOKEN'] }

const steps = []
let chosen = null
let tab = 'curl'

/** Shows a step that was just taken. */
export function record(step) {
  steps.unshift({ at: Date.now(), ...step })
  steps.length = Math.min(steps.length, MOST_STEPS)
  chosen = steps[0]
  show()
}

function show() {
  const tabs = TABS.map(([name, title]) =>
    el('button', {
      type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'listing', 'aria-selected': String(name === tab),
      tabindex: name === tab ? '0' : '-1', onclick: () => choose(name), onkeydown: arrows,
    }, title))
  const text = chosen[tab]
  fill('code-detail', el('div', { class: 'stack' },
    el('p', {}, el('strong', {}, chosen.title), el('br'), el('span', { class: 'quiet' }, chosen.who)),
    el('div', { class: 'tabs', role: 'tablist', 'aria-label': 'The step as' }, tabs),
    el('div', { class: 'listing' },
      el('pre', { id: 'listing', role: 'tabpanel', tabindex: '0', 'aria-labelledby': `tab-${tab}` }, el('code', {}, text)),
      el('button', { type: 'button', class: 'plain', onclick: (event) => copy(text, event.currentTarget) }, 'Copy')),
    el('ol', { class: 'steps', 'aria-label': 'What was done, the newest first' }, steps.map(row))))
}

const row = (step) =>
  el('li', {}, el('button', { type: 'button', 'aria-current': step === chosen ? 'true' : null, onclick: () => { chosen = step; show() } },
    el('span', {}, step.title),
    el('span', { class: 'quiet number' }, `${step.status || 'no answer'} · ${duration(step.ms)}`)))

function choose(name) {
  tab = name
  show()
  document.getElementById(`tab-${name}`).focus()
}

function arrows(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (!step) return
  const index = TABS.findIndex(([name]) => name === tab)
  choose(TABS.at((index + step) % TABS.length)[0])
}

/** A request of the API, as code. */
export function apiStep({ as, title, method, url, path, query, body, status, answer, ms }) {
  const [, variable] = CLIENTS[as]
  const headers = [`Authorization: Bearer ${variable}`, 'Accept: application/vnd.api+json']
  if (body) headers.push('Content-Type: application/vnd.api+json')
  const who = { customer: 'As the shopper, signed in', guest: 'As a guest', integration: "As the shop's back end" }[as]
  return { title, who, status, ms, curl: curl(method, url, headers, body && JSON.stringify(body, null, 2)), sdk: sdk(as, method, path, query, body), answer: shown(answer) }
}

/** The answer as text; of tokens their beginning alone. */
export const shown = (answer) =>
  answer ? JSON.stringify(answer, (name, value) => (/secret|token$/.test(name) && typeof value === 'string' ? `${value.slice(0, 8)}…` : value), 2) : '(nothing)'

/** A request as a command of the shell. */
export function curl(method, url, headers, body) {
  const lines = [`curl -g${method === 'GET' ? '' : ` -X ${method}`} '${url}'`]
  for (const header of headers) lines.push(header.includes('$') ? `-H "${header}"` : `-H '${header}'`)
  if (body) lines.push(`-d '${body.replaceAll("'", "'\\''")}'`)
  return lines.join(' \\\n  ')
}

function sdk(as, method, path, query, body) {
  const [client] = CLIENTS[as]
  const [type, id, related] = path.split('/').slice(2)
  const parameters = parametersOf(query)
  const call = (name, ...given) => `await ${client}.${type}.${name}(${given.filter(Boolean).join(', ')})`
  if (related) return call(related, `'${id}'`, parameters)
  if (method === 'GET') return id ? call('retrieve', `'${id}'`, parameters) : call('list', parameters)
  if (method === 'DELETE') return call('delete', `'${id}'`)
  const { attributes = {}, relationships = {} } = body.data
  const members = [
    ...(id ? [['id', literal(id)]] : []),
    ...Object.entries(attributes).map(([name, value]) => [name, literal(value, '  ')]),
    ...Object.entries(relationships).map(([name, { data }]) => [name, `${client}.${data.type}.relationship('${data.id}')`]),
  ]
  const lines = members.map(([name, value]) => `  ${name}: ${value},\n`).join('')
  return call(id ? 'update' : 'create', `{\n${lines}}`, parameters)
}

function parametersOf(query) {
  const all = {}
  for (const [name, value] of new URLSearchParams(query)) {
    const [, within] = name.match(/\[(.+)\]/) ?? []
    if (name === 'include') all.include = value.split(',')
    else if (name === 'sort') all.sort = value.split(',')
    else if (name === 'page[size]') all.pageSize = Number(value)
    else if (name.startsWith('filter')) all.filters = { ...all.filters, [within.replace(/^q\]\[/, '')]: value }
  }
  return Object.keys(all).length ? literal(all) : ''
}

function literal(value, indent = '') {
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map((it) => literal(it, indent)).join(', ')}]`
  if (value === null || typeof value !== 'object') return String(value)
  const members = Object.entries(value).map(([name, it]) => `${/^\w+$/.test(name) ? name : `'${name}'`}: ${literal(it, indent)}`)
  return `{ ${members.join(', ')} }`
}


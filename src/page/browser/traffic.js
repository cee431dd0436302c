// What is said between Billfold and the gateways, and the switches for what goes wrong.

import { facts } from './api.js'
import { button, el, field, fill, part } from './dom.js'
import { duration, timeOf } from './words.js'

const MOST_ROWS = 150
const title = (name) => facts.gateways.find((it) => it.name === name)?.title ?? name

const FAULTS = [
  ['drop_after', 'The answer is lost, after it took effect'],
  ['drop_before', 'The request is lost, nothing happens'],
  ['delay', 'The answer is three seconds late'],
  ['status_429', 'Too many requests (429)'],
  ['status_500', 'An error of the gateway (500)'],
  ['status_402', 'Declined (402)'],
  ['garbage', 'The answer is no JSON'],
]
const DELAY_MS = 3_000
const WORDS = Object.fromEntries(FAULTS)

const rows = new Map()
let body = null

export function begin() {
  body = el('tbody', {}, el('tr', { class: 'none' }, el('td', { class: 'quiet', colspan: '6' }, 'Nothing was asked yet. Pay an order, and see what is said.')))
  fill('traffic-detail', el('div', { class: 'feed', tabindex: '0', role: 'region', 'aria-label': 'Requests and events, the newest first' },
    el('table', {},
      el('thead', {}, el('tr', {}, ['When', 'From', 'Step', 'Idempotency key', 'Answer', 'Took'].map((name) => el('th', { scope: 'col' }, name)))),
      body)))
  beginFaults()
}

/** A request came to a gateway, or was answered. */
export function exchanged(it) {
  const key = `${it.gateway} ${it.number}`
  const from = it.from === 'billfold' ? `Billfold → ${title(it.gateway)}` : `Browser → ${title(it.gateway)}`
  put(key, el('tr', {},
    el('td', { class: 'number' }, timeOf(it.at)),
    el('td', {}, from),
    el('td', {}, el('details', {}, el('summary', {}, it.step ?? 'a request'),
      el('pre', { tabindex: '0' }, el('code', {}, `${it.method} ${it.path}\n${it.body ? JSON.stringify(it.body, null, 2) : ''}`)))),
    el('td', {}, it.key ? el('code', { class: 'key', title: it.key }, it.key) : ''),
    el('td', {}, answerOf(it)),
    el('td', { class: 'number' }, it.took_ms === null ? '…' : duration(it.took_ms))), it.at)
}

function answerOf(it) {
  if (it.dropped) return el('span', { class: 'pill bad' }, 'lost')
  if (it.status === null) return el('span', { class: 'pill' }, 'waiting')
  const tone = it.status < 300 ? 'good' : it.status < 500 ? 'warn' : 'bad'
  return [el('span', { class: `pill ${tone}` }, String(it.status)), it.replayed ? ' again' : '']
}

/** An event of a gateway's was sent to Billfold. */
export function told(it) {
  put(`event ${it.number}`, el('tr', { class: 'is-event' },
    el('td', { class: 'number' }, timeOf(it.at)),
    el('td', {}, `${title(it.gateway)} → Billfold`),
    el('td', {}, el('code', {}, it.kind)),
    el('td', {}, el('code', { class: 'key', title: it.event }, it.event)),
    el('td', {}, el('span', { class: `pill ${it.status && it.status < 300 ? 'good' : 'bad'}` }, it.status ? String(it.status) : 'not taken')),
    el('td', {}, 'event')), it.at)
}

/** The newest come first; what is there already is replaced. */
function put(key, row, at) {
  row.dataset.at = at
  body.querySelector('.none')?.remove()
  const before = rows.get(key)
  rows.set(key, row)
  if (before) {
    row.querySelector('details')?.toggleAttribute('open', before.querySelector('details')?.open ?? false)
    return before.replaceWith(row)
  }
  const older = [...body.children].find((it) => Number(it.dataset.at) <= at)
  body.insertBefore(row, older ?? null)
  if (body.children.length > MOST_ROWS) body.lastElementChild.remove()
}

async function send(method, path, value) {
  const headers = value ? { 'content-type': 'application/json' } : {}
  const answer = await fetch(path, { method, headers, body: value && JSON.stringify(value) })
  part('fault-notice').textContent = answer.ok ? '' : `This did not work: ${await answer.text()}`
}

function beginFaults() {
  const gateway = el('select', {}, facts.gateways.map((it) => el('option', { value: it.name }, it.title)))
  const fault = el('select', {}, FAULTS.map(([value, words]) => el('option', { value }, words)))
  const times = el('input', { type: 'number', min: '1', max: '20', value: '1', required: true })
  const form = el('form', { class: 'stack', id: 'faults' },
    el('h3', {}, 'Break something'),
    el('p', { class: 'quiet' }, 'The next requests that change something meet it. Nothing is lost, nothing is done twice.'),
    field('At', gateway), field('What goes wrong', fault), field('How often', times),
    el('div', { class: 'row' }, el('button', { type: 'submit' }, 'Switch on')))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    send('POST', `/page/faults/${gateway.value}`, { method: 'POST', fault: fault.value, times: Number(times.value), delay_ms: fault.value === 'delay' ? DELAY_MS : 0 })
  })
  const twice = el('input', { type: 'checkbox', onchange: () => tell() })
  const backwards = el('input', { type: 'checkbox', onchange: () => tell() })
  const tell = () => send('PUT', '/page/telling', { copies: twice.checked ? 2 : 1, newest_first: backwards.checked })
  fill('faults-detail', el('div', { class: 'stack' }, form,
    el('div', { id: 'fault-list', class: 'stack', 'aria-live': 'polite' }),
    el('fieldset', { class: 'stack' }, el('legend', {}, 'Events come'),
      el('label', { class: 'check' }, twice, 'twice'),
      el('label', { class: 'check' }, backwards, 'the newest first')),
    el('p', { id: 'fault-notice', role: 'status', class: 'quiet' })))
  faults.show = ({ telling }) => {
    twice.checked = telling.copies > 1
    backwards.checked = telling.newest_first
  }
}

/** What is switched on. */
export function faults(state) {
  faults.show(state)
  const waiting = Object.entries(state.waiting).filter(([, orders]) => orders.length)
  fill('fault-list', ...waiting.map(([name, orders]) => el('div', { class: 'notice warn' },
    el('strong', {}, title(name)),
    el('ul', {}, orders.map((it) => el('li', {}, `${WORDS[it.fault] ?? it.fault}, ${it.times === 1 ? 'once' : `${it.times} times`}`))),
    button('Switch off', () => send('DELETE', `/page/faults/${name}`), { class: 'plain', 'aria-label': `Switch off: ${title(name)}` }))))
}

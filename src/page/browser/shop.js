// What is looked at: the orders, one of them chosen, the wallet, and what is owed to gateways.

import { get } from './api.js'
import { el, fill, part } from './dom.js'
import { problem } from './words.js'

export const shop = { orders: [], order: null, wallet: [], operations: [], chosen: new URLSearchParams(location.search).get('order') }

const views = []
const hint = part('order-notice').firstElementChild
const SOON_MS = 250
let soon = null
let reading = Promise.resolve()
let waiting = null

/** Has a part of the page drawn whenever something has changed. */
export const shownBy = (view) => views.push(view)

/** Reads everything anew. Who asks while it is being read waits for the next reading. */
export function refresh() {
  waiting ??= reading.catch(() => {}).then(() => {
    waiting = null
    return (reading = read())
  })
  return waiting
}

/** Reads everything anew in a moment: many changes are read once. */
export function refreshSoon() {
  clearTimeout(soon)
  soon = setTimeout(() => refresh().catch(tell), SOON_MS)
}

const ORDER = 'customer,payment_method,payment_source,line_items,transactions,available_payment_methods,available_customer_payment_sources'

async function read() {
  const query = (parameters) => ({ query: new URLSearchParams(parameters).toString() })
  const [orders, wallet, operations] = await Promise.all([
    get('integration', '/api/orders', query({ sort: '-created_at', include: 'payment_method,payment_source', 'page[size]': 25 })),
    get('customer', '/api/customer_payment_sources', query({ include: 'payment_source,payment_method', 'page[size]': 25 })),
    get('integration', '/api/operations', query({ include: 'order' })),
  ])
  orders.sort((one, other) => Number(one.number) - Number(other.number))
  if (!orders.some(({ id }) => id === shop.chosen)) shop.chosen = orders[0]?.id ?? null
  const order = shop.chosen && (await get('integration', `/api/orders/${shop.chosen}`, query({ include: ORDER })))
  Object.assign(shop, { orders, wallet, operations, order })
  for (const view of views) view()
}

/** Chooses an order. */
export async function choose(id) {
  shop.chosen = id
  history.replaceState(null, '', `?order=${id}`)
  fill('order-notice', hint)
  await refresh()
}

/** Does something, reads everything anew, and says what came of it. */
export async function act(work) {
  let say
  try {
    const said = await work()
    say = () => said && notice('good', said)
  } catch (error) {
    say = () => tell(error)
  }
  await refresh().then(say, tell)
  if (document.activeElement === document.body) part('order-title').focus()
}

/** Says what went wrong, and what to do. */
export function tell(error) {
  const [what, todo] = problem(error)
  notice('bad', what, todo)
}

const notice = (tone, what, todo) => fill('order-notice', el('div', { class: `notice ${tone}` }, el('strong', {}, what), todo))

const drawn = new WeakMap()

/** Draws a part of the page, unless what it shows is as before. What somebody is typing there stays. */
export function draw(id, shows, make) {
  const key = JSON.stringify(shows)
  if (drawn.get(part(id)) === key) return
  drawn.set(part(id), key)
  const inputs = () => [...part(id).querySelectorAll('input[name][inputmode]')]
  const typed = new Map(inputs().filter((it) => it.value !== it.defaultValue).map((it) => [it.name, it.value]))
  const { name } = document.activeElement
  fill(id, ...[make()].flat())
  for (const input of inputs()) {
    input.value = typed.get(input.name) ?? input.value
    if (input.name === name) input.focus()
  }
}

// The page: reads what there is, draws it, and follows what is new.

import { facts, token } from './api.js'
import { copy, part } from './dom.js'
import * as orders from './orders.js'
import { refresh, refreshSoon, shownBy, tell } from './shop.js'
import { speed } from './speed.js'
import * as traffic from './traffic.js'
import { wallet } from './wallet.js'

const COPIES = {
  url: () => facts.url,
  token: async () => `TOKEN=${await token('customer')}`,
  request: () => `curl -s ${facts.url}/api/orders -H "Authorization: Bearer $TOKEN"`,
}

orders.begin()
traffic.begin()
speed([])
for (const view of [orders.orders, orders.order, wallet]) shownBy(view)
for (const button of document.querySelectorAll('[data-copies]')) {
  button.addEventListener('click', async () => copy(await COPIES[button.dataset.copies](), button))
}
part('bank').querySelector('button').addEventListener('click', () => part('bank').close())
follow()
await refresh().catch(tell)

/** Hears what is new; a browser asks again by itself where the stream breaks. */
function follow() {
  const stream = new EventSource('/page/stream')
  const hear = (name, use) => stream.addEventListener(name, ({ data }) => use(JSON.parse(data)))
  hear('traffic', (it) => {
    traffic.exchanged(it)
    // What the sweeper carries on changes orders as well.
    if (it.from === 'billfold' && it.took_ms !== null) refreshSoon()
  })
  hear('told', traffic.told)
  hear('faults', traffic.faults)
  hear('speed', speed)
  hear('changed', refreshSoon)
  stream.onopen = () => live('is-on', 'Live')
  stream.onerror = () => live('is-off', 'Not connected: is the server running?')
}

function live(name, words) {
  part('live').className = name
  part('live').textContent = words
}

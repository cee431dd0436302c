// A shop on one machine: Billfold with a domain, the shop's page, and its back end, which fills carts.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { startServer } from '../sdk/server.mjs'
import { pageWith } from './build.mjs'

/** The domain that Billfold serves. */
export const DOMAIN = 'shop.localhost'

/** What can be bought: twice a shirt and once a cap, 129.00 EUR. */
const LINES = [
  { sku_code: 'TSHIRT-WHITE-M', name: 'White T-shirt, M', quantity: 2, unit_amount_cents: 4500, total_amount_cents: 9000 },
  { sku_code: 'CAP-BLACK', name: 'Black cap', quantity: 1, unit_amount_cents: 3900, total_amount_cents: 3900 },
]
const AMOUNTS = {
  subtotal_amount_cents: 12900,
  total_amount_cents: 12900,
  total_amount_with_taxes_cents: 12900,
  shipping_amount_cents: 0,
  payment_method_amount_cents: 0,
}
const MARKET = { data: { type: 'markets', id: 'dlQbPhNNop' } }

/** Opens a shop whose page has this version of the components. */
export async function openShop(components) {
  const data = await mkdtemp(join(tmpdir(), 'billfold-browser-'))
  const server = await startServer({}, ['--data', data, '--domain', DOMAIN, '--https', '0'])
  const page = await servePage(await pageWith(components, DOMAIN))
  const shop = {
    server,
    url: page.url,
    certificate: await readFile(join(data, 'certificate.pem'), 'utf8'),
    async close() {
      page.close()
      await server.stop()
      await rm(data, { recursive: true })
    },
  }
  const backEnd = backEndOf(server.url, page.url)
  return { ...shop, ...backEnd }
}

async function servePage(script) {
  const index = await readFile(new URL('page/index.html', import.meta.url))
  const server = createServer((request, response) => {
    const isScript = request.url === '/shop.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : index)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://localhost:${server.address().port}`,
    close: () => server.close().closeAllConnections(),
  }
}

/** What the shop's own system does: customers who have a password, carts, a look at an order. */
function backEndOf(url, page) {
  let customers = 0

  async function ask(method, path, body, token) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/vnd.api+json' }
    const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
    return text && JSON.parse(text).data
  }

  async function token(client) {
    const body = JSON.stringify({ grant_type: 'client_credentials', ...client })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/oauth/token`, { method: 'POST', headers, body })
    return (await answer.json()).access_token
  }
  const integration = token({ client_id: 'demo-integration', client_secret: 'demo-integration-secret' })
  const make = async (type, attributes, relationships) =>
    ask('POST', `/api/${type}`, { data: { type, attributes, relationships } }, await integration)

  return {
    /** A customer who has signed up. */
    async customer() {
      const person = { username: `customer-${(customers += 1)}@example.com`, password: 'a-password' }
      const { id } = await make('customers', { email: person.username, password: person.password })
      return { id, ...person }
    },

    /** A filled cart of this customer's, or of a guest's; with a frequency, of somebody who subscribes. */
    async cart(customer, frequency) {
      const whose = customer ? { customer: { data: { type: 'customers', id: customer.id } } } : {}
      const attributes = { currency_code: 'EUR', language_code: 'en', guest: !customer, ...AMOUNTS }
      const order = await make('orders', attributes, { market: MARKET, ...whose })
      for (const line of LINES) {
        const attributes = { item_type: 'skus', currency_code: 'EUR', frequency, ...line }
        await make('line_items', attributes, { order: { data: { type: 'orders', id: order.id } } })
      }
      // Where a bank sends the shopper who pays with what was kept.
      const back = { type: 'orders', id: order.id, attributes: { return_url: `${page}/${order.id}` } }
      await ask('PATCH', `/api/orders/${order.id}`, { data: back }, await integration)
      return order.id
    },

    /** How many authorizations an order has, failed ones too. */
    async authorizations(id) {
      return (await ask('GET', `/api/orders/${id}/authorizations`, undefined, await integration)).length
    },

    /** The attributes of an order. */
    async order(id) {
      return (await ask('GET', `/api/orders/${id}`, undefined, await integration)).attributes
    },
  }
}

// Orders as the shop's order system brings them, and what becomes of them.

import assert from 'node:assert/strict'

import { gap } from '../gap.mjs'
import { payWithStripe, save } from '../paying.mjs'
import { DEMO } from '../shop.mjs'
import { confirmAtStripe } from '../shopper.mjs'

/** What a shop's order system says about an order, amounts and status included. */
const ORDER = {
  status: 'pending',
  language_code: 'it',
  currency_code: 'EUR',
  country_code: 'IT',
  tax_included: true,
  customer_email: 'customer@example.com',
  subtotal_amount_cents: 9000,
  shipping_amount_cents: 700,
  discount_amount_cents: -500,
  total_tax_amount_cents: 1659,
  total_amount_cents: 9200,
  total_amount_with_taxes_cents: 9200,
  reference: 'erp-2026-1',
  reference_origin: 'erp',
  metadata: { warehouse: 'Milano' },
}

const BACK_END = "orders and their metadata come from the shop's order system alone"

const ADDRESS = {
  first_name: 'Ada',
  last_name: 'Example',
  line_1: "Via dell'Esempio 5",
  city: 'Milano',
  zip_code: '20121',
  state_code: 'MI',
  country_code: 'IT',
  phone: '+39 02 0000 0000',
}

let brought = 0

/** The demo customer's order, with a number of its own, with addresses and one line item; gives it with all of them. */
async function bring(client, changes = {}) {
  const [shipping, billing] = [await client.addresses.create(ADDRESS), await client.addresses.create(ADDRESS)]
  const order = await client.orders.create({
    ...ORDER,
    number: `2026-${++brought}`,
    market: client.markets.relationship(DEMO.market),
    customer: client.customers.relationship(DEMO.customer),
    shipping_address: client.addresses.relationship(shipping.id),
    billing_address: client.addresses.relationship(billing.id),
    payment_method: client.payment_methods.relationship(DEMO.stripeMethod),
    ...changes,
  })
  await client.line_items.create({
    sku_code: 'TSHIRT-WHITE-M',
    name: 'White T-shirt, M',
    quantity: 2,
    unit_amount_cents: 4500,
    order: client.orders.relationship(order.id),
  })
  return order
}

function hasAll(record, attributes) {
  for (const [name, value] of Object.entries(attributes)) assert.deepEqual(record[name], value, name)
}

export const orders = {
  async 'an order is brought with everything, and read back as it was given'({ integration }) {
    const client = await integration()
    const created = await bring(client)
    hasAll(created, ORDER)
    const include = ['market', 'customer', 'shipping_address', 'billing_address', 'payment_method', 'line_items']
    const read = await client.orders.retrieve(created.id, { include })
    hasAll(read, ORDER)
    assert.equal(read.total_amount_with_taxes_float, 92)
    assert.equal(read.formatted_total_amount_with_taxes, '€92,00')
    assert.equal(read.market.id, DEMO.market)
    assert.equal(read.customer.id, DEMO.customer)
    assert.equal(read.payment_method.id, DEMO.stripeMethod)
    for (const address of [read.shipping_address, read.billing_address]) hasAll(address, ADDRESS)
    assert.deepEqual(Array.from(read.line_items, (item) => item.sku_code), ['TSHIRT-WHITE-M'])
    await client.orders.delete(created.id)
  },

  async 'an order needs no more than a market'({ integration }) {
    const client = await integration()
    const order = await client.orders.create({ market: client.markets.relationship(DEMO.market) })
    assert.equal(order.status, 'draft')
    assert.equal(order.payment_status, 'unpaid')
    assert.equal(order.fulfillment_status, 'unfulfilled')
    await client.orders.delete(order.id)
    await assert.rejects(client.orders.retrieve(order.id), { status: 404 })
  },

  async 'orders are found by reference, number, customer and status'({ integration }) {
    const client = await integration()
    const { id } = await bring(client, { reference: 'erp-find-me', number: '2026-find-me' })
    const found = async (filters) => Array.from(await client.orders.list({ filters, pageSize: 25 }), (it) => it.id)
    assert.deepEqual(await found({ reference_eq: 'erp-find-me' }), [id])
    assert.deepEqual(await found({ number_eq: '2026-find-me', status_in: ['pending', 'placed'] }), [id])
    assert.ok((await found({ customer_email_eq: 'customer@example.com', created_at_gteq: '2026-01-01' })).includes(id))
    await client.orders.delete(id)
  },

  async 'the newest orders come first'({ integration }) {
    const client = await integration()
    const { id } = await bring(client)
    const page = await client.orders.list({ sort: { created_at: 'desc' }, pageSize: 2, include: ['customer'] })
    assert.equal(page.first().id, id)
    assert.equal(page.first().customer.id, DEMO.customer)
    assert.equal(page.length, 2)
    assert.ok(page.recordCount >= 7)
    await client.orders.delete(id)
  },

  async 'a customer pays a brought order and keeps the card'(shop) {
    const back = await shop.integration()
    const { id } = await bring(back)
    const client = await shop.customer()
    const payment = await payWithStripe(client, id, 'pm_card_jcb')
    assert.equal(payment.payment_instrument.card_type, 'jcb')
    const saved = await save(client, id)
    assert.ok(saved.available_customer_payment_sources.length >= 1)
    const mine = await client.customers.orders(DEMO.customer, { pageSize: 25, sort: { created_at: 'desc' } })
    assert.ok(Array.from(mine).some((order) => order.id === id))
  },

  async 'the order system places an order, and the shopper changes it no more'({ integration, customer }) {
    const back = await integration()
    const { id } = await bring(back)
    const placed = await back.orders.update({
      id,
      status: 'placed',
      payment_status: 'authorized',
      placed_at: '2026-02-03T04:05:06.000Z',
    })
    hasAll(placed, { status: 'placed', payment_status: 'authorized', placed_at: '2026-02-03T04:05:06.000Z' })
    const client = await customer()
    assert.equal((await client.orders.retrieve(id)).status, 'placed')
    const payment_method = client.payment_methods.relationship(DEMO.checkoutComMethod)
    const changing = client.orders.update({ id, payment_method })
    await assert.rejects(changing, { status: 422 })
  },

  async 'a changed total is seen at the payment source'(shop) {
    const back = await shop.integration()
    const { id } = await bring(back)
    const client = await shop.customer()
    const payment = await payWithStripe(client, id)
    assert.equal(payment.mismatched_amounts, false)
    await back.orders.update({ id, total_amount_cents: 9300, total_amount_with_taxes_cents: 9300 })
    const { payment_source: source } = await client.orders.retrieve(id, { include: ['payment_source'] })
    assert.equal(source.mismatched_amounts, true)
  },

  'a guest makes an order': gap(BACK_END, { status: 401 }, async ({ guest }) => {
    const client = await guest()
    const order = await client.orders.create({ metadata: { cart: 'a' }, customer_email: 'guest@example.com' })
    assert.equal(order.status, 'draft')
    assert.equal(order.guest, true)
    assert.deepEqual((await client.orders.retrieve(order.id)).metadata, { cart: 'a' })
  }),

  async 'a shopper notes something on an order'({ customer }) {
    const client = await customer()
    const order = await client.orders.update({ id: DEMO.stripeOrder, metadata: { gift: true } })
    assert.deepEqual(order.metadata, { gift: true })
  },

  async 'a paid order is placed, captured and refunded'(shop) {
    const client = await shop.customer()
    const payment = await payWithStripe(client, DEMO.secondStripeOrder)
    await confirmAtStripe(shop, payment)
    const id = DEMO.secondStripeOrder
    const order = await client.orders.update({ id, _place: true })
    assert.equal(order.status, 'placed')

    const backend = await shop.integration()
    const captured = await backend.orders.update({ id, _approve_and_capture: true }, { include: ['captures'] })
    assert.equal(captured.payment_status, 'paid')
    const [capture] = captured.captures
    await backend.captures.update({ id: capture.id, _refund: true, _refund_amount_cents: 100 })
    const refunds = await backend.orders.refunds(id)
    assert.deepEqual([...refunds].map((it) => [it.amount_cents, it.succeeded]), [[100, true]])
  },
}

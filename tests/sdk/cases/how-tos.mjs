// Commerce Layer's how-tos for payment sources and wallets, end to end.

import assert from 'node:assert/strict'

import { payWithCheckoutCom, payWithExternal, payWithKlarna, payWithStripe, save } from '../paying.mjs'
import { DEMO } from '../shop.mjs'

/** What each page does: a source for an order is saved, and put on an order anew. */
async function saveAndReuse(client, { paid, order, next = order }) {
  const saved = await save(client, order)
  const entry = saved.available_customer_payment_sources.at(-1)
  assert.equal(entry.type, 'customer_payment_sources')
  for (const attribute of ['name', 'customer_token', 'payment_source_token', 'created_at', 'updated_at']) {
    assert.equal(typeof entry[attribute], 'string', attribute)
  }
  assert.equal(entry.reference, null)
  assert.deepEqual(entry.metadata, {})

  const reused = await client.orders.update(
    { id: next, _customer_payment_source_id: entry.id },
    { include: ['payment_source'] },
  )
  assert.equal(reused.payment_source.type, paid.type)
  assert.notEqual(reused.payment_source.id, paid.id)

  const listed = await client.customer_payment_sources.list()
  assert.ok(listed.some(({ id }) => id === entry.id))
  return { entry, source: reused.payment_source }
}

export const howTos = {
  async 'a Stripe payment source is added to an order'(shop) {
    const client = await shop.customer()
    const order = await client.orders.retrieve(DEMO.secondStripeOrder, { include: ['payment_method'] })
    assert.equal(order.payment_method.id, DEMO.stripeMethod)
    assert.equal(order.payment_method.payment_source_type, 'stripe_payments')

    const payment = await client.stripe_payments.create({ order: client.orders.relationship(order) })
    assert.equal(payment.type, 'stripe_payments')
    assert.match(payment.stripe_id, /^pi_/)
    assert.ok(payment.client_secret.startsWith(`${payment.stripe_id}_secret_`))
    const { payment_source: source } = await client.orders.retrieve(order.id, { include: ['payment_source'] })
    assert.equal(source.id, payment.id)
  },

  async 'a Stripe payment source is reused'(shop) {
    const client = await shop.customer()
    const order = DEMO.stripeOrder
    const paid = await payWithStripe(client, order, 'pm_1IixtoEw0yMev2I0jGzoT9Js')
    assert.deepEqual(paid.options, { id: 'pm_1IixtoEw0yMev2I0jGzoT9Js', setup_future_usage: 'off_session' })
    const { entry, source } = await saveAndReuse(client, { paid, order, next: DEMO.secondStripeOrder })
    assert.equal(entry.name, 'XXXX-XXXX-XXXX-4242')
    assert.equal(source.payment_instrument.card_last_digits, '4242')
    assert.equal(source.payment_instrument.issuer_type, 'credit card')
  },

  async 'a Checkout.com payment source is reused'(shop) {
    const client = await shop.customer()
    const order = DEMO.checkoutComOrder
    const paid = await payWithCheckoutCom(client, order)
    assert.equal(paid.payment_response.status, 'Authorized')
    const { entry, source } = await saveAndReuse(client, { paid, order })
    assert.equal(entry.payment_source_token, paid.payment_response.source.id)
    assert.equal(source.payment_response.source.last4, '4242')
  },

  async 'a Klarna payment source is reused'(shop) {
    const client = await shop.customer()
    const order = DEMO.klarnaOrder
    const paid = await payWithKlarna(shop, client, order)
    assert.ok(paid.auth_token)
    const { source } = await saveAndReuse(client, { paid, order })
    assert.ok(source.auth_token && source.payment_instrument.issuer_type)
  },

  async 'an external payment source is reused'(shop) {
    const client = await shop.customer()
    const order = DEMO.externalOrder
    const paid = await payWithExternal(client, order)
    assert.equal(paid.payment_source_token, 'xxxx.yyyy.zzzz')
    const { entry } = await saveAndReuse(client, { paid, order })
    assert.notEqual(entry.payment_source_token, paid.payment_source_token)
  },
}

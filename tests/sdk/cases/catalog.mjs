// Payment methods and gateways, kept by the shop's back end and offered to shoppers.

import assert from 'node:assert/strict'

import { DEMO } from '../shop.mjs'

/** Each type of gateway: what it is made with, and what no answer shows. */
const GATEWAYS = {
  stripe_gateways: { login: 'sk_test_sdk', publishable_key: 'pk_test_sdk' },
  checkout_com_gateways: { secret_key: 'sk_sbox_sdk', public_key: 'pk_sbox_sdk' },
  klarna_gateways: { country_code: 'EU', api_key: 'klarna_test_sdk', api_secret: 'sdk' },
  external_gateways: {},
}

function gatewayCase([type, credentials]) {
  const name = `${type} are created, listed, read, changed and deleted`
  return [
    name,
    async ({ integration }) => {
      const client = await integration()
      const created = await client[type].create({ name: 'SDK shop', reference: `sdk-${type}`, ...credentials })
      assert.equal(created.type, type)
      for (const secret of Object.keys(credentials)) assert.ok(!(secret in created), `${secret} is shown`)

      const listed = await client[type].list({ filters: { reference_eq: `sdk-${type}` } })
      assert.deepEqual(Array.from(listed, ({ id }) => id), [created.id])
      const common = await client.payment_gateways.retrieve(created.id)
      assert.equal(common.name, 'SDK shop')

      const changed = await client[type].update({ id: created.id, name: 'SDK shop 2', metadata: { a: 1 } })
      assert.equal(changed.name, 'SDK shop 2')
      const read = await client[type].retrieve(created.id, { include: ['payment_methods'] })
      assert.deepEqual(read.metadata, { a: 1 })
      assert.deepEqual(read.payment_methods, [])

      await client[type].delete(created.id)
      await assert.rejects(client[type].retrieve(created.id), { status: 404 })
    },
  ]
}

export const catalog = {
  ...Object.fromEntries(Object.entries(GATEWAYS).map(gatewayCase)),

  async 'an external gateway shows its secret to integrations, and makes another'({ integration }) {
    const client = await integration()
    const made = await client.external_gateways.create({ name: 'Signs' })
    assert.match(made.shared_secret, /^[0-9a-f]{32}$/)
    const changed = await client.external_gateways.update({ id: made.id, _regenerate_shared_secret: true })
    assert.match(changed.shared_secret, /^[0-9a-f]{32}$/)
    assert.notEqual(changed.shared_secret, made.shared_secret)
    await client.external_gateways.delete(made.id)
  },

  async 'every gateway is listed as what they have in common'({ integration }) {
    const client = await integration()
    const gateways = await client.payment_gateways.list({ pageSize: 25, sort: ['created_at'] })
    assert.ok(gateways.recordCount >= 4)
    const stripe = Array.from(gateways).find(({ id }) => id === DEMO.stripeGateway)
    assert.equal(typeof stripe.name, 'string')
  },

  async 'a payment method is created, offered, changed, disabled and deleted'({ integration, guest }) {
    const client = await integration()
    const shopper = await guest()
    const offered = async () => {
      const methods = await shopper.orders.available_payment_methods(DEMO.guestOrder, { pageSize: 25 })
      return Array.from(methods, ({ id }) => id)
    }
    const created = await client.payment_methods.create({
      payment_source_type: 'stripe_payments',
      currency_code: 'EUR',
      price_amount_cents: 250,
      reference: 'sdk-method',
      market: client.markets.relationship(DEMO.market),
      payment_gateway: client.payment_gateways.relationship(DEMO.stripeGateway),
    })
    assert.equal(created.name, 'Stripe Payment')
    assert.equal(created.formatted_price_amount, '€2,50')
    assert.equal(created.require_capture, true)
    assert.ok((await offered()).includes(created.id))

    const changed = await client.payment_methods.update({ id: created.id, name: 'Cards', price_amount_cents: 0 })
    assert.equal(changed.name, 'Cards')
    const disabled = await client.payment_methods.update({ id: created.id, _disable: true })
    assert.equal(typeof disabled.disabled_at, 'string')
    assert.ok(!(await offered()).includes(created.id))
    const enabled = await client.payment_methods.update({ id: created.id, _enable: true })
    assert.equal(enabled.disabled_at, null)

    const found = await client.payment_methods.list({
      filters: { reference_eq: 'sdk-method' },
      include: ['payment_gateway', 'market'],
    })
    assert.equal(found.recordCount, 1)
    assert.equal(found.first().payment_gateway.id, DEMO.stripeGateway)
    assert.equal(found.first().market.code, 'europe')

    await client.payment_methods.delete(created.id)
    await assert.rejects(client.payment_methods.retrieve(created.id), { status: 404 })
    assert.ok(!(await offered()).includes(created.id))
  },

  async 'shoppers list and read the methods that are offered'({ guest }) {
    const client = await guest()
    const methods = await client.payment_methods.list({ sort: ['created_at'], pageSize: 25 })
    assert.ok(Array.from(methods).some(({ id }) => id === DEMO.stripeMethod))
    const method = await client.payment_methods.retrieve(DEMO.stripeMethod)
    assert.equal(method.payment_source_type, 'stripe_payments')
    assert.equal(method.price_amount_float, 0)
  },

  async 'lists are sorted both ways'({ integration }) {
    const client = await integration()
    const names = async (sort) => Array.from(await client.payment_methods.list({ sort, pageSize: 25 }), (it) => it.name)
    const ascending = await names({ name: 'asc', created_at: 'asc' })
    assert.deepEqual(ascending, ascending.toSorted())
    assert.deepEqual(await names({ name: 'desc', created_at: 'desc' }), ascending.toReversed())
  },
}

// include, sparse fields and related records, as the SDK joins them.

import assert from 'node:assert/strict'

import { payWithStripe } from '../paying.mjs'
import { DEMO } from '../shop.mjs'

export const queries = {
  async 'without include there are no related records'({ customer }) {
    const order = await (await customer()).orders.retrieve(DEMO.stripeOrder)
    for (const name of ['market', 'customer', 'payment_source', 'line_items']) assert.ok(!(name in order), name)
    assert.deepEqual(order.metadata, {})
    assert.equal(order.formatted_total_amount_with_taxes, '€129,00')
    assert.equal(order.total_amount_with_taxes_float, 129)
  },

  async 'a related record that is not there is null, a list of none empty'({ guest }) {
    const order = await (await guest()).orders.retrieve(DEMO.guestOrder, {
      include: ['customer', 'available_customer_payment_sources'],
    })
    assert.equal(order.customer, null)
    assert.deepEqual(order.available_customer_payment_sources, [])
  },

  async 'only the fields that are named come'({ customer }) {
    const order = await (await customer()).orders.retrieve(DEMO.stripeOrder, { fields: ['number', 'status'] })
    assert.deepEqual(Object.keys(order).sort(), ['id', 'number', 'status', 'type'])
  },

  async 'fields hold for included records too'({ customer }) {
    const order = await (await customer()).orders.retrieve(DEMO.stripeOrder, {
      include: ['market', 'line_items'],
      fields: { orders: ['number', 'market', 'line_items'], markets: ['name'], line_items: ['sku_code', 'quantity'] },
    })
    assert.deepEqual(order.market, { id: DEMO.market, type: 'markets', name: 'Europe' })
    assert.equal(order.line_items.length, 2)
    for (const item of order.line_items) {
      assert.deepEqual(Object.keys(item).sort(), ['id', 'quantity', 'sku_code', 'type'])
    }
  },

  async 'an included record whose name is not among the fields does not come'({ customer }) {
    const order = await (await customer()).orders.retrieve(DEMO.stripeOrder, {
      include: ['market'],
      fields: ['number'],
    })
    assert.ok(!('market' in order))
  },

  async 'fields hold for what is created and changed'({ customer }) {
    const client = await customer()
    const order = client.orders.relationship(DEMO.stripeOrder)
    const payment = await client.stripe_payments.create({ order }, { fields: ['stripe_id'] })
    assert.deepEqual(Object.keys(payment).sort(), ['id', 'stripe_id', 'type'])
    const changed = await client.orders.update({ id: DEMO.stripeOrder }, { fields: ['status'] })
    assert.deepEqual(changed, { id: DEMO.stripeOrder, type: 'orders', status: 'pending' })
  },

  async 'an order leads to its records'({ customer }) {
    const { orders } = await customer()
    const id = DEMO.stripeOrder
    assert.equal((await orders.market(id)).id, DEMO.market)
    assert.equal((await orders.customer(id)).id, DEMO.customer)
    assert.equal((await orders.shipping_address(id)).type, 'addresses')
    assert.equal((await orders.billing_address(id)).type, 'addresses')
    assert.equal((await orders.payment_method(id)).id, DEMO.stripeMethod)
    assert.equal((await orders.line_items(id)).recordCount, 2)
    assert.equal((await orders.shipments(id)).recordCount, 1)
  },

  async 'an order leads to the methods that it may be paid with'({ guest }) {
    const methods = await (await guest()).orders.available_payment_methods(DEMO.guestOrder, { pageSize: 25 })
    assert.equal(methods.length, 4)
    assert.equal(methods.recordCount, 4)
  },

  async 'records lead to what they belong to'({ customer, integration }) {
    const client = await customer()
    const [item] = await client.orders.line_items(DEMO.stripeOrder)
    assert.equal((await client.line_items.order(item.id)).id, DEMO.stripeOrder)
    const [shipment] = await client.orders.shipments(DEMO.stripeOrder)
    assert.equal((await client.shipments.order(shipment.id)).id, DEMO.stripeOrder)
    assert.equal((await client.payment_methods.market(DEMO.stripeMethod)).id, DEMO.market)
    const back = await integration()
    assert.equal((await back.payment_methods.payment_gateway(DEMO.stripeMethod)).id, DEMO.stripeGateway)
  },

  async 'a payment source leads to its order'(shop) {
    const client = await shop.customer()
    const payment = await payWithStripe(client, DEMO.secondStripeOrder)
    assert.equal((await client.stripe_payments.order(payment.id)).id, DEMO.secondStripeOrder)
    const read = await client.stripe_payments.retrieve(payment.id, { include: ['order', 'order.market'] })
    assert.equal(read.order.market.code, 'europe')
  },

  async 'a customer leads to the orders, one list of them all'({ customer }) {
    const client = await customer()
    const orders = await client.customers.orders(DEMO.customer, { pageSize: 25, fields: ['number'] })
    assert.ok(orders.recordCount >= 5)
    assert.ok(Array.from(orders).every((order) => order.type === 'orders' && order.status === undefined))
  },

  async 'circles of included records end'({ customer }) {
    const order = await (await customer()).orders.retrieve(DEMO.stripeOrder, {
      include: ['line_items', 'line_items.order'],
    })
    assert.equal(order.line_items[0].order.id, order.id)
  },
}

// A customer's wallet: lists, entries, and the lists that orders and customers lead to.

import assert from 'node:assert/strict'

import { payWithExternal, save, savedCard } from '../paying.mjs'
import { DEMO } from '../shop.mjs'

function ids(list) {
  return Array.from(list, ({ id }) => id).sort()
}

export const wallet = {
  async 'the newest entry comes first, each with its payment source'(shop) {
    await savedCard(shop, 'pm_card_mastercard')
    const client = await shop.customer()
    const entries = await client.customer_payment_sources.list({
      include: ['payment_source'],
      sort: { updated_at: 'desc' },
      pageNumber: 1,
      pageSize: 10,
    })
    const times = Array.from(entries, (entry) => entry.updated_at)
    assert.deepEqual(times, times.toSorted().reverse())
    for (const { payment_source: source } of entries) {
      assert.match(source.type, /_payments$/)
      assert.equal(typeof source.payment_instrument.issuer_type, 'string')
    }
  },

  async 'pages are counted and cut'(shop) {
    await savedCard(shop, 'pm_card_visa')
    await savedCard(shop, 'pm_card_amex')
    const client = await shop.customer()
    const first = await client.customer_payment_sources.list({ pageNumber: 1, pageSize: 1, sort: ['created_at'] })
    assert.equal(first.length, 1)
    assert.ok(first.recordCount >= 2)
    assert.equal(first.pageCount, first.recordCount)
    assert.ok(first.hasNextPage())
    const second = await client.customer_payment_sources.list({ pageNumber: 2, pageSize: 1, sort: ['created_at'] })
    assert.notEqual(second.first().id, first.first().id)
    assert.equal(await client.customer_payment_sources.count(), first.recordCount)
  },

  async 'a page beyond the last is empty'(shop) {
    const client = await shop.customer()
    const page = await client.customer_payment_sources.list({ pageNumber: 99, pageSize: 25 })
    assert.equal(page.length, 0)
    assert.ok(!page.hasNextPage())
  },

  async 'entries are found by token, as subscriptions find them'(shop) {
    const card = await savedCard(shop)
    const client = await shop.customer()
    const filters = { payment_source_token_eq: card.payment_source_token }
    const found = await client.customer_payment_sources.list({ filters })
    assert.deepEqual(ids(found), [card.id])
  },

  async 'filters all hold, and count'(shop) {
    const card = await savedCard(shop)
    const client = await shop.customer()
    const filters = { name_end: '4242', created_at_gteq: '2026-01-01', id_in: [card.id, 'NoSuchEnty'] }
    const found = await client.customer_payment_sources.list({ filters })
    assert.deepEqual(ids(found), [card.id])
    assert.equal(await client.customer_payment_sources.count(filters), 1)
    assert.equal(await client.customer_payment_sources.count({ ...filters, name_end: '0000' }), 0)
  },

  async 'a customer is read with the wallet'(shop) {
    const card = await savedCard(shop)
    const client = await shop.customer()
    const customer = await client.customers.retrieve(DEMO.customer, {
      include: ['customer_payment_sources', 'customer_payment_sources.payment_source'],
    })
    assert.equal(customer.email, 'customer@example.com')
    assert.equal(customer.has_password, true)
    const entry = customer.customer_payment_sources.find(({ id }) => id === card.id)
    assert.equal(entry.payment_source.payment_instrument.card_last_digits, '4242')
  },

  async 'orders and customers lead to the wallet'(shop) {
    const card = await savedCard(shop)
    const client = await shop.customer()
    const ofCustomer = await client.customers.customer_payment_sources(DEMO.customer, { pageSize: 25 })
    assert.ok(ids(ofCustomer).includes(card.id))
    const ofOrder = await client.orders.available_customer_payment_sources(DEMO.secondStripeOrder, {
      include: ['payment_source', 'payment_method'],
    })
    const entry = ofOrder.find(({ id }) => id === card.id)
    assert.equal(entry.payment_source.type, 'stripe_payments')
    assert.equal(ofOrder.recordCount, ofOrder.length)
  },

  async 'an entry is read, with its customer and what it leads to'(shop) {
    const { id } = await savedCard(shop)
    const client = await shop.customer()
    const entry = await client.customer_payment_sources.retrieve(id, { include: ['customer', 'payment_method'] })
    assert.equal(entry.customer.id, DEMO.customer)
    assert.equal((await client.customer_payment_sources.customer(id)).id, DEMO.customer)
  },

  async 'a customer notes something on an entry'(shop) {
    const { id } = await savedCard(shop)
    const client = await shop.customer()
    const metadata = { nickname: 'blue card' }
    const changed = await client.customer_payment_sources.update({ id, reference: 'card-1', metadata })
    assert.equal(changed.reference, 'card-1')
    assert.deepEqual((await client.customer_payment_sources.retrieve(id)).metadata, metadata)
  },

  async 'a deleted entry is gone for everyone'(shop) {
    const { id } = await savedCard(shop, 'pm_card_discover')
    const client = await shop.customer()
    assert.equal(await client.customer_payment_sources.delete(id), undefined)
    await assert.rejects(client.customer_payment_sources.retrieve(id), { status: 404 })
    const integration = await shop.integration()
    await assert.rejects(integration.customer_payment_sources.retrieve(id), { status: 404 })
  },

  async 'an integration lists wallets and reads any entry'(shop) {
    const { id } = await savedCard(shop)
    const client = await shop.integration()
    const found = await client.customer_payment_sources.list({ filters: { id_eq: id }, include: ['customer'] })
    assert.equal(found.first().customer.id, DEMO.customer)
    assert.equal((await client.customer_payment_sources.retrieve(id)).id, id)
  },

  async 'an integration puts a card that the gateway knows into a wallet'({ integration, customer }) {
    const client = await integration()
    const made = await client.customer_payment_sources.create({
      customer_token: 'cus_imported',
      payment_source_token: 'pm_imported',
      reference: 'imported-1',
      customer: client.customers.relationship(DEMO.customer),
      payment_method: client.payment_methods.relationship(DEMO.stripeMethod),
    })
    assert.equal(made.payment_source_token, 'pm_imported')
    assert.equal(made.reference, 'imported-1')
    const owner = await customer()
    assert.equal((await owner.customer_payment_sources.retrieve(made.id)).id, made.id)
    await owner.customer_payment_sources.delete(made.id)
  },

  async 'an external payment leads to its entry'(shop) {
    const client = await shop.customer()
    const payment = await payWithExternal(client, DEMO.externalOrder, 'of-the-wallet')
    const order = await save(client, DEMO.externalOrder)
    const entry = await client.external_payments.wallet(payment.id)
    assert.ok(ids(order.available_customer_payment_sources).includes(entry.id))
  },
}

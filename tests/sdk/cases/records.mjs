// The records that surround orders, kept by the shop's back end.

import assert from 'node:assert/strict'

import { DEMO } from '../shop.mjs'

const ADDRESS = {
  first_name: 'Grace',
  last_name: 'Example',
  line_1: 'Beispielweg 7',
  city: 'Wien',
  zip_code: '1010',
  country_code: 'AT',
  phone: '+43 1 000 0000',
}

/** Another record that one of these is made for. */
function address(client) {
  return client.addresses.create(ADDRESS)
}

/** Each type: the attributes it is made with and one change to them, and its relationships. */
const TYPES = {
  markets: {
    attributes: { name: 'Americas', code: 'americas' },
    change: { name: 'The Americas' },
  },
  skus: {
    attributes: {
      code: 'BAG-RED',
      name: 'Red bag',
      description: 'A bag',
      image_url: 'https://shop.example/bag.jpg',
      pieces_per_pack: 6,
      weight: 300.5,
      unit_of_weight: 'gr',
      hs_tariff_number: '4202',
      do_not_ship: false,
      do_not_track: true,
    },
    change: { name: 'Big red bag', weight: 400 },
  },
  customers: {
    attributes: { email: 'sdk@example.com' },
    change: { email: 'sdk-2@example.com' },
  },
  addresses: {
    attributes: ADDRESS,
    change: { line_1: 'Beispielweg 8' },
  },
  customer_addresses: {
    attributes: { customer_email: 'customer@example.com' },
    change: { reference: 'sdk-2' },
    relationships: async (client) => ({
      customer: client.customers.relationship(DEMO.customer),
      address: client.addresses.relationship(await address(client)),
    }),
  },
  shipping_methods: {
    attributes: {
      name: 'Standard Shipping',
      scheme: 'flat',
      currency_code: 'EUR',
      price_amount_cents: 700,
      free_over_amount_cents: 9900,
    },
    change: { price_amount_cents: 900 },
    relationships: async (client) => ({ market: client.markets.relationship(DEMO.market) }),
  },
  line_items: {
    attributes: { sku_code: 'SOCKS-BLUE', name: 'Blue socks', quantity: 2, unit_amount_cents: 800 },
    change: { quantity: 3 },
    relationships: async (client) => ({ order: client.orders.relationship(DEMO.externalOrder) }),
  },
  shipments: {
    attributes: {},
    change: { reference: 'sdk-2' },
    relationships: async (client) => ({
      order: client.orders.relationship(DEMO.externalOrder),
      shipping_address: client.addresses.relationship(await address(client)),
    }),
  },
  line_item_options: {
    attributes: { name: 'Embossing', quantity: 1, unit_amount_cents: 500, options: { embossing: 'G. E.' } },
    change: { options: { embossing: 'Grace' } },
    relationships: async (client) => {
      const [item] = await client.orders.line_items(DEMO.externalOrder)
      return { line_item: client.line_items.relationship(item) }
    },
  },
}

function hasAll(record, attributes) {
  for (const [name, value] of Object.entries(attributes)) assert.deepEqual(record[name], value, name)
}

function recordCase([type, { attributes, change, relationships = async () => ({}) }]) {
  const name = `${type} are created, listed, read, changed and deleted`
  return [
    name,
    async ({ integration }) => {
      const client = await integration()
      const given = { reference: `sdk-${type}`, metadata: { made: 'by the SDK' }, ...attributes }
      const related = await relationships(client)
      const created = await client[type].create({ ...given, ...related })
      assert.equal(created.type, type)
      hasAll(created, given)

      const listed = await client[type].list({ filters: { id_eq: created.id } })
      assert.deepEqual(Array.from(listed, ({ id }) => id), [created.id])
      assert.ok((await client[type].count()) >= 1)

      const read = await client[type].retrieve(created.id, { include: Object.keys(related) })
      hasAll(read, given)
      for (const [relationship, { id }] of Object.entries(related)) assert.equal(read[relationship].id, id)

      const changed = await client[type].update({ id: created.id, ...change })
      hasAll(changed, { ...given, ...change })

      assert.equal(await client[type].delete(created.id), undefined)
      await assert.rejects(client[type].retrieve(created.id), { status: 404 })
    },
  ]
}

export const records = {
  ...Object.fromEntries(Object.entries(TYPES).map(recordCase)),

  async 'an address knows its names'({ integration }) {
    const client = await integration()
    const { id, full_name: fullName, name } = await address(client)
    assert.equal(fullName, 'Grace Example')
    assert.match(name, /^Grace Example, Beispielweg 7, 1010 Wien/)
    await client.addresses.delete(id)
  },

  async 'a customer is there once for an e-mail: 422'({ integration }) {
    const client = await integration()
    const again = await client.customers.create({ email: 'customer@example.com' }).catch((it) => it)
    assert.equal(again.status, 422, JSON.stringify(again))
    assert.equal(again.first().source.pointer, '/data/attributes/email')
    assert.equal(again.first().meta.error, 'taken')
  },

  async 'a market is there once for a code: 422'({ integration }) {
    const client = await integration()
    const again = await client.markets.create({ name: 'Europe again', code: 'europe' }).catch((it) => it)
    assert.equal(again.status, 422, JSON.stringify(again))
    assert.equal(again.first().source.pointer, '/data/attributes/code')
  },

  async 'a new customer signs in with the password'({ integration, auth, sdk }) {
    const client = await integration()
    const made = await client.customers.create({ email: 'new@example.com', password: 'a-good-password' })
    assert.equal(made.has_password, true)
    assert.equal(made.password, undefined)
    const answer = await auth.authenticate('password', {
      clientId: 'demo-sales-channel',
      scope: 'market:code:europe',
      username: 'new@example.com',
      password: 'a-good-password',
      domain: 'shop.example',
    })
    assert.equal(answer.ownerId, made.id, JSON.stringify(answer.errors))
    const own = await sdk(answer.accessToken).customers.retrieve(made.id)
    assert.equal(own.email, 'new@example.com')
  },

  async 'a customer reads the address book, each entry with its address'({ integration, customer }) {
    const back = await integration()
    const { id } = await address(back)
    const entry = await back.customer_addresses.create({
      customer_email: 'customer@example.com',
      customer: back.customers.relationship(DEMO.customer),
      address: back.addresses.relationship(id),
    })
    const client = await customer()
    const book = await client.customer_addresses.list({ include: ['address'], pageSize: 10 })
    const found = Array.from(book).find((it) => it.id === entry.id)
    assert.equal(found.address.full_name, 'Grace Example')
    const { customer_addresses: own } = await client.customers.retrieve(DEMO.customer, {
      include: ['customer_addresses', 'customer_addresses.address'],
    })
    assert.ok(own.some((it) => it.id === entry.id && it.address.city === 'Wien'))
  },

  async 'an order is shipped as its back end says, and leads to how'({ integration, customer }) {
    const back = await integration()
    const method = await back.shipping_methods.create({
      name: 'Express',
      currency_code: 'EUR',
      price_amount_cents: 1500,
      market: back.markets.relationship(DEMO.market),
    })
    const [shipment] = await back.orders.shipments(DEMO.stripeOrder)
    const shipping_method = back.shipping_methods.relationship(method.id)
    await back.shipments.update({ id: shipment.id, shipping_method })
    const client = await customer()
    assert.equal((await client.shipments.shipping_method(shipment.id)).formatted_price_amount, '€15,00')
    const offered = await client.shipments.available_shipping_methods(shipment.id)
    assert.ok(Array.from(offered).some(({ id }) => id === method.id))
    const { shipments } = await client.orders.retrieve(DEMO.stripeOrder, { include: ['shipments.shipping_method'] })
    assert.equal(shipments[0].shipping_method.name, 'Express')
  },

  async 'a line of an order leads to its options, and they to it'({ integration }) {
    const client = await integration()
    const [item] = await client.orders.line_items(DEMO.klarnaOrder)
    const option = await client.line_item_options.create({
      name: 'Gift wrap',
      quantity: 1,
      options: { colour: 'red' },
      line_item: client.line_items.relationship(item.id),
    })
    const options = await client.line_items.line_item_options(item.id)
    assert.deepEqual(Array.from(options, ({ id }) => id), [option.id])
    assert.equal((await client.line_item_options.line_item(option.id)).id, item.id)
    await client.line_item_options.delete(option.id)
  },

  async 'shoppers read skus and markets, and change none: 401'({ guest, integration }) {
    const back = await integration()
    const sku = await back.skus.create({ code: 'HAT-GREEN', name: 'Green hat' })
    const client = await guest()
    assert.equal((await client.skus.retrieve(sku.id)).code, 'HAT-GREEN')
    assert.equal((await client.markets.retrieve(DEMO.market)).code, 'europe')
    await assert.rejects(client.skus.update({ id: sku.id, name: 'Cheap hat' }), { status: 401 })
    await assert.rejects(client.markets.create({ name: 'Mine' }), { status: 401 })
    await back.skus.delete(sku.id)
  },
}

// The requests of Commerce Layer's own checkout (mfe-checkout 6, react-components 4), in its words.

import assert from 'node:assert/strict'

import { checkoutComToken, payWithCheckoutCom, payWithStripe, savedCard } from '../paying.mjs'
import { DEMO } from '../shop.mjs'
import { confirmAtStripe, passBankAtCheckoutCom } from '../shopper.mjs'

/** What it asks of an order before it opens. */
const SETTINGS = {
  fields: {
    orders: [
      'id',
      'autorefresh',
      'status',
      'number',
      'guest',
      'token',
      'language_code',
      'terms_url',
      'privacy_url',
      'line_items',
      'expires_at',
      'expiration_info',
      'customer',
      'payment_status',
    ],
    line_items: ['item_type', 'item'],
  },
  include: ['line_items', 'line_items.item', 'customer'],
}

/** What it asks to decide which step comes next. */
const STEPS = {
  fields: {
    orders: [
      'id',
      'number',
      'coupon_code',
      'currency_code',
      'shipping_amount_float',
      'total_tax_amount_float',
      'guest',
      'shipping_country_code_lock',
      'customer_email',
      'status',
      'return_url',
      'cart_url',
      'tax_included',
      'requires_billing_info',
      'total_amount_with_taxes_float',
      'language_code',
      'subscription_created_at',
      'shipping_address',
      'billing_address',
      'shipments',
      'payment_method',
      'payment_source',
      'customer',
      'line_items',
      'payment_status',
    ],
    shipments: ['shipping_method', 'available_shipping_methods'],
    customers: ['customer_addresses'],
    customer_addresses: ['address'],
    line_items: ['frequency'],
  },
  include: [
    'shipping_address',
    'billing_address',
    'shipments',
    'shipments.shipping_method',
    'shipments.available_shipping_methods',
    'payment_method',
    'payment_source',
    'customer',
    'customer.customer_addresses',
    'customer.customer_addresses.address',
    'line_items',
  ],
}

/** What its components ask for, each adding its own. */
const PAYMENTS = ['available_payment_methods', 'payment_source', 'payment_method']
const ADDRESSES = ['billing_address', 'shipping_address']
const ITEMS = ['line_items.line_item_options.sku_option', 'line_items.item']
const WALLET = [
  'available_customer_payment_sources.payment_source',
  'available_customer_payment_sources.payment_method',
]
const SHIPMENTS = [
  'shipments.available_shipping_methods',
  'shipments.stock_line_items.line_item',
  'shipments.shipping_method',
  'shipments.stock_transfers.line_item',
  'shipments.stock_location',
  'shipments.parcels.parcel_line_items',
]

/** What it sends as it opens an order of that kind. */
function refreshed(client, { id, autorefresh }) {
  return client.orders.update({
    id,
    _refresh: true,
    payment_method: client.payment_methods.relationship(null),
    ...(!autorefresh && { autorefresh: true }),
  })
}

/** Opens the checkout of an order; gives it as the first step sees it. */
async function open(client, id) {
  const order = await client.orders.retrieve(id, SETTINGS)
  assert.equal(order.line_items.length, 2)
  assert.ok(order.line_items.every((item) => item.item_type === 'skus' && 'item' in item))
  // As in the checkout, which goes on where this is refused.
  await refreshed(client, order).catch(() => {})
  return client.orders.retrieve(id, STEPS)
}

/** Takes the offered method of a type; gives the order with it. */
async function chooseMethod(client, id, type) {
  const { available_payment_methods: offered } = await client.orders.retrieve(id, { include: PAYMENTS })
  const method = offered.find((it) => it.payment_source_type === type)
  const payment_method = client.payment_methods.relationship(method.id)
  const order = await client.orders.update({ id, payment_method }, { include: PAYMENTS })
  assert.equal(order.payment_method.id, method.id)
  return order
}

/** What both shoppers do with Stripe: a source, confirmed by the browser with a card, that remembers its page. */
async function payByCard(shop, client, id, attributes, card) {
  const order = client.orders.relationship(id)
  const source = await client.stripe_payments.create({ ...attributes, order })
  assert.ok(source.publishable_key && source.client_secret)
  const intent = await confirmAtStripe(shop, source, card)
  assert.equal(intent.status, 'requires_capture')
  const return_url = 'https://shop.example/checkout'
  const updated = await client.stripe_payments.update({ id: source.id, options: { return_url } })
  assert.equal(updated.options.return_url, return_url)
  const { payment_source: paid } = await client.orders.retrieve(id, { include: PAYMENTS })
  assert.equal(paid.id, source.id)
  assert.ok(!paid.mismatched_amounts)
  return paid
}

export const checkout = {
  async 'a customer sees every step'({ customer }) {
    const order = await (await customer()).orders.retrieve(DEMO.stripeOrder, STEPS)
    assert.equal(order.total_amount_with_taxes_float, 129)
    assert.equal(order.shipping_address.country_code, 'IT')
    assert.equal(order.billing_address.city, 'Milano')
    assert.ok(Array.isArray(order.customer.customer_addresses))
    assert.equal(order.customer.email, undefined, 'a field that was not asked for')
    const [shipment] = order.shipments
    assert.ok(Array.isArray(shipment.available_shipping_methods))
    assert.ok('shipping_method' in shipment)
    assert.equal(shipment.number, undefined, 'a field that was not asked for')
  },

  async 'a guest sees every step'({ guest }) {
    const order = await (await guest()).orders.retrieve(DEMO.guestOrder, STEPS)
    assert.equal(order.guest, true)
    assert.equal(order.customer, null)
    assert.equal(order.customer_email, 'guest@example.com')
    assert.ok('frequency' in order.line_items[0])
  },

  async 'a customer sees methods, addresses and the wallet'(shop) {
    const card = await savedCard(shop)
    const client = await shop.customer()
    const order = await client.orders.retrieve(DEMO.stripeOrder, { include: [...PAYMENTS, ...ADDRESSES, ...WALLET] })
    assert.equal(order.available_payment_methods.length, 4)
    const entry = order.available_customer_payment_sources.find(({ id }) => id === card.id)
    assert.equal(entry.payment_source.type, 'stripe_payments')
    assert.equal(entry.payment_method?.type, 'payment_methods')
  },

  async 'a guest sees methods and addresses'({ guest }) {
    const order = await (await guest()).orders.retrieve(DEMO.guestOrder, { include: [...PAYMENTS, ...ADDRESSES] })
    assert.equal(order.payment_method.id, DEMO.stripeMethod)
    assert.equal(order.available_payment_methods.length, 4)
  },

  async 'items come with what they are of, and with their options'({ guest }) {
    const order = await (await guest()).orders.retrieve(DEMO.guestOrder, { include: ITEMS })
    assert.equal(order.line_items.length, 2)
    assert.ok(order.line_items.every((item) => Array.isArray(item.line_item_options) && 'item' in item))
  },

  async 'an order is refreshed as the checkout opens'({ guest }) {
    const client = await guest()
    await refreshed(client, await client.orders.retrieve(DEMO.guestOrder, SETTINGS))
    const order = await client.orders.retrieve(DEMO.guestOrder, STEPS)
    assert.equal(order.payment_method, null)
    assert.equal(order.payment_source, null)
    await chooseMethod(client, DEMO.guestOrder, 'stripe_payments')
  },

  async 'everything that the components ask for comes in one answer'({ customer }) {
    const include = [...PAYMENTS, ...ADDRESSES, ...ITEMS, ...WALLET, ...SHIPMENTS]
    const order = await (await customer()).orders.retrieve(DEMO.stripeOrder, { include })
    const [shipment] = order.shipments
    assert.equal(shipment.shipping_method.name, 'Standard shipping')
    assert.deepEqual(shipment.available_shipping_methods.map(({ name }) => name), ['Standard shipping'])
    // Stock and parcels are kept elsewhere: they may be asked for, and nothing is said of them.
    assert.equal(shipment.stock_line_items, undefined)
    assert.equal(order.line_items.length, 2)
    assert.deepEqual(order.line_items[0].line_item_options, [])
  },

  async 'the account page reads an order'({ customer }) {
    const order = await (await customer()).orders.retrieve(DEMO.stripeOrder, {
      fields: {
        orders: ['id', 'status', 'placed_at', 'number', 'guest', 'shipping_address', 'billing_address', 'shipments'],
      },
      include: ['shipping_address', 'billing_address', 'shipments'],
    })
    assert.equal(order.placed_at, null)
    assert.equal(order.shipping_address.full_name, 'Ada Example')
  },

  async 'a guest pays an order'(shop) {
    const client = await shop.guest()
    await open(client, DEMO.guestOrder)
    const email = await client.orders.update({ id: DEMO.guestOrder, customer_email: 'other@example.com' })
    assert.equal(email.customer_email, 'other@example.com')
    await chooseMethod(client, DEMO.guestOrder, 'stripe_payments')
    await payByCard(shop, client, DEMO.guestOrder, {}, 'pm_card_visa')
    const order = await client.orders.retrieve(DEMO.guestOrder, { include: ['payment_source'] })
    assert.equal(order.payment_source.type, 'stripe_payments')
  },

  async 'a customer pays an order, keeps the card and pays the next with it'(shop) {
    const client = await shop.customer()
    await open(client, DEMO.stripeOrder)
    await chooseMethod(client, DEMO.stripeOrder, 'stripe_payments')
    const options = { id: 'pm_card_visa', setup_future_usage: 'off_session' }
    const paid = await payByCard(shop, client, DEMO.stripeOrder, { options })
    await client.orders.update({ id: DEMO.stripeOrder, _save_payment_source_to_customer_wallet: true })

    await open(client, DEMO.secondStripeOrder)
    await chooseMethod(client, DEMO.secondStripeOrder, 'stripe_payments')
    const next = await client.orders.retrieve(DEMO.secondStripeOrder, { include: WALLET })
    const card = next.available_customer_payment_sources.find(
      ({ payment_source: { type, payment_instrument: instrument } }) =>
        type === 'stripe_payments' && instrument.card_type === 'visa',
    )
    const chosen = await client.orders.update(
      { id: next.id, _customer_payment_source_id: card.id },
      { include: ['payment_source'] },
    )
    assert.notEqual(chosen.payment_source.id, paid.id)
    const intent = await confirmAtStripe(shop, chosen.payment_source)
    assert.equal(intent.status, 'requires_capture')
    assert.equal(intent.amount, next.total_amount_with_taxes_cents)
  },

  async 'a customer passes the bank at Checkout.com'(shop) {
    const client = await shop.customer()
    await open(client, DEMO.checkoutComOrder)
    await chooseMethod(client, DEMO.checkoutComOrder, 'checkout_com_payments')
    const token = checkoutComToken('redirect')
    const source = await payWithCheckoutCom(client, DEMO.checkoutComOrder, token)
    assert.equal(source.payment_response.status, 'Pending')
    assert.match(source.redirect_uri, /^http/)
    await passBankAtCheckoutCom(shop, source)
    const paid = await client.checkout_com_payments.update({ id: source.id, _details: true })
    assert.equal(paid.payment_response.status, 'Authorized')
  },

  async 'a source is taken off an order, with its method or by itself'(shop) {
    const client = await shop.customer()
    const id = DEMO.secondStripeOrder
    await payWithStripe(client, id)
    const taken = await client.orders.update({ id, _nullify_payment_source: true }, { include: PAYMENTS })
    assert.equal(taken.payment_source, null)
    assert.equal(taken.payment_method.id, DEMO.stripeMethod)

    const payment = await payWithStripe(client, id)
    const payment_method = client.payment_methods.relationship(null)
    const without = await client.orders.update({ id, payment_method }, { include: PAYMENTS })
    assert.equal(without.payment_method, null)
    assert.equal(without.payment_source, null)
    await assert.rejects(client.stripe_payments.update({ id: payment.id, _refresh: true }), { status: 422 })
    await chooseMethod(client, id, 'stripe_payments')
  },

  'a shopper chooses how to be shipped to': async ({ integration, guest }) => {
    const back = await integration()
    const method = await back.shipping_methods.create({ name: 'Slow', currency_code: 'EUR', price_amount_cents: 100 })
    const client = await guest()
    const [shipment] = await client.orders.shipments(DEMO.guestOrder)
    const shipping_method = client.shipping_methods.relationship(method.id)
    await client.shipments.update({ id: shipment.id, shipping_method })
    const { shipments } = await client.orders.retrieve(DEMO.guestOrder, { include: ['shipments.shipping_method'] })
    assert.equal(shipments[0].shipping_method.id, method.id)
  },

  'a shopper enters an address': async ({ guest }) => {
    const client = await guest()
    const address = await client.addresses.create({
      first_name: 'Ada',
      last_name: 'Example',
      line_1: 'Via dei Test 2',
      city: 'Roma',
      zip_code: '00100',
      state_code: 'RM',
      country_code: 'IT',
      phone: '+39 06 0000 0000',
    })
    const billing_address = client.addresses.relationship(address.id)
    const order = await client.orders.update(
      { id: DEMO.guestOrder, billing_address, _shipping_address_same_as_billing: true },
      { include: ADDRESSES },
    )
    assert.equal(order.billing_address.city, 'Roma')
    assert.equal(order.shipping_address.city, 'Roma')
  },

  'a guest signs up, and sets another password with the token of a reset': async ({ integration, guest }) => {
    const client = await guest()
    const email = `sign-up-${Date.now()}@example.com`
    const customer = await client.customers.create({ email, password: 'first password' })
    assert.equal(customer.has_password, true)
    await assert.rejects(client.customers.create({ email }), { status: 422 })
    const { id } = await client.customer_password_resets.create({ customer_email: email })
    const { reset_password_token } = await (await integration()).customer_password_resets.retrieve(id)
    const reset = await client.customer_password_resets.update({
      id,
      customer_password: 'second password',
      _reset_password_token: reset_password_token,
    })
    assert.ok(reset.reset_password_at)
  },

  'a customer keeps an address and takes it': async ({ customer }) => {
    const client = await customer()
    const made = await client.addresses.create({
      first_name: 'Ada',
      last_name: 'Example',
      line_1: 'Via dei Test 3',
      city: 'Torino',
      zip_code: '10100',
      country_code: 'IT',
      phone: '+39 011 000 0000',
    })
    const kept = await client.customer_addresses.create({
      customer: client.customers.relationship(DEMO.customer),
      address: client.addresses.relationship(made.id),
    })
    await client.addresses.update({ id: made.id, reference: kept.id })
    const book = await client.customer_addresses.list({ include: ['address'], pageSize: 10 })
    assert.ok(book.some(({ address }) => address.reference === kept.id))
    const order = await client.orders.update(
      { id: DEMO.stripeOrder, _billing_address_clone_id: made.id, _shipping_address_clone_id: made.id },
      { include: ['billing_address', 'shipping_address', 'shipments.shipping_method'] },
    )
    assert.equal(order.billing_address.city, 'Torino')
    assert.notEqual(order.billing_address.id, made.id)
    await client.customer_addresses.delete(kept.id)
  },
}

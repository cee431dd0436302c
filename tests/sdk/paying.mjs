// How an order is paid at each gateway, up to a payment source that can be saved.

import assert from 'node:assert/strict'

import { DEMO } from './shop.mjs'
import { agreeAtKlarna } from './shopper.mjs'

let tokens = 0

/** A token as Checkout.com's Frames gives it, good for one payment; a name says what becomes of it. */
export function checkoutComToken(name = 'card') {
  tokens += 1
  return `tok_${`${name}_${tokens}_`.padEnd(26, 'x')}`
}

/** The shopper's choice of how to pay. */
async function choose(client, order, method) {
  await client.orders.update({ id: order, payment_method: client.payment_methods.relationship(method) })
}

/** A source for a PaymentIntent with one of Stripe's test cards, set up for later. */
export async function payWithStripe(client, order, card = 'pm_card_visa') {
  await choose(client, order, DEMO.stripeMethod)
  return client.stripe_payments.create({
    options: { id: card, setup_future_usage: 'off_session' },
    order: client.orders.relationship(order),
  })
}

/** A source that is paid with a token, held and not captured. */
export async function payWithCheckoutCom(client, order, token = checkoutComToken()) {
  await choose(client, order, DEMO.checkoutComMethod)
  const source = await client.checkout_com_payments.create({
    success_url: 'https://shop.example/success',
    failure_url: 'https://shop.example/failure',
    order: client.orders.relationship(order),
  })
  return client.checkout_com_payments.update({ id: source.id, token, _authorize: true })
}

/** A source that the shopper agreed to in Klarna's form. */
export async function payWithKlarna(shop, client, order) {
  await choose(client, order, DEMO.klarnaMethod)
  const source = await client.klarna_payments.create({ order: client.orders.relationship(order) })
  const { authorization_token: authToken } = await agreeAtKlarna(shop, source)
  return client.klarna_payments.update({ id: source.id, auth_token: authToken })
}

/** A source with a token that only the shop's own gateway understands. */
export async function payWithExternal(client, order, token = 'xxxx.yyyy.zzzz') {
  await choose(client, order, DEMO.externalMethod)
  return client.external_payments.create({
    payment_source_token: token,
    order: client.orders.relationship(order),
  })
}

/** Saves the order's source; gives the order with the entries that may pay it. */
export async function save(client, order) {
  const saved = await client.orders.update(
    { id: order, _save_payment_source_to_customer_wallet: true },
    { include: ['available_customer_payment_sources'] },
  )
  assert.equal(saved.id, order)
  return saved
}

/** Pays the customer's Stripe order with a card of its own and saves it; gives the entry. */
export async function savedCard(shop, card = 'pm_card_visa') {
  const client = await shop.customer()
  const payment = await payWithStripe(client, DEMO.stripeOrder, card)
  await save(client, DEMO.stripeOrder)
  const { payment_instrument: paid } = payment
  const entries = await client.customer_payment_sources.list({ include: ['payment_source'] })
  const entry = entries.find(({ payment_source: source }) => sameCard(source?.payment_instrument, paid))
  assert.ok(entry, `no entry for ${JSON.stringify(paid)}`)
  return entry
}

function sameCard(one, other) {
  return one?.card_last_digits === other.card_last_digits && one?.card_type === other.card_type
}

// Stripe's own client runs a shop's flows against the stand-in for Stripe.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import Stripe from 'stripe'

import { startServer } from '../sdk/server.mjs'

let server
let stripe

before(async () => {
  server = await startServer()
  stripe = client('sk_test_demo')
})
after(() => server?.stop())

/** A client as a shop makes it, but for where it leads; it repeats nothing by itself. */
function client(key) {
  const { hostname, port } = new URL(server.stripe)
  return new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
}

const PAYMENT = {
  amount: 12900,
  currency: 'eur',
  capture_method: 'manual',
  payment_method_types: ['card'],
}

const newPayment = (members, options) => stripe.paymentIntents.create({ ...PAYMENT, ...members }, options)

const held = async (members) => newPayment({ payment_method: 'pm_card_visa', confirm: true, ...members })

/** The error that the client makes of a refusal: one of its classes, and Stripe's members of it. */
async function refused(call, kind, members) {
  const error = await call.then(
    (answer) => assert.fail(`not refused: ${JSON.stringify(answer)}`),
    (error) => error,
  )
  assert.ok(error instanceof kind, `${error.type}: ${error.message}`)
  for (const [name, value] of Object.entries(members)) assert.deepEqual(error[name], value, `${name}: ${error.message}`)
  return error
}

describe('customers', () => {
  it('are made and read', async () => {
    const made = await stripe.customers.create({ email: 'joan@example.com', metadata: { order: '1' } })
    assert.match(made.id, /^cus_/)
    assert.equal(made.lastResponse.statusCode, 200)
    assert.match(made.lastResponse.requestId, /^req_/)

    const read = await stripe.customers.retrieve(made.id)
    assert.deepEqual([read.object, read.email, read.metadata], ['customer', 'joan@example.com', { order: '1' }])
  })
})

describe('payments', () => {
  it('are made, read whole, changed, confirmed and held', async () => {
    const made = await newPayment({ payment_method: 'pm_card_visa', metadata: { order: '1' } })
    assert.equal(made.status, 'requires_confirmation')
    assert.ok(made.client_secret.startsWith(`${made.id}_secret_`))

    const changed = await stripe.paymentIntents.update(made.id, { amount: 13000 })
    assert.equal(changed.amount, 13000)

    const held = await stripe.paymentIntents.confirm(made.id, { return_url: 'https://shop.example/back' })
    assert.deepEqual([held.status, held.amount_capturable, held.amount_received], ['requires_capture', 13000, 0])

    const read = await stripe.paymentIntents.retrieve(made.id, { expand: ['payment_method', 'latest_charge'] })
    assert.equal(read.payment_method.card.last4, '4242')
    assert.equal(read.latest_charge.object, 'charge')
    assert.deepEqual(read.metadata, { order: '1' })
  })

  it('are confirmed by a page with the publishable key and the client secret', async () => {
    const made = await newPayment({ payment_method: 'pm_card_visa' })
    const page = client('pk_test_demo')
    const secret = { client_secret: made.client_secret }
    assert.equal((await page.paymentIntents.retrieve(made.id, secret)).status, 'requires_confirmation')
    assert.equal((await page.paymentIntents.confirm(made.id, secret)).status, 'requires_capture')
  })

  it('that the bank asks its customer about say where that happens', async () => {
    const asked = await held({
      payment_method: 'pm_card_authenticationRequired',
      return_url: 'https://shop.example/back',
    })
    assert.equal(asked.status, 'requires_action')
    assert.ok(asked.next_action.type)
  })

  it('are cancelled once', async () => {
    const { id } = await held()
    const cancelled = await stripe.paymentIntents.cancel(id, { cancellation_reason: 'abandoned' })
    assert.deepEqual([cancelled.status, cancelled.cancellation_reason], ['canceled', 'abandoned'])
    await refused(stripe.paymentIntents.cancel(id), Stripe.errors.StripeInvalidRequestError, {
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
    })
  })
})

describe('money', () => {
  const back = { return_url: 'https://shop.example/back' }
  const order = { metadata: { billfold_transaction: 'a' } }

  /** A hold as a shop's server asks for it, while the shopper is there. */
  const confirmed = async (members) => {
    const made = await stripe.paymentIntents.create({ amount: 12900, currency: 'eur', capture_method: 'manual', ...members })
    return stripe.paymentIntents.confirm(made.id, { use_stripe_sdk: true, expand: ['latest_charge'], ...back })
  }

  const ends = ({ latest_charge: charge }) => charge.payment_method_details.card.capture_before

  it('is held on the server until a time that the charge says', async () => {
    const payment = await confirmed({ payment_method: 'pm_card_visa' })
    assert.deepEqual([payment.status, payment.amount_capturable], ['requires_capture', 12900])
    assert.equal(ends(payment), payment.latest_charge.created + 7 * 86400)
  })

  it('is not held on the server without a page to come back to', async () => {
    const made = await stripe.paymentIntents.create({ amount: 12900, currency: 'eur', payment_method: 'pm_card_visa' })
    const error = await refused(stripe.paymentIntents.confirm(made.id, { use_stripe_sdk: true }),
      Stripe.errors.StripeInvalidRequestError, { statusCode: 400 })
    assert.match(error.message, /return_url/)
  })

  it('that the bank asks its customer about waits for Stripe.js', async () => {
    const payment = await confirmed({ payment_method: 'pm_card_authenticationRequired' })
    assert.deepEqual([payment.status, payment.next_action.type], ['requires_action', 'use_stripe_sdk'])
  })

  it('is captured in part, once, and refunded in parts', async () => {
    const { id } = await confirmed({ payment_method: 'pm_card_visa' })
    const captured = await stripe.paymentIntents.capture(id, { amount_to_capture: 12000, ...order })
    assert.deepEqual([captured.status, captured.amount_received, captured.amount_capturable], ['succeeded', 12000, 0])
    await refused(stripe.paymentIntents.capture(id), Stripe.errors.StripeInvalidRequestError, {
      code: 'payment_intent_unexpected_state',
    })

    const refunds = []
    for (const transaction of ['a', 'b']) {
      refunds.unshift(await stripe.refunds.create({ payment_intent: id, amount: 500, metadata: { transaction } }))
    }
    assert.deepEqual(refunds.map(({ status }) => status), ['succeeded', 'succeeded'])
    const listed = []
    for await (const refund of stripe.refunds.list({ payment_intent: id, limit: 1 })) listed.push(refund)
    assert.deepEqual(listed.map((it) => it.metadata), [{ transaction: 'b' }, { transaction: 'a' }])
    assert.equal((await stripe.refunds.retrieve(refunds[0].id)).amount, 500)

    const charge = await stripe.charges.retrieve(captured.latest_charge)
    assert.deepEqual([charge.amount_captured, charge.amount_refunded, charge.refunded], [12000, 1000, false])
    await refused(stripe.refunds.create({ payment_intent: id, amount: 11001 }), Stripe.errors.StripeInvalidRequestError, {
      param: 'amount',
    })
    await stripe.refunds.create({ payment_intent: id })
    await refused(stripe.refunds.create({ payment_intent: id }), Stripe.errors.StripeInvalidRequestError, {
      code: 'charge_already_refunded',
    })
  })

  it('is not captured beyond what is held, nor after it was let go of', async () => {
    const { id } = await confirmed({ payment_method: 'pm_card_visa' })
    await refused(stripe.paymentIntents.capture(id, { amount_to_capture: 12901 }), Stripe.errors.StripeInvalidRequestError, {
      code: 'amount_too_large',
    })
    assert.equal((await stripe.paymentIntents.cancel(id)).status, 'canceled')
    for (const call of [() => stripe.paymentIntents.capture(id), () => stripe.refunds.create({ payment_intent: id })]) {
      await refused(call(), Stripe.errors.StripeInvalidRequestError, { statusCode: 400 })
    }
  })

  it('given back to a card that takes its time is pending', async () => {
    const { id } = await confirmed({ payment_method: 'pm_card_pendingRefund' })
    await stripe.paymentIntents.capture(id)
    const refund = await stripe.refunds.create({ payment_intent: id })
    assert.deepEqual([refund.status, refund.pending_reason], ['pending', 'processing'])
  })
})

describe('events', () => {
  const secret = 'whsec_judge'
  const events = async () => (await (await fetch(`${server.stripe}/_sandbox/events?secret=${secret}`)).json()).data

  it('are signed so that the client takes them, and nothing else', async () => {
    const { id } = await held()
    const told = (await events()).filter(({ body }) => body.includes(id))
    assert.deepEqual(told.map(({ kind }) => kind), [
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
    ])
    for (const { body, headers } of told) {
      const signature = headers['stripe-signature']
      const event = stripe.webhooks.constructEvent(body, signature, secret)
      assert.deepEqual([event.object, event.livemode], ['event', false])
      const { StripeSignatureVerificationError } = Stripe.errors
      assert.throws(() => stripe.webhooks.constructEvent(`${body} `, signature, secret), StripeSignatureVerificationError)
      assert.throws(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other'), StripeSignatureVerificationError)
    }
    const last = JSON.parse(told[2].body)
    assert.deepEqual(last.data.object, JSON.parse(JSON.stringify(await stripe.paymentIntents.retrieve(id))))
  })
})

describe('saved cards', () => {
  it('are attached, listed page by page, used off the session, and detached for good', async () => {
    const customer = (await stripe.customers.create()).id
    const attached = []
    for (const card of ['pm_card_visa', 'pm_card_mastercard', 'pm_card_amex']) {
      attached.unshift(await stripe.paymentMethods.attach(card, { customer }))
    }
    const listed = []
    for await (const card of stripe.paymentMethods.list({ customer, type: 'card', limit: 2 })) listed.push(card)
    assert.deepEqual(
      listed.map(({ id }) => id),
      attached.map(({ id }) => id),
    )
    assert.ok(listed.every((card) => card.customer === customer))

    const [card] = listed
    const payment = await held({ customer, payment_method: card.id, off_session: true })
    assert.equal(payment.status, 'requires_capture')

    assert.equal((await stripe.paymentMethods.detach(card.id)).customer, null)
    assert.equal((await stripe.paymentMethods.list({ customer, type: 'card' })).data.length, 2)
    await refused(stripe.paymentMethods.attach(card.id, { customer }), Stripe.errors.StripeInvalidRequestError, {
      statusCode: 400,
    })
  })

  it('are kept by a payment that sets them up', async () => {
    const customer = (await stripe.customers.create()).id
    const { payment_method: card } = await held({ customer, setup_future_usage: 'off_session' })
    assert.equal((await stripe.paymentMethods.retrieve(card)).customer, customer)
  })
})

describe('refusals', () => {
  const declines = [
    ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
    ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', undefined],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', undefined],
  ]
  for (const [card, code, reason] of declines) {
    it(`${card} is a card error that names the payment`, async () => {
      const members = { statusCode: 402, code, ...(reason && { decline_code: reason }) }
      const error = await refused(held({ payment_method: card }), Stripe.errors.StripeCardError, members)
      assert.equal(error.payment_intent.status, 'requires_payment_method')
      assert.equal(error.payment_intent.last_payment_error.code, code)
      assert.ok(error.charge && error.requestId)
    })
  }

  it('what is not there is an invalid request with its parameter', async () => {
    const missing = { statusCode: 404, code: 'resource_missing' }
    const { StripeInvalidRequestError } = Stripe.errors
    await refused(stripe.paymentIntents.retrieve('pi_missing'), StripeInvalidRequestError, missing)
    await refused(stripe.paymentMethods.retrieve('pm_missing'), StripeInvalidRequestError, missing)
    await refused(stripe.customers.retrieve('cus_missing'), StripeInvalidRequestError, missing)
    await refused(newPayment({ customer: 'cus_missing' }), StripeInvalidRequestError, {
      statusCode: 400,
      code: 'resource_missing',
      param: 'customer',
    })
  })

  it('wrong parameters are invalid requests that name them', async () => {
    const { StripeInvalidRequestError } = Stripe.errors
    await refused(newPayment({ confirmed: true }), StripeInvalidRequestError, { code: 'parameter_unknown', param: 'confirmed' })
    await refused(newPayment({ amount: 'x' }), StripeInvalidRequestError, { code: 'parameter_invalid_integer', param: 'amount' })
    await refused(stripe.paymentIntents.create({ amount: 1 }), StripeInvalidRequestError, { code: 'parameter_missing', param: 'currency' })
  })

  it('unknown keys are authentication errors', async () => {
    const { StripeAuthenticationError } = Stripe.errors
    for (const key of ['sk_nobody', 'sk_live_shop']) {
      await refused(client(key).customers.create(), StripeAuthenticationError, { statusCode: 401 })
    }
  })

  it('another account sees nothing', async () => {
    const { id } = await newPayment()
    const other = client('sk_test_other')
    await refused(other.paymentIntents.retrieve(id), Stripe.errors.StripeInvalidRequestError, { statusCode: 404 })
  })
})

describe('idempotency keys', () => {
  it('give the first answer again', async () => {
    const idempotencyKey = randomUUID()
    const first = await newPayment({}, { idempotencyKey })
    const again = await newPayment({}, { idempotencyKey })
    assert.equal(again.id, first.id)
    assert.equal(again.lastResponse.headers['idempotent-replayed'], 'true')
    assert.notEqual(again.lastResponse.requestId, first.lastResponse.requestId)
  })

  it('give the first refusal again', async () => {
    const options = { idempotencyKey: randomUUID() }
    const declined = () => newPayment({ payment_method: 'pm_card_chargeDeclined', confirm: true }, options)
    const first = await refused(declined(), Stripe.errors.StripeCardError, {})
    const again = await refused(declined(), Stripe.errors.StripeCardError, {})
    assert.equal(again.payment_intent.id, first.payment_intent.id)
  })

  it('with another request are idempotency errors', async () => {
    const idempotencyKey = randomUUID()
    await newPayment({}, { idempotencyKey })
    await refused(newPayment({ amount: 5 }, { idempotencyKey }), Stripe.errors.StripeIdempotencyError, {
      statusCode: 400,
    })
  })
})

describe('a stand-in that misbehaves', () => {
  const order = async (fault) => {
    const answer = await fetch(`${server.stripe}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(fault) })
    assert.ok(answer.ok, `${answer.status} ${await answer.text()}`)
  }

  it('throttles with a rate limit error', async () => {
    await order({ fault: 'status_429' })
    await refused(stripe.customers.create(), Stripe.errors.StripeRateLimitError, { statusCode: 429 })
  })

  it('fails with an API error', async () => {
    await order({ fault: 'status_500' })
    await refused(stripe.customers.create(), Stripe.errors.StripeAPIError, { statusCode: 500 })
  })
})

// Checkout.com's own client runs a shop's flows against the stand-in for Checkout.com.

import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'

import Checkout from 'checkout-sdk-node'

import { checkoutComToken as token } from '../sdk/paying.mjs'
import { startServer } from '../sdk/server.mjs'

let server
let cko

before(async () => {
  server = await startServer()
  cko = client(key('demo'))
})
after(() => server?.stop())

/** A secret key of the form that the vendor's have: the client sends others without their scheme. */
const key = (account) => `sk_sbox_${account.padEnd(27, 'a')}`

/** A client as a shop makes it, but for where it leads. */
const client = (key) => new Checkout(key, { host: server.checkoutCom })

const email = () => `${randomUUID()}@example.com`

/** A payment to be held, with a card that was just entered. */
const payment = (members) => ({
  source: { token: token() },
  amount: 12900,
  currency: 'EUR',
  capture: false,
  reference: 'order-1',
  ...members,
})

const pay = (members, idempotencyKey) => cko.payments.request(payment(members), idempotencyKey)

/** The error that the client makes of a refusal: its name, its status and what the body says. */
async function refused(call, name, status, codes) {
  const error = await call.then(
    (answer) => assert.fail(`not refused: ${JSON.stringify(answer)}`),
    (error) => error,
  )
  assert.deepEqual([error.name, error.http_code], [name, status], JSON.stringify(error.body))
  if (codes) assert.deepEqual([error.body.error_type, error.body.error_codes], ['request_invalid', codes])
  return error
}

describe('payments', () => {
  it('are made with a token, and read', async () => {
    const made = await pay({ customer: { email: email() }, metadata: { order: '1' } })
    assert.deepEqual([made.status, made.approved, made.response_code], ['Authorized', true, '10000'])
    assert.deepEqual([made.requiresRedirect, made.redirectLink], [false, undefined])
    assert.match(made.id, /^pay_\w{26}$/)

    const read = await cko.payments.get(made.id)
    assert.deepEqual([read.status, read.amount, read.currency, read.reference], ['Authorized', 12900, 'EUR', 'order-1'])
    assert.deepEqual([read.source.last4, read.metadata], ['4242', { order: '1' }])
    assert.equal(read.source.id, made.source.id)
  })

  it('that the bank asks its customer about are sent there, and end as it says', async () => {
    for (const [success, status] of [[true, 'Authorized'], [false, 'Declined']]) {
      const made = await pay({ source: { token: token('redirect') }, '3ds': { enabled: true } })
      assert.deepEqual([made.status, made.requiresRedirect], ['Pending', true])
      const answer = await fetch(`${made.redirectLink}/_authenticate`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ success }),
      })
      assert.ok(answer.ok, await answer.text())
      assert.equal((await cko.payments.get(made.id)).status, status)
    }
  })

  it('are voided once', async () => {
    const { id } = await pay()
    const voided = await cko.payments.void(id, { reference: 'void-1' })
    assert.match(voided.action_id, /^act_/)
    assert.equal((await cko.payments.get(id)).status, 'Voided')
    await refused(cko.payments.void(id), 'ActionNotAllowed', 403)
  })

  const declines = [
    ['declined', '20005'],
    ['insufficient_funds', '20051'],
    ['expired_card', '20054'],
    ['sca_required', '20154'],
  ]
  for (const [name, code] of declines) {
    it(`with a card that is ${name} are made, and declined`, async () => {
      const made = await pay({ source: { token: token(name) } })
      assert.deepEqual([made.status, made.approved, made.response_code], ['Declined', false, code])
      assert.ok(made.response_summary)
    })
  }
})

describe('money', () => {
  const balances = async (id) => (await cko.payments.get(id)).balances

  it('is captured in parts until the last, and refunded in parts', async () => {
    const { id, expires_on: ends } = await pay()
    assert.ok(Date.parse(ends) > Date.now())
    const part = { amount: 10000, capture_type: 'NonFinal', reference: 'capture-1', metadata: { transaction: 'a' } }
    const captured = await cko.payments.capture(id, part)
    assert.match(captured.action_id, /^act_\w{26}$/)
    assert.equal(captured.reference, 'capture-1')
    assert.deepEqual([(await balances(id)).total_captured, (await balances(id)).available_to_capture], [10000, 2900])
    await cko.payments.capture(id, { amount: 2000 })
    assert.equal((await balances(id)).available_to_capture, 0)
    await refused(cko.payments.capture(id), 'ActionNotAllowed', 403)
    await refused(cko.payments.void(id), 'ActionNotAllowed', 403)

    for (const reference of ['refund-1', 'refund-2']) await cko.payments.refund(id, { amount: 500, reference })
    await refused(cko.payments.refund(id, { amount: 11001 }), 'ValidationError', 422, ['refund_amount_exceeds_balance'])
    const { total_refunded: refunded, available_to_refund: left } = await balances(id)
    assert.deepEqual([refunded, left], [1000, 11000])
    const actions = await cko.payments.getActions(id)
    assert.deepEqual(
      actions.map(({ type, amount, approved }) => [type, amount, approved]),
      [
        ['Refund', 500, true],
        ['Refund', 500, true],
        ['Capture', 2000, true],
        ['Capture', 10000, true],
        ['Authorization', 12900, true],
      ],
    )
    assert.deepEqual([actions[3].id, actions[3].reference], [captured.action_id, 'capture-1'])
    assert.deepEqual(actions[3].metadata, { transaction: 'a' })
  })

  it('is not captured beyond what is held, nor refunded before it was', async () => {
    const { id } = await pay()
    await refused(cko.payments.capture(id, { amount: 12901 }), 'ValidationError', 422)
    await refused(cko.payments.refund(id), 'ActionNotAllowed', 403)
  })

  it('moves once under one key', async () => {
    const { id } = await pay()
    const once = randomUUID()
    const captured = await cko.payments.capture(id, { amount: 500, capture_type: 'NonFinal' }, once)
    assert.deepEqual(await cko.payments.capture(id, { amount: 500, capture_type: 'NonFinal' }, once), captured)
    await cko.payments.refund(id, { amount: 100 }, `${once}-refund`)
    await cko.payments.refund(id, { amount: 100 }, `${once}-refund`)
    assert.deepEqual([(await balances(id)).total_captured, (await balances(id)).total_refunded], [500, 100])
  })
})

describe('events', () => {
  it('are signed over their bytes', async () => {
    const key = 'judge-key'
    const { id } = await pay()
    await cko.payments.capture(id)
    await cko.payments.get(id)
    const { data } = await (await fetch(`${server.checkoutCom}/_sandbox/events?secret=${key}`)).json()
    const told = data.filter(({ body }) => body.includes(id))
    assert.deepEqual(told.map(({ kind }) => kind), ['payment_approved', 'payment_captured'])
    for (const { body, headers } of told) {
      assert.equal(headers['cko-signature'], createHmac('sha256', key).update(body).digest('hex'))
      assert.equal(JSON.parse(body).data.id, id)
    }
  })
})

describe('saved cards', () => {
  it('are kept by a payment, read, paid with, and deleted', async () => {
    const customer = { email: email() }
    const first = await pay({ source: { token: token(), store_for_future_use: true }, customer })
    const card = await cko.instruments.get(first.source.id)
    assert.deepEqual([card.id, card.type, card.last4, card.expiry_month], [first.source.id, 'card', '4242', 12])
    assert.deepEqual([card.customer.email, card.customer.default], [customer.email, true])

    const second = await pay({ source: { id: card.id }, payment_type: 'Regular' })
    assert.deepEqual([second.status, second.source.id], ['Authorized', card.id])

    const read = await cko.customers.get(card.customer.id)
    assert.deepEqual([read.default, read.instruments.map(({ id }) => id)], [card.id, [card.id]])

    await cko.instruments.delete(card.id)
    await refused(cko.instruments.get(card.id), 'NotFoundError', 404)
    await refused(pay({ source: { id: card.id } }), 'ValidationError', 422, ['source_id_not_found'])
    assert.deepEqual((await cko.customers.get(card.customer.id)).instruments, [])
  })
})

describe('customers', () => {
  it('are made once, and read by id and by e-mail', async () => {
    const customer = { email: email(), name: 'Joan' }
    const { id } = await cko.customers.create(customer)
    assert.match(id, /^cus_\w{26}$/)
    const read = await cko.customers.get(id)
    assert.deepEqual([read.id, read.email, read.name], [id, customer.email, 'Joan'])
    assert.deepEqual(await cko.customers.get(customer.email), read)
    await refused(cko.customers.create(customer), 'ValidationError', 422, ['customer_email_already_exists'])
  })
})

describe('payment sessions', () => {
  it('are opened for Flow', async () => {
    const session = await cko.paymentSessions.request({
      amount: 12900,
      currency: 'EUR',
      capture: false,
      billing: { address: { country: 'DE' } },
      success_url: 'https://shop.example/success',
      failure_url: 'https://shop.example/failure',
      payment_method_configuration: { card: { store_payment_details: 'collect_consent' } },
    })
    assert.match(session.id, /^ps_/)
    assert.ok(session.payment_session_token && session.payment_session_secret)
    assert.ok(session._links.self.href.endsWith(session.id))
  })

  it('without what they need are refused', async () => {
    const session = cko.paymentSessions.request({ amount: 12900, currency: 'EUR' })
    const error = await refused(session, 'ValidationError', 422)
    assert.ok(error.body.error_codes.includes('billing_required'), JSON.stringify(error.body))
  })
})

describe('refusals', () => {
  it('a token is good for one payment', async () => {
    const source = { token: token() }
    await pay({ source })
    await refused(pay({ source }), 'ValidationError', 422, ['token_used'])
  })

  it('tokens that expired or never were are refused', async () => {
    await refused(pay({ source: { token: token('expired_token') } }), 'ValidationError', 422, ['token_expired'])
    await refused(pay({ source: { token: token('invalid_token') } }), 'ValidationError', 422, ['token_invalid'])
  })

  it('what is not there is not found', async () => {
    const id = 'x'.repeat(26)
    await refused(cko.payments.get(`pay_${id}`), 'NotFoundError', 404)
    await refused(cko.instruments.get(`src_${id}`), 'NotFoundError', 404)
    await refused(cko.customers.get(`cus_${id}`), 'NotFoundError', 404)
    await refused(cko.payments.void(`pay_${id}`), 'NotFoundError', 404)
  })

  it('wrong members are named', async () => {
    const error = await refused(pay({ '3ds': { enabled: 'yes' } }), 'ValidationError', 422)
    assert.ok(error.body.request_id && error.body.error_codes.length > 0)
  })

  it('unknown keys are authentication errors', async () => {
    for (const unknown of ['sk_nobody', key('demo').replace('sbox_', '')]) {
      await refused(client(unknown).payments.request(payment()), 'AuthenticationError', 401)
    }
  })

  it('another account sees nothing', async () => {
    const { id } = await pay()
    await refused(client(key('other')).payments.get(id), 'NotFoundError', 404)
  })
})

describe('idempotency keys', () => {
  it('give the first answer again', async () => {
    const once = randomUUID()
    const source = { token: token() }
    const first = await pay({ source }, once)
    assert.equal((await pay({ source }, once)).id, first.id)
    const voided = await cko.payments.void(first.id, {}, `${once}-void`)
    assert.deepEqual(await cko.payments.void(first.id, {}, `${once}-void`), voided)
  })

  it('of a refusal are free again', async () => {
    const once = randomUUID()
    await refused(pay({ source: { token: token('expired_token') } }, once), 'ValidationError', 422)
    assert.equal((await pay({}, once)).status, 'Authorized')
  })
})

describe('a stand-in that misbehaves', () => {
  const order = async (fault) => {
    const body = JSON.stringify({ fault })
    const answer = await fetch(`${server.checkoutCom}/_sandbox/faults`, { method: 'POST', body })
    assert.ok(answer.ok, `${answer.status} ${await answer.text()}`)
  }

  it('throttles with an error of its own', async () => {
    await order('status_429')
    const error = await refused(pay(), 'TooManyRequestsError', 429)
    assert.deepEqual(error.body.error_codes, ['api_calls_quota_exceeded'])
  })

  it('fails with an API error', async () => {
    await order('status_500')
    await refused(pay(), 'API Error', 500)
  })
})

// What goes wrong, as the SDK's errors tell it.

import assert from 'node:assert/strict'

import { payWithStripe, savedCard } from '../paying.mjs'
import { DEMO, eventToken } from '../shop.mjs'

/** An attribute that no resource has. */
const UNKNOWN = { no_such_attribute: 1 }

/** Waits for a refusal; gives the first of its errors. */
async function refusal(client, request, status, code) {
  const error = await request.then(
    () => assert.fail(`an answer instead of ${status}`),
    (it) => it,
  )
  assert.ok(client.isApiError(error), String(error))
  const found = `${error.status} ${error.code} ${error.first().code}`
  assert.equal(found, `${status} ${status} ${code}`, JSON.stringify(error.errors))
  assert.equal(error.type, 'response')
  assert.equal(error.first().status, String(status))
  assert.ok(error.first().title && error.first().detail)
  return error.first()
}

export const errors = {
  async 'a token that is none: 401'({ sdk }) {
    const client = sdk('not-a-token')
    const error = await refusal(client, client.orders.retrieve(DEMO.stripeOrder), 401, 'INVALID_TOKEN')
    assert.equal(error.detail, 'The access token you provided is invalid.')
  },

  async 'a token that was tampered with: 401'({ sdk }) {
    const client = sdk(eventToken('get-order/tampered-token'))
    await refusal(client, client.orders.retrieve(DEMO.stripeOrder), 401, 'INVALID_TOKEN')
  },

  async 'an expired token is renewed by refreshToken, and the request sent again'({ sdk, token, network }) {
    const expired = eventToken('get-order/expired-token')
    const renewed = await token('customer')
    const asked = []
    const refreshToken = async (old) => {
      asked.push(old)
      return renewed
    }
    const client = sdk(expired, { refreshToken })
    const before = network.asked.length
    const order = await client.orders.retrieve(DEMO.stripeOrder)
    assert.equal(order.id, DEMO.stripeOrder)
    assert.deepEqual(asked, [expired])
    assert.equal(network.asked.length - before, 2)
    await client.orders.retrieve(DEMO.secondStripeOrder)
    assert.equal(asked.length, 1, 'renewed once')
    assert.equal(client.currentAccessToken, renewed)
  },

  async 'an expired token without refreshToken: 401'({ sdk }) {
    const client = sdk(eventToken('get-order/expired-token'))
    await refusal(client, client.orders.retrieve(DEMO.stripeOrder), 401, 'INVALID_TOKEN')
  },

  async 'a token that did not expire is not renewed'({ sdk }) {
    const refreshToken = () => assert.fail('asked for another token')
    const client = sdk(eventToken('get-order/tampered-token'), { refreshToken })
    await refusal(client, client.orders.retrieve(DEMO.stripeOrder), 401, 'INVALID_TOKEN')
  },

  async 'a record that is not there: 404'({ customer }) {
    const client = await customer()
    const error = await refusal(client, client.orders.retrieve('NoSuchOrdr'), 404, 'RECORD_NOT_FOUND')
    assert.equal(error.title, 'Record not found')
  },

  async 'an order of another customer: 404'({ stranger }) {
    const client = stranger()
    await refusal(client, client.orders.retrieve(DEMO.stripeOrder), 404, 'RECORD_NOT_FOUND')
    await refusal(client, client.orders.update({ id: DEMO.stripeOrder, _refresh: true }), 404, 'RECORD_NOT_FOUND')
    const order = client.orders.relationship(DEMO.stripeOrder)
    await refusal(client, client.stripe_payments.create({ order }), 404, 'RECORD_NOT_FOUND')
  },

  async 'the wallet of another customer: 404'(shop) {
    const { id } = await savedCard(shop)
    const client = shop.stranger()
    assert.equal((await client.customer_payment_sources.list()).recordCount, 0)
    await refusal(client, client.customer_payment_sources.retrieve(id), 404, 'RECORD_NOT_FOUND')
    await refusal(client, client.customer_payment_sources.delete(id), 404, 'RECORD_NOT_FOUND')
    await refusal(client, client.customers.retrieve(DEMO.customer), 404, 'RECORD_NOT_FOUND')
  },

  async 'an order of live mode or another organization: 404'({ sdk }) {
    const live = sdk(eventToken('get-order/of-another-mode'))
    await refusal(live, live.orders.retrieve(DEMO.stripeOrder), 404, 'RECORD_NOT_FOUND')
    const other = sdk(eventToken('get-order/of-another-organization'), { organization: undefined })
    assert.equal(other.currentOrganization, 'other')
  },

  async 'a guest has no wallet: 401'(shop) {
    const client = await shop.guest()
    await payWithStripe(client, DEMO.guestOrder)
    const saving = client.orders.update({ id: DEMO.guestOrder, _save_payment_source_to_customer_wallet: true })
    const error = await refusal(client, saving, 401, 'UNAUTHORIZED')
    assert.equal(error.title, 'Access denied')
    assert.equal(error.detail, 'You are not authorized to perform this action on the requested resource.')
    await refusal(client, client.customer_payment_sources.list(), 401, 'UNAUTHORIZED')
  },

  async 'sales channels list no orders and see no gateways: 401'({ guest, customer }) {
    for (const client of [await guest(), await customer()]) {
      await refusal(client, client.stripe_gateways.list(), 401, 'UNAUTHORIZED')
    }
    const client = await guest()
    await refusal(client, client.orders.list(), 401, 'UNAUTHORIZED')
  },

  async 'a sales channel writes no amounts and no status: 401'({ customer }) {
    const client = await customer()
    const id = DEMO.stripeOrder
    await refusal(client, client.orders.update({ id, status: 'placed' }), 401, 'UNAUTHORIZED')
    await refusal(client, client.orders.update({ id, total_amount_cents: 1 }), 401, 'UNAUTHORIZED')
  },

  async 'a required relationship is missing: 422, with a pointer to it'({ customer }) {
    const client = await customer()
    const error = await refusal(client, client.stripe_payments.create({}), 422, 'VALIDATION_ERROR')
    assert.equal(error.source.pointer, '/data/relationships/order')
    assert.equal(error.meta.error, 'blank')
  },

  async 'several wrong attributes: 422, each with a pointer'({ integration }) {
    const client = await integration()
    const creating = client.stripe_gateways.create({})
    const error = await creating.catch((it) => it)
    assert.equal(error.status, 422)
    const pointers = error.errors.map((it) => it.source.pointer).sort()
    const expected = ['login', 'name'].map((it) => `/data/attributes/${it}`)
    assert.deepEqual(pointers, expected)
  },

  async 'a wallet entry that is not there: 404, with a pointer to it'({ customer }) {
    const client = await customer()
    const choosing = client.orders.update({ id: DEMO.stripeOrder, _customer_payment_source_id: 'NoSuchEnty' })
    const error = await refusal(client, choosing, 404, 'RECORD_NOT_FOUND')
    assert.equal(error.source.pointer, '/data/attributes/_customer_payment_source_id')
  },

  async 'a source of another type than the method: 422'({ customer }) {
    const client = await customer()
    const order = client.orders.relationship(DEMO.stripeOrder)
    const creating = client.klarna_payments.create({ order })
    const error = await refusal(client, creating, 422, 'VALIDATION_ERROR')
    assert.equal(error.source.pointer, '/data/relationships/order')
  },

  async 'a card number: 422'({ customer }) {
    const client = await customer()
    const order = client.orders.relationship(DEMO.externalOrder)
    const payment_source_token = ['4242', '4242', '4242', '4242'].join(' ')
    const creating = client.external_payments.create({ payment_source_token, order })
    const error = await refusal(client, creating, 422, 'PAN_DETECTED')
    assert.equal(error.source.pointer, '/data/attributes/payment_source_token')
  },

  async 'an unknown attribute: 400, with a pointer to it'({ customer }) {
    const client = await customer()
    const updating = client.orders.update({ id: DEMO.stripeOrder, ...UNKNOWN })
    const error = await refusal(client, updating, 400, 'PARAM_NOT_ALLOWED')
    assert.equal(error.source.pointer, '/data/attributes/no_such_attribute')
  },

  async 'an unknown include, field, filter or sort: 400, with the parameter'({ customer, integration }) {
    const client = await customer()
    const parameter = async (request) => {
      const error = await request.catch((it) => it)
      assert.equal(error.status, 400, String(error))
      return error.first().source.parameter
    }
    const list = (params) => parameter(client.customer_payment_sources.list(params))
    assert.equal(await list({ include: ['nothing'] }), 'include')
    assert.equal(await list({ fields: ['nothing'] }), 'fields[customer_payment_sources]')
    assert.equal(await list({ filters: { nothing_eq: 1 } }), 'filter[q][nothing_eq]')
    assert.equal(await list({ filters: { name_resembles: 1 } }), 'filter[q][name_resembles]')
    assert.equal(await list({ sort: ['nothing'] }), 'sort')
    assert.equal(await list({ pageSize: 26 }), 'page[size]')
    assert.equal(await list({ pageNumber: -1 }), 'page[number]')
    const back = await integration()
    assert.equal(await parameter(back.payment_methods.list({ sort: ['nothing'] })), 'sort')
  },

  async 'an organization that is not the host\'s own is told by the token alone'({ sdk, token }) {
    const client = sdk(await token('customer'), { organization: 'DEMO' })
    assert.equal((await client.orders.retrieve(DEMO.stripeOrder)).id, DEMO.stripeOrder)
  },

  async 'a gateway that is used is not deleted: 423'({ integration }) {
    const client = await integration()
    const error = await client.stripe_gateways.delete(DEMO.stripeGateway).catch((it) => it)
    assert.ok(client.isApiError(error))
    assert.equal(error.status, 423)
  },

  async 'a record with an id of its own maker is refused'({ sdk, token }) {
    const client = sdk(await token('integration'))
    // The SDK sends no ids with what it creates, but for those that an interceptor puts there.
    client.addRequestInterceptor(({ url, options }) => {
      const body = JSON.parse(options.body)
      return { url, options: { ...options, body: JSON.stringify({ data: { ...body.data, id: 'OwnMadeIdX' } }) } }
    })
    const creating = client.payment_methods.create({ payment_source_type: 'stripe_payments' })
    const error = await creating.catch((it) => it)
    assert.equal(error.status, 403)
  },

  async 'a body that names another record: 409'({ sdk, token }) {
    const client = sdk(await token('customer'))
    client.addRequestInterceptor(({ url, options }) => {
      const body = JSON.parse(options.body)
      return { url, options: { ...options, body: JSON.stringify({ data: { ...body.data, id: DEMO.klarnaOrder } }) } }
    })
    const error = await client.orders.update({ id: DEMO.stripeOrder, _refresh: true }).catch((it) => it)
    assert.equal(error.status, 409)
  },

  async 'another media type: 415'({ sdk, token }) {
    const client = sdk(await token('customer'))
    client.addRequestInterceptor(({ url, options }) => {
      return { url, options: { ...options, headers: { ...options.headers, 'Content-Type': 'text/plain' } } }
    })
    const error = await client.orders.update({ id: DEMO.stripeOrder, _refresh: true }).catch((it) => it)
    assert.ok(client.isApiError(error))
    assert.equal(error.status, 415)
  },

  async 'an answer type that is not given: 406'({ sdk, token }) {
    const client = sdk(await token('customer'))
    client.addRequestInterceptor(({ url, options }) => {
      return { url, options: { ...options, headers: { ...options.headers, Accept: 'text/html' } } }
    })
    const error = await client.orders.retrieve(DEMO.stripeOrder).catch((it) => it)
    assert.ok(client.isApiError(error))
    assert.equal(error.status, 406)
  },
}

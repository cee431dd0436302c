// How many requests a client may make, and what it is told when they were too many.

import assert from 'node:assert/strict'

import { networkTo } from '../network.mjs'
import { startServer } from '../server.mjs'
import { CREDENTIALS, DEMO, DOMAIN, eventToken } from '../shop.mjs'

/** Plays at a server of its own that lets in one request, and one for a token, within a minute. */
async function whereOneIsEnough(play) {
  const server = await startServer({ RATE_LIMIT: '1', TOKEN_RATE_LIMIT: '1' })
  const fetch = globalThis.fetch
  globalThis.fetch = networkTo(server.url, [DOMAIN])
  try {
    await play(globalThis.fetch)
  } finally {
    globalThis.fetch = fetch
    await server.stop()
  }
}

export const limits = {
  async 'answers say how many requests are left'({ customer }) {
    const client = await customer()
    const reader = client.addRawResponseReader({ headers: true })
    await client.orders.retrieve(DEMO.stripeOrder)
    const [limit, interval, remaining] = ['limit', 'interval', 'remaining'].map((it) =>
      Number.parseInt(reader.headers[`x-ratelimit-${it}`], 10),
    )
    assert.ok(limit > 0 && interval > 0 && remaining >= 0 && remaining < limit)
  },

  async 'failures say how many requests are left as well'({ customer }) {
    const client = await customer()
    const reader = client.addRawResponseReader({ headers: true })
    await assert.rejects(client.orders.retrieve('NoSuchOrdr'))
    assert.equal(reader.ok, false)
    assert.equal(reader.rawResponse.errors[0].code, 'RECORD_NOT_FOUND')
    assert.ok(Number(reader.headers['x-ratelimit-limit']) > 0)
  },

  async 'too many requests: 429'({ sdk }) {
    await whereOneIsEnough(async (fetch) => {
      const client = sdk(eventToken('get-order/own-order'), { fetch })
      await client.orders.retrieve(DEMO.stripeOrder)
      const reader = client.addRawResponseReader({ headers: true })
      const error = await client.orders.retrieve(DEMO.stripeOrder).catch((it) => it)
      assert.ok(client.isApiError(error), String(error))
      assert.equal(error.status, 429)
      assert.equal(error.errors.code, 'THROTTLED')
      assert.equal(reader.headers['x-ratelimit-remaining'], '0')
    })
  },

  async 'too many requests for tokens: 429'({ auth }) {
    await whereOneIsEnough(async () => {
      const [grant, options] = CREDENTIALS.guest
      const ask = () => auth.authenticate(grant, { ...options, domain: DOMAIN })
      assert.ok((await ask()).accessToken)
      const [error] = (await ask()).errors
      assert.equal(error.status, 429)
      assert.equal(error.code, 'THROTTLED')
    })
  },
}

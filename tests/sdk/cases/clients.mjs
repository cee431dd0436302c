// How the SDK's clients are set up, what goes out and what is read beside the answer.

import assert from 'node:assert/strict'

import { DEMO, DOMAIN } from '../shop.mjs'

/** What the official checkout and account pages ask of the organization. */
const ORGANIZATION_FIELDS = [
  'id',
  'logo_url',
  'name',
  'slug',
  'primary_color',
  'favicon_url',
  'gtm_id',
  'gtm_id_test',
  'support_email',
  'support_phone',
  'config',
]

export const clients = {
  async 'organization and domain name the host'({ customer, network }) {
    const client = await customer()
    await client.orders.retrieve(DEMO.stripeOrder)
    assert.equal(network.asked.at(-1), `demo.${DOMAIN}/api/orders/${DEMO.stripeOrder}`)
  },

  async 'a token alone names organization and domain'({ sdk, token, network, server }) {
    const client = sdk(await token('customer'), { organization: undefined, domain: undefined })
    assert.equal(client.currentOrganization, 'demo')
    const order = await client.orders.retrieve(DEMO.stripeOrder)
    assert.equal(order.id, DEMO.stripeOrder)
    assert.equal(network.asked.at(-1), `demo.${new URL(server.url).host}/api/orders/${DEMO.stripeOrder}`)
  },

  async 'a request interceptor leads to another host as well'({ sdk, token, network }) {
    const client = sdk(await token('customer'), { fetch: undefined })
    client.addRequestInterceptor(({ url, options }) => ({ url: network.lead(url), options }))
    const order = await client.orders.retrieve(DEMO.stripeOrder)
    assert.equal(order.type, 'orders')
  },

  async 'another token is taken for one request'({ customer, guest }) {
    const stranger = await guest()
    const { currentAccessToken } = await customer()
    const order = await stranger.orders.retrieve(DEMO.stripeOrder, {}, { accessToken: currentAccessToken })
    assert.equal(order.id, DEMO.stripeOrder)
  },

  async 'headers of the caller and a user agent do no harm'({ sdk, token }) {
    const client = sdk(await token('customer'), { userAgent: 'Shop/1.0', headers: { 'x-shop': 'one' } })
    const order = await client.orders.retrieve(DEMO.stripeOrder, {}, { headers: { 'x-page': 'checkout' } })
    assert.equal(order.id, DEMO.stripeOrder)
  },

  async 'the raw answer can be read, with its headers'({ customer }) {
    const client = await customer()
    const reader = client.addRawResponseReader({ headers: true })
    await client.orders.retrieve(DEMO.stripeOrder, { fields: ['status'] })
    assert.ok(reader.ok)
    assert.equal(reader.rawResponse.data.attributes.status, 'pending')
    assert.equal(reader.rawResponse.data.meta.mode, 'test')
    assert.match(reader.headers['content-type'], /^application\/vnd\.api\+json/)
    assert.ok(reader.headers['x-request-id'])
  },

  async 'the organization is read by everyone'({ guest, customer, integration }) {
    for (const client of [await guest(), await customer(), await integration()]) {
      const organization = await client.organization.retrieve({ fields: { organizations: ORGANIZATION_FIELDS } })
      assert.equal(organization.type, 'organizations')
      assert.equal(organization.id, DEMO.organization)
      assert.equal(organization.slug, 'demo')
      for (const field of ORGANIZATION_FIELDS) assert.ok(field in organization, `${field} is missing`)
    }
  },

  async 'an application reads itself'({ auth, guest, integration, token }) {
    const kinds = [
      [await guest(), 'guest', 'sales_channel'],
      [await integration(), 'integration', 'integration'],
    ]
    for (const [client, tokenKind, kind] of kinds) {
      const application = await client.application.retrieve()
      const { payload } = auth.jwtDecode(await token(tokenKind))
      assert.equal(application.type, 'applications')
      assert.equal(application.id, payload.application.id)
      assert.equal(application.kind, kind)
      assert.equal(application.secret, undefined)
    }
  },
}

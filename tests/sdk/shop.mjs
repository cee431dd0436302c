// The shop that the cases play in: its domain, its clients and their tokens.

import { readFileSync } from 'node:fs'

import { networkTo } from './network.mjs'

/** Any will do: its hosts are led to the server. */
export const DOMAIN = 'shop.example'

const SALES_CHANNEL = { clientId: 'demo-sales-channel', scope: 'market:code:europe' }

/** What each kind of client of the demo organization asks for a token with. */
export const CREDENTIALS = {
  guest: ['client_credentials', SALES_CHANNEL],
  customer: ['password', { ...SALES_CHANNEL, username: 'customer@example.com', password: 'demo-customer' }],
  integration: ['client_credentials', { clientId: 'demo-integration', clientSecret: 'demo-integration-secret' }],
}

/** The demo data's fixed records. */
export const DEMO = {
  organization: 'enWoxFMOnp',
  market: 'dlQbPhNNop',
  customer: 'JkPmSnRtVw',
  stripeGateway: 'PxTsWkGgNl',
  stripeMethod: 'WmOodsVPmQ',
  checkoutComMethod: 'ZqXcVbNmLk',
  klarnaMethod: 'TyUiOpAsDf',
  externalMethod: 'HgFdSaPoIu',
  stripeOrder: 'qaMAhZkZvd',
  secondStripeOrder: 'eqkykhjlVw',
  checkoutComOrder: 'bkPlhXmQzc',
  klarnaOrder: 'dRWnfTqVjs',
  externalOrder: 'gYzLhKcMxp',
  guestOrder: 'pNwQhTxKzR',
}

/** The token that an event file carries: signed, and none of the server's own. */
export function eventToken(event) {
  const file = new URL(`../../events/${event}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).headers.authorization.replace('Bearer ', '')
}

/**
 * What a case is given:
 *
 * - `auth`: js-auth
 * - `sdk(accessToken, options)`: a client of the SDK
 * - `guest()`, `customer()`, `integration()`: clients with a token of that kind
 * - `stranger()`: a client of another customer
 * - `token(kind)`: the access token of a guest, customer or integration
 * - `server`: the URLs of the server and the gateways
 * - `network`: the `fetch` that all of them use
 */
export function openShop({ CommerceLayer, auth, server }) {
  // The second is the domain of the server's own tokens.
  const network = networkTo(server.url, [DOMAIN, new URL(server.url).host])
  // js-auth takes no `fetch` of the caller's.
  globalThis.fetch = network

  const sdk = (accessToken, options) =>
    CommerceLayer({ organization: 'demo', domain: DOMAIN, accessToken, fetch: network, ...options })

  // Asking for tokens is limited, so each is asked for once.
  const answers = {}
  const token = async (kind) => {
    const [grant, options] = CREDENTIALS[kind]
    answers[kind] ??= auth.authenticate(grant, { ...options, domain: DOMAIN })
    const { accessToken, errors } = await answers[kind]
    if (errors) throw new Error(`no token for a ${kind}: ${JSON.stringify(errors)}`)
    return accessToken
  }
  return {
    auth,
    sdk,
    server,
    network,
    token,
    guest: async () => sdk(await token('guest')),
    customer: async () => sdk(await token('customer')),
    integration: async () => sdk(await token('integration')),
    stranger: () => sdk(eventToken('get-order/of-another-customer')),
  }
}

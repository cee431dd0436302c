// js-auth: every grant, revoking, and tokens read and verified as its own tests do.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'

import { gap } from '../gap.mjs'
import { CREDENTIALS, DEMO, DOMAIN } from '../shop.mjs'

const CALLBACK = 'http://localhost:3000/callback'
const BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const UNTIL_EXPIRY = 'access tokens are good until they expire'
const GUEST_ANSWER = ['accessToken', 'createdAt', 'expires', 'expiresIn', 'scope', 'tokenType']
const CUSTOMER_ANSWER = [...GUEST_ANSWER, 'ownerId', 'ownerType', 'refreshToken']

/** Asks for a token as one of the shop's clients, with some options changed. */
function ask({ auth }, kind, changes = {}) {
  const [grant, options] = CREDENTIALS[kind]
  return auth.authenticate(grant, { ...options, domain: DOMAIN, ...changes })
}

function refresh({ auth }, refreshToken) {
  return auth.authenticate('refresh_token', { clientId: 'demo-sales-channel', refreshToken, domain: DOMAIN })
}

function members(answer, expected) {
  assert.deepEqual(Object.keys(answer).sort(), [...expected].sort())
}

function refused(answer, status, title, code) {
  assert.equal(answer.accessToken, undefined)
  const [error] = answer.errors
  assert.deepEqual([Number(error.status), error.title, error.code], [status, title, code])
}

/** Signs the demo customer in on the page, as a browser does, and tells where it is sent then. */
async function signIn(network, password) {
  const verifier = randomBytes(32).toString('base64url')
  const asked = new URLSearchParams({
    response_type: 'code',
    client_id: 'demo-sales-channel',
    redirect_uri: CALLBACK,
    state: 'of-the-shop',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const page = `https://auth.${DOMAIN}/oauth/authorize`
  const shown = await network(`${page}?${asked}`)
  assert.equal(shown.status, 200)
  assert.match(await shown.text(), /<form method="post"/)
  const form = new URLSearchParams([...asked, ['username', 'customer@example.com'], ['password', password]])
  const sent = await network(page, { method: 'POST', body: form, redirect: 'manual' })
  assert.equal(sent.status, 303)
  return { redirect: new URL(sent.headers.get('location')), verifier }
}

export const tokens = {
  async 'a guest is given a token for a market'(shop) {
    const answer = await ask(shop, 'guest')
    members(answer, GUEST_ANSWER)
    assert.equal(answer.tokenType, 'Bearer')
    assert.equal(answer.scope, 'market:code:europe')
    assert.equal(answer.expiresIn, 4 * 60 * 60)
    assert.ok(answer.expires > new Date())
    const { payload } = shop.auth.jwtDecode(answer.accessToken)
    assert.ok(shop.auth.jwtIsSalesChannel(payload))
    assert.equal(payload.owner, undefined)
    assert.deepEqual(payload.market.id, [DEMO.market])
  },

  async 'an integration is given a token for every market'(shop) {
    const answer = await ask(shop, 'integration')
    members(answer, GUEST_ANSWER)
    assert.equal(answer.scope, 'market:all')
    const { payload } = shop.auth.jwtDecode(answer.accessToken)
    assert.ok(shop.auth.jwtIsIntegration(payload))
    assert.equal(payload.application.confidential, true)
  },

  async 'a customer is given a token and a refresh token'(shop) {
    const answer = await ask(shop, 'customer')
    members(answer, CUSTOMER_ANSWER)
    assert.equal(answer.ownerId, DEMO.customer)
    assert.equal(answer.ownerType, 'customer')
    const { payload } = shop.auth.jwtDecode(answer.accessToken)
    assert.deepEqual(payload.owner, { id: DEMO.customer, type: 'Customer' })
  },

  async 'a refresh token is good for one new pair'(shop) {
    const first = await ask(shop, 'customer')
    const second = await refresh(shop, first.refreshToken)
    members(second, CUSTOMER_ANSWER)
    assert.notEqual(second.refreshToken, first.refreshToken)
    assert.equal(second.ownerId, DEMO.customer)
    const again = await refresh(shop, first.refreshToken)
    refused(again, 401, 'invalid_grant', 'UNAUTHORIZED')
  },

  async 'a revoked session gives no new tokens'(shop) {
    const { accessToken, refreshToken } = await ask(shop, 'customer')
    const revoked = await shop.auth.revoke({ clientId: 'demo-sales-channel', token: accessToken })
    assert.deepEqual(revoked, {})
    refused(await refresh(shop, refreshToken), 401, 'invalid_grant', 'UNAUTHORIZED')
  },

  'a revoked access token is refused': gap(UNTIL_EXPIRY, { name: 'AssertionError' }, async (shop) => {
    const { accessToken } = await ask(shop, 'customer')
    await shop.auth.revoke({ clientId: 'demo-sales-channel', token: accessToken })
    const client = shop.sdk(accessToken)
    await assert.rejects(client.orders.retrieve(DEMO.stripeOrder), { status: 401 })
  }),

  async 'a token is not revoked without its client'(shop) {
    const [, { clientSecret }] = CREDENTIALS.integration
    const answer = await shop.auth.revoke({ clientSecret, token: await shop.token('customer') })
    refused(answer, 403, 'unauthorized_client', 'FORBIDDEN')
  },

  async 'an unknown client is refused'(shop) {
    const answer = await ask(shop, 'guest', { clientId: 'wrong-client-id' })
    refused(answer, 401, 'invalid_client', 'UNAUTHORIZED')
  },

  async 'a refusal names its status as a number'(shop) {
    const { errors } = await ask(shop, 'guest', { clientId: 'wrong-client-id' })
    assert.equal(errors[0].status, 401)
  },

  async 'a wrong secret is refused'(shop) {
    const answer = await ask(shop, 'integration', { clientSecret: 'wrong-secret' })
    refused(answer, 401, 'invalid_client', 'UNAUTHORIZED')
  },

  async 'a wrong password is refused'(shop) {
    const answer = await ask(shop, 'customer', { password: 'wrong-password' })
    refused(answer, 401, 'invalid_grant', 'UNAUTHORIZED')
  },

  async 'a market that the client does not have is refused'(shop) {
    const answer = await ask(shop, 'guest', { scope: 'market:code:nowhere' })
    refused(answer, 400, 'invalid_scope', 'BAD_REQUEST')
  },

  async 'a customer who signs in on the page is given a token for the code'({ auth, network }) {
    const { redirect, verifier } = await signIn(network, 'demo-customer')
    assert.equal(redirect.searchParams.get('state'), 'of-the-shop')
    const code = redirect.searchParams.get('code')
    const asked = { clientId: 'demo-sales-channel', redirectUri: CALLBACK, code, codeVerifier: verifier }
    const answer = await auth.authenticate('authorization_code', { ...asked, domain: DOMAIN })
    members(answer, CUSTOMER_ANSWER)
    assert.equal(answer.ownerId, DEMO.customer)
    const again = await auth.authenticate('authorization_code', { ...asked, domain: DOMAIN })
    refused(again, 401, 'invalid_grant', 'UNAUTHORIZED')
    const ended = await refresh({ auth }, answer.refreshToken)
    refused(ended, 401, 'invalid_grant', 'UNAUTHORIZED')
  },

  async 'an authorization code that nobody was given is refused'({ auth }) {
    const code = { code: 'none', redirectUri: CALLBACK, codeVerifier: 'v'.repeat(43) }
    const answer = await auth.authenticate('authorization_code', {
      clientId: 'demo-sales-channel',
      ...code,
      domain: DOMAIN,
    })
    refused(answer, 401, 'invalid_grant', 'UNAUTHORIZED')
  },

  // The demo organization has no sales channel with a secret, for which it would be taken.
  async 'an assertion is refused from a client without a secret'({ auth }) {
    const owner = { type: 'Customer', id: DEMO.customer }
    const assertion = await auth.createAssertion({ payload: { 'https://commercelayer.io/claims': { owner } } })
    const [, client] = CREDENTIALS.guest
    const answer = await auth.authenticate(BEARER, { ...client, assertion, domain: DOMAIN })
    refused(answer, 401, 'invalid_client', 'UNAUTHORIZED')
  },

  async 'tokens are verified with the keys that the issuer publishes'({ auth, token, network }) {
    const accessToken = await token('customer')
    const verified = await auth.jwtVerify(accessToken)
    assert.deepEqual(verified, auth.jwtDecode(accessToken))
    assert.equal(verified.header.alg, 'RS512')
    const { host } = new URL(verified.payload.iss)
    assert.ok(network.asked.includes(`${host}/.well-known/jwks.json`))
  },

  async 'a token that was changed is not verified'({ auth, token }) {
    const [header, payload, signature] = (await token('guest')).split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url'))
    const changed = Buffer.from(JSON.stringify({ ...claims, test: false })).toString('base64url')
    await assert.rejects(auth.jwtVerify(`${header}.${changed}.${signature}`), /Invalid signature/)
  },

  async 'the API is found from a token alone'({ auth, token, server }) {
    const { host } = new URL(server.url)
    assert.equal(auth.getCoreApiBaseEndpoint(await token('guest')), `https://demo.${host}`)
  },
}

// What the shopper's browser and bank do at the gateways: requests to the stand-ins.

import assert from 'node:assert/strict'

/** The browser confirms a PaymentIntent, as Stripe.js does it, with the card that was entered if one was. */
export async function confirmAtStripe({ server }, payment, card) {
  const entered = card && { payment_method: card }
  const body = new URLSearchParams({ key: 'pk_test_demo', client_secret: payment.client_secret, use_stripe_sdk: 'true', ...entered })
  const path = `/v1/payment_intents/${payment.stripe_id}/confirm`
  const answer = await fetch(server.stripe + path, { method: 'POST', body })
  const intent = await answer.json()
  assert.equal(answer.status, 200, JSON.stringify(intent))
  return intent
}

/** The shopper agrees in Klarna's form: the authorization token that its script gives back. */
export async function agreeAtKlarna({ server }, payment) {
  return answered(`${server.klarna}/payments/v1/sessions/${payment.session_id}/_authorize`, {
    client_token: payment.client_token,
  })
}

/** The shopper passes the bank's check of a payment at Checkout.com. */
export async function passBankAtCheckoutCom({ server }, payment) {
  return answered(`${server.checkoutCom}/3ds/${payment.payment_response.id}/_authenticate`, { success: true })
}

async function answered(url, body) {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  assert.ok(answer.ok, `${url}: ${answer.status} ${text}`)
  return text && JSON.parse(text)
}

// What happens in the shopper's browser, away from the shop: the vendors' scripts, and the bank.

import { curl, record, shown } from './code.js'
import { facts } from './api.js'
import { el, part } from './dom.js'

export const gatewayOf = (sourceType) => facts.gateways.find((it) => it.source_type === sourceType)

/** Where the bank sends the shopper back to. */
export const RETURN_URL = `${location.origin}/page/returned`

/** What a PaymentIntent is once the shopper is through. */
const HELD = ['requires_capture', 'succeeded']
const FORM = 'application/x-www-form-urlencoded'

async function atGateway(url, { title, method = 'POST', type, body, sdk }) {
  const began = performance.now()
  let status = 0
  let answer = null
  try {
    const response = await fetch(url, { method, headers: type ? { 'content-type': type } : {}, body })
    status = response.status
    answer = await response.json()
  } finally {
    const headers = type ? [`Content-Type: ${type}`] : []
    const ms = performance.now() - began
    if (title) record({ title, who: "In the shopper's browser", status, ms, sdk, answer: shown(answer), curl: curl(method, url, headers, body?.toString()) })
  }
  return { status, answer }
}

/** Confirms a PaymentIntent with its `client_secret`, as Stripe.js does; gives the intent as it is then. */
export async function confirmAtStripe(source) {
  const intent = await confirmed(source, {})
  if (intent.status !== 'requires_action') return intent
  return answerAtStripe(source, intent)
}

/** Has the shopper answer the bank about an intent; gives it as it is then. */
export async function answerAtStripe(source, { next_action }) {
  const url = next_action.redirect_to_url?.url ?? next_action.use_stripe_sdk.stripe_js
  await askBank(url, async () => (await readAtStripe(source, null)).status !== 'requires_action')
  return readAtStripe(source)
}

async function confirmed(source, entered) {
  const { url } = gatewayOf('stripe_payments')
  const body = new URLSearchParams({ key: source.publishable_key, client_secret: source.client_secret, return_url: RETURN_URL, ...entered })
  try {
    const { answer } = await atGateway(`${url}/v1/payment_intents/${source.stripe_id}/confirm`, {
      title: 'Confirm the payment', type: FORM, body, sdk: 'await stripe.confirmPayment({\n  clientSecret,\n  confirmParams: { return_url },\n})',
    })
    const { error } = answer
    if (!error) return answer
    const intent = error.payment_intent
    if (HELD.includes(intent?.status)) return intent
    // A card that was declined before is no longer on the intent: it is entered again.
    if (error.code === 'payment_intent_unexpected_state' && !entered.payment_method) {
      return confirmed(source, { payment_method: source.options.id })
    }
    return { ...intent, declined: error.message }
  } catch {
    // The answer was lost, the confirmation may have taken effect: Stripe knows.
    const intent = await readAtStripe(source)
    return intent.status === 'requires_confirmation' ? confirmed(source, entered) : intent
  }
}

/** The intent as the browser may read it; without a title it is not shown as code. */
export async function readAtStripe(source, title = 'Read the payment') {
  const { url } = gatewayOf('stripe_payments')
  const query = new URLSearchParams({ key: source.publishable_key, client_secret: source.client_secret })
  const { answer } = await atGateway(`${url}/v1/payment_intents/${source.stripe_id}?${query}`, {
    title, method: 'GET', sdk: 'await stripe.retrievePaymentIntent(clientSecret)',
  })
  const failed = answer.last_payment_error
  return failed && answer.status === 'requires_payment_method' ? { ...answer, declined: failed.message } : answer
}

/** Agrees in Klarna's form; gives the authorization token. */
export async function agreeAtKlarna(source, name) {
  const { url } = gatewayOf('klarna_payments')
  const body = { client_token: source.client_token, ...(name && { authorization_token: name }) }
  const { answer } = await atGateway(`${url}/payments/v1/sessions/${source.session_id}/_authorize`, {
    title: "Agree in Klarna's form", type: 'application/json', body: JSON.stringify(body, null, 2),
    sdk: 'Klarna.Payments.authorize({ payment_method_category }, {}, ({ authorization_token }) => …)',
  })
  return answer.authorization_token
}

/** A token that nobody has seen; a name says what becomes of it. */
export function unseen(beginning, sourceType) {
  const random = crypto.randomUUID()
  if (sourceType !== 'checkout_com_payments') return beginning + random
  // Checkout.com's have 26 letters and digits.
  return (beginning + random.replaceAll('-', '')).slice(0, 30)
}

const LOOK_EVERY_MS = 700

/** Shows the bank's page until it has sent the shopper back, `isOver` says so, or they have closed it. */
export function askBank(url, isOver = async () => false) {
  const dialog = part('bank')
  const frame = el('iframe', { src: url, title: "The bank's page" })
  part('bank-frame').replaceChildren(frame)
  dialog.showModal()
  return new Promise((resolve) => {
    const back = (event) => {
      if (event.origin === location.origin && event.data === 'returned') dialog.close()
    }
    addEventListener('message', back)
    const looking = setInterval(async () => (await isOver().catch(() => false)) && dialog.close(), LOOK_EVERY_MS)
    dialog.addEventListener('close', () => {
      clearInterval(looking)
      removeEventListener('message', back)
      part('bank-frame').replaceChildren()
      resolve()
    }, { once: true })
  })
}

// Paying as the shopper: with a new card at any gateway, or with one from the wallet.

import { create, get, update } from './api.js'
import { button, el, field } from './dom.js'
import { agreeAtKlarna, answerAtStripe, askBank, confirmAtStripe, gatewayOf, readAtStripe, RETURN_URL, unseen } from './shopper.js'
import { act, draw, shop } from './shop.js'
import { instrument, money } from './words.js'

const OUTCOMES = { approved: 'Approved', asks: 'The bank asks', declined: 'Declined', otherwise: 'Goes otherwise' }

/** The shopper whose order it is. */
const shopperOf = (order) => (order.guest ? 'guest' : 'customer')

/** Something that the shopper has to do differently. */
class Declined extends Error {
  name = 'Refused'
  errors
  constructor(detail) {
    super(detail)
    this.errors = [{ detail, code: 'PAYMENT_DECLINED' }]
  }
}

/** The parts of paying, each drawn by itself. */
export const checkout = () => el('div', { class: 'act stack' },
  el('h3', {}, 'Pay as the shopper'),
  ['pay-placing', 'pay-saved', 'pay-new'].map((id) => el('div', { id })))

/** Draws what an open order is paid with. */
export function pay(order) {
  const saved = order.guest ? [] : order.available_customer_payment_sources ?? []
  const methods = order.available_payment_methods.filter((it) => gatewayOf(it.payment_source_type))
  draw('pay-placing', [order.payment_source?.id, order.payment_source?.payment_instrument], () => (order.payment_source ? onTheOrder(order) : []))
  draw('pay-saved', saved.map((entry) => [entry.id, nameOf(entry)]), () => (saved.length ? withSaved(order, saved) : []))
  draw('pay-new', [order.id, order.total_amount_with_taxes_cents, methods.map(({ id }) => id)], () => newCard(order, methods))
}

const onTheOrder = (order) => el('div', { class: 'stack' },
  el('div', { class: 'row' },
    el('p', {}, `${instrument(order.payment_source) ?? 'A payment source'} is on the order. `, el('span', { class: 'quiet' }, 'Place the order with it, or pay with something else below.')),
    button('Place the order', () => act(() => place(order)))),
  el('hr'))

const withSaved = (order, saved) => el('div', { class: 'stack' },
  el('p', {}, el('strong', {}, 'With a saved card')),
  el('div', { class: 'methods' }, saved.map((entry) =>
    button(nameOf(entry), () => act(() => payWithSaved(order, entry)), { class: 'plain', 'data-entry': entry.id }))),
  el('hr'))

function newCard(order, methods) {
  const chosen = methods.find((it) => it.id === order.payment_method?.id) ?? methods[0]
  const values = el('select', { name: 'value' })
  const keep = el('input', { type: 'checkbox', name: 'keep', checked: !order.guest, disabled: order.guest })
  const show = (method) => values.replaceChildren(...groups(gatewayOf(method.payment_source_type)))
  const radios = methods.map((method) =>
    el('label', {}, el('input', { type: 'radio', name: 'method', value: method.id, checked: method === chosen, onchange: () => show(method) }), gatewayOf(method.payment_source_type).title))
  show(chosen)
  const paid = `Pay ${money(order.total_amount_with_taxes_cents, order.currency_code)}`
  const form = el('form', { class: 'stack', id: 'pay' },
    el('fieldset', {}, el('legend', {}, 'With'), el('div', { class: 'methods' }, radios)),
    field('Test card, by what it does', values),
    el('label', { class: 'check' }, keep, order.guest ? 'Guests keep no cards' : 'Keep it in the wallet'),
    el('div', { class: 'row' }, el('button', { type: 'submit' }, paid)))
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const submit = form.querySelector('button')
    submit.disabled = true
    const method = methods.find((it) => it.id === form.elements.method.value)
    await act(() => payNew(shop.order, method, JSON.parse(values.value), keep.checked && !order.guest))
    submit.disabled = false
  })
  return form
}

const groups = (gateway) => Object.entries(OUTCOMES).map(([paying, label]) => {
  const options = gateway.test_values.filter((it) => it.paying === paying)
  return options.length ? el('optgroup', { label }, options.map((it) => el('option', { value: JSON.stringify(it) }, it.words))) : null
}).filter(Boolean)

/** Pays with what was entered: a payment source, the gateway's own step, perhaps saving, placing. */
async function payNew(order, method, value, keeps) {
  const as = shopperOf(order)
  if (order.payment_method?.id !== method.id) {
    await update(as, 'orders', order.id, {}, { payment_method: ['payment_methods', method.id] }, { title: 'Choose the payment method' })
  }
  await WAYS[method.payment_source_type](as, order, value, keeps)
  if (keeps) {
    await update(as, 'orders', order.id, { _save_payment_source_to_customer_wallet: true }, {}, { title: 'Keep it in the wallet' })
  }
  return place(order)
}

const TITLE = { title: 'Make the payment source' }
const forOrder = (order) => ({ order: ['orders', order.id] })

const WAYS = {
  async stripe_payments(as, order, { value }, keeps) {
    const options = { id: value, ...(keeps && { setup_future_usage: 'off_session' }) }
    const source = await create(as, 'stripe_payments', { options }, forOrder(order), TITLE)
    throughAtStripe(await confirmAtStripe(source))
  },
  async checkout_com_payments(as, order, { value }) {
    const urls = { success_url: RETURN_URL, failure_url: RETURN_URL }
    const source = await create(as, 'checkout_com_payments', urls, forOrder(order), TITLE)
    const token = unseen(value, 'checkout_com_payments')
    const paid = await update(as, source.type, source.id, { token, _authorize: true }, {}, { title: 'Authorize it with the token' })
    if (paid.redirect_uri && paid.payment_response?.status === 'Pending') await askBank(paid.redirect_uri)
    if (paid.payment_response?.status === 'Declined') throw new Declined('The card was declined.')
  },
  async klarna_payments(as, order, { value }) {
    const source = await create(as, 'klarna_payments', {}, forOrder(order), TITLE)
    const auth_token = await agreeAtKlarna(source, unseen(value, source.type))
    await update(as, source.type, source.id, { auth_token }, {}, { title: "Bring Klarna's token" })
  },
  async external_payments(as, order, { value }) {
    await create(as, 'external_payments', { payment_source_token: unseen(value, 'external_payments') }, forOrder(order), TITLE)
  },
}

function throughAtStripe(intent) {
  if (intent.declined) throw new Declined(intent.declined)
  if (intent.status === 'requires_action') throw new Declined('The bank has no answer yet.')
}

/** A saved card by its brand and its gateway, as the wallet has it. */
function nameOf({ id, name }) {
  const entry = shop.wallet.find((it) => it.id === id)
  const title = gatewayOf(entry?.payment_source?.type)?.title
  return [instrument(entry?.payment_source) ?? name ?? 'Saved payment', title].filter(Boolean).join(', ')
}

/** Puts a saved card on the order, with its method, and places it. */
export async function payWithSaved(order, entry) {
  const method = methodOf(entry)
  const relationships = method && order.payment_method?.id !== method.id ? { payment_method: ['payment_methods', method.id] } : {}
  await update(shopperOf(order), 'orders', order.id, { _customer_payment_source_id: entry.id, return_url: RETURN_URL }, relationships, { title: 'Put the saved card on the order' })
  return place(order)
}

/** The payment method of an entry, as the wallet has it. */
const methodOf = ({ id }) => shop.wallet.find((it) => it.id === id)?.payment_method

async function place(order) {
  const as = shopperOf(order)
  try {
    return await placed(as, order, 'Place the order')
  } catch (error) {
    if (!error.has?.('SHOPPER_REQUIRED')) throw error
    await answerTheBank(as, order)
    return placed(as, order, 'Place the order again')
  }
}

async function placed(as, order, title) {
  const { number, status, payment_status } = await update(as, 'orders', order.id, { _place: true }, {}, { title })
  if (status === 'placing') return `Order ${number} waits: the gateway decides later whether it holds the amount, and the order is placed by itself then.`
  return `Order ${number} is placed: ${payment_status === 'authorized' ? 'the amount is held, nothing is captured yet' : payment_status}.`
}

/** The gateway wants the shopper, who goes on with what the payment source carries. */
async function answerTheBank(as, order) {
  const { payment_source: source } = await get(as, `/api/orders/${order.id}`, { query: 'include=payment_source' })
  if (source.type === 'stripe_payments') {
    const intent = await readAtStripe(source)
    throughAtStripe(await (intent.status === 'requires_action' ? answerAtStripe(source, intent) : confirmAtStripe(source)))
  } else if (source.type === 'klarna_payments') {
    const auth_token = await agreeAtKlarna(source)
    await update(as, source.type, source.id, { auth_token }, {}, { title: "Bring Klarna's token" })
  } else if (source.redirect_uri) {
    await askBank(source.redirect_uri)
  }
}

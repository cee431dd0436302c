// The till: what the shop's back end does with an order that is placed.

import { update } from './api.js'
import { button, el, field } from './dom.js'
import { act } from './shop.js'
import { amount, cents, money } from './words.js'

export function till(order) {
  const of = (type) => order.transactions.filter((it) => it.type === type && it.succeeded)
  const held = of('authorizations').filter((it) => it.capture_balance_cents > 0)
  const taken = of('captures').filter((it) => it.refund_balance_cents > 0)
  const acts = [
    order.status === 'placed' && placed(order),
    order.status === 'approved' && held.map((it) => capture(order, it)),
    taken.map((it) => refund(order, it)),
  ].flat().filter(Boolean)
  return el('div', { class: 'act stack' },
    el('h3', {}, "At the till, as the shop's back end"),
    acts.length ? acts : el('p', { class: 'quiet' }, 'Nothing is left to do: no money is held, none can be refunded.'))
}

const trigger = (order, attributes, title, said) => () =>
  act(async () => {
    await update('integration', 'orders', order.id, attributes, {}, { title })
    return said
  })

const placed = (order) => el('div', { class: 'stack' },
  el('p', { class: 'quiet' }, 'The amount is held. Approve the order to take it; cancel the order to release it.'),
  el('div', { class: 'row' },
    button('Approve', trigger(order, { _approve: true }, 'Approve the order', 'The order is approved: it can be captured.')),
    button('Approve and capture all', trigger(order, { _approve_and_capture: true }, 'Approve and capture', 'All of it is captured.'), { class: 'plain' }),
    button('Cancel the order', trigger(order, { _cancel: true }, 'Cancel the order', 'The order is cancelled, and what was held is released.'), { class: 'danger' })))

/** An amount to type, of this transaction, and what is done with it. */
function sum(order, { id }, label, most, press, verb) {
  const input = el('input', { name: id, inputmode: 'decimal', autocomplete: 'off', value: amount(most, order.currency_code), size: 10 })
  const read = () => {
    const value = cents(input.value, order.currency_code)
    const isWrong = !(value > 0 && value <= most)
    input.setCustomValidity(isWrong ? `An amount up to ${money(most, order.currency_code)}.` : '')
    return input.reportValidity() ? value : null
  }
  input.addEventListener('input', () => input.setCustomValidity(''))
  const go = button(verb, async () => {
    const value = read()
    if (value === null) return
    await act(async () => {
      const said = await press(value)
      // It may have been drawn anew meanwhile.
      const shown = document.getElementsByName(id)[0]
      if (shown) shown.value = shown.defaultValue
      return said
    })
  })
  input.addEventListener('keydown', (event) => event.key === 'Enter' && go.click())
  return [field(label, input), go]
}

const capture = (order, authorization) => {
  const most = Math.min(authorization.capture_balance_cents, order.total_amount_with_taxes_cents)
  return el('div', { class: 'row' },
    sum(order, authorization, `Capture, up to ${money(most, order.currency_code)}`, most, async (value) => {
      const part = value < authorization.capture_balance_cents ? { _capture_amount_cents: value } : {}
      await update('integration', 'authorizations', authorization.id, { _capture: true, ...part }, {}, { title: 'Capture' })
      return `${money(value, order.currency_code)} is captured.`
    }, 'Capture'),
    button('Release', () => act(async () => {
      await update('integration', 'authorizations', authorization.id, { _void: true }, {}, { title: 'Release what is held' })
      return 'What was held is released.'
    }), { class: 'plain' }))
}

const refund = (order, captured) => el('div', { class: 'row' },
  sum(order, captured, `Refund, up to ${money(captured.refund_balance_cents, order.currency_code)}`, captured.refund_balance_cents, async (value) => {
    await update('integration', 'captures', captured.id, { _refund: true, _refund_amount_cents: value }, {}, { title: 'Refund' })
    return `${money(value, order.currency_code)} is refunded.`
  }, 'Refund'))

// An order's story in time, and where its money stands.

import { el, pairs } from './dom.js'
import { moment, money } from './words.js'

const TRANSACTIONS = { authorizations: ['Held', 'held'], captures: ['Captured', 'good'], refunds: ['Refunded', 'warn'], voids: ['Released', ''] }

/** What happened, the oldest first. */
export function story(order) {
  const happened = [
    [order.created_at, 'Created', ''],
    [order.payment_source?.created_at, 'Payment source', '', null, referenceOf(order.payment_source)],
    ...order.transactions.map(transaction),
    [order.placed_at, 'Placed', 'held'],
    [order.approved_at, 'Approved', 'good'],
    [order.cancelled_at, 'Cancelled', 'bad'],
  ].filter(([at]) => at)
  // What happens at once happens in this order.
  happened.sort((one, other) => new Date(one[0]) - new Date(other[0]))
  const steps = happened.map(([at, what, tone, cents, reference]) =>
    el('li', { class: tone },
      el('strong', {}, what),
      cents ? el('span', { class: 'number' }, money(cents, order.currency_code)) : null,
      el('span', {}, el('time', { datetime: at }, moment(at))),
      reference ? el('code', { title: reference }, reference) : null))
  return el('ol', { class: 'story', 'aria-label': 'What happened, the oldest first' }, steps)
}

function transaction(it) {
  const [what, tone] = TRANSACTIONS[it.type]
  const reference = it.gateway_transaction_id ?? it.token
  if (it.succeeded) return [it.created_at, what, tone, it.amount_cents, reference]
  const failed = it.error_code || /declin|fail/i.test(it.message ?? '')
  return [it.created_at, `${what}: ${failed ? 'failed' : 'not decided'}`, failed ? 'bad' : 'warn', it.amount_cents, it.message]
}

/** The gateway's reference of a payment. */
export const referenceOf = (source) => source?.stripe_id ?? source?.payment_response?.id ?? source?.session_id ?? null

/** Sums of what moved. */
export function sums(order) {
  const of = (type) => order.transactions.filter((it) => it.type === type && it.succeeded)
  const sum = (records, name) => records.reduce((total, it) => total + (it[name] ?? 0), 0)
  return {
    held: sum(of('authorizations'), 'capture_balance_cents'),
    captured: sum(of('captures'), 'amount_cents'),
    refunded: sum(of('refunds'), 'amount_cents'),
    released: sum(of('voids'), 'amount_cents'),
  }
}

export function figures(order) {
  const { held, captured, refunded, released } = sums(order)
  const of = (value) => el('span', { class: 'number' }, money(value, order.currency_code))
  return pairs('figures', [
    ['Total', of(order.total_amount_with_taxes_cents)],
    ['Held', of(held)],
    ['Captured', of(captured)],
    ['Refunded', of(refunded)],
    ['Released', of(released)],
  ])
}

// The customer's wallet, as cards.

import { call } from './api.js'
import { payWithSaved } from './checkout.js'
import { button, el, pairs } from './dom.js'
import { act, draw, shop } from './shop.js'
import { brand, dayOf } from './words.js'

const FACES = { visa: 'visa', mastercard: 'mastercard', amex: 'amex' }

export function wallet() {
  const { order } = shop
  draw('wallet-detail', [shop.wallet, order?.id, order?.status, order?.available_customer_payment_sources, shop.orders], () =>
    el('div', { class: 'wallet' }, shop.wallet.length
      ? shop.wallet.map(card)
      : el('p', { class: 'empty' }, 'Nothing is kept yet. Pay an order with “Keep it in the wallet”: the card stands here, and pays the next order.')))
}

function card(entry) {
  const paid = entry.payment_source?.payment_instrument ?? {}
  const gone = unusable(entry, paid)
  const why = gone ?? notNow()
  const used = shop.orders.filter((order) => isOf(order, paid, entry))
  const digits = paid.card_last_digits ? `···· ${paid.card_last_digits}` : entry.name ?? ''
  return el('article', { class: 'card', 'data-entry': entry.id, 'aria-label': `${brand(paid.card_type)} ${digits}` },
    el('div', { class: `face ${FACES[paid.card_type] ?? 'other'}${gone ? ' is-unusable' : ''}` },
      el('div', {}, el('strong', {}, (paid.card_type ?? paid.issuer_type ?? 'payment').replaceAll('-', ' ')), el('small', {}, entry.payment_method?.name ?? '')),
      el('div', { class: 'digits' }, digits),
      el('div', {}, el('small', {}, paid.card_expiry_month ? `Expires ${paid.card_expiry_month.padStart(2, '0')}/${paid.card_expiry_year}` : 'No expiry'))),
    pairs('pairs', [
      ['Kept since', dayOf(entry.created_at)],
      ['On', used.length ? `order ${used.map((it) => it.number).join(', ')}` : 'no order now'],
    ]),
    why ? el('p', { class: 'quiet' }, why) : null,
    el('div', { class: 'row' },
      why ? null : button(`Pay order ${shop.order.number} with it`, () => act(() => payWithSaved(shop.order, entry))),
      button('Delete', () => act(() => forget(entry)), { class: 'danger', 'aria-label': `Delete ${digits}` })))
}

const isOf = (order, paid, entry) => {
  const card = order.payment_source?.payment_instrument
  const sameCard = paid.card_last_digits && card?.card_last_digits === paid.card_last_digits && card.card_type === paid.card_type
  return !order.guest && sameCard && order.payment_source.type === entry.payment_source?.type
}

const isOpen = (order) => ['draft', 'pending'].includes(order.status)

/** Why an entry pays nothing any more, and what to do. */
function unusable(entry, paid) {
  const { order } = shop
  const ends = paid.card_expiry_year && new Date(Number(paid.card_expiry_year), Number(paid.card_expiry_month))
  if (ends && ends < new Date()) return 'The card has expired: pay with another and keep that.'
  if (!order || !isOpen(order) || order.guest) return null
  if (order.available_customer_payment_sources?.some(({ id }) => id === entry.id)) return null
  return 'The gateway keeps it no longer, or its method is not offered: enter the card again.'
}

/** Why no entry pays the order that is chosen. */
function notNow() {
  const { order } = shop
  if (!order) return 'There is no order to pay.'
  if (!isOpen(order)) return `Order ${order.number} is ${order.status}. To pay with this, choose an open order or make a new one.`
  return order.guest ? `Order ${order.number} is a guest's, and guests have no wallet.` : null
}

async function forget(entry) {
  await call('customer', 'DELETE', `/api/customer_payment_sources/${entry.id}`, { title: 'Delete from the wallet' })
  return 'It is forgotten here, and at the gateway as soon as that answers.'
}

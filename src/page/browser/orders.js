// The orders, and the one that is chosen.

import { create, facts } from './api.js'
import { button, el, fill, pairs, part } from './dom.js'
import { checkout, pay } from './checkout.js'
import { till } from './till.js'
import { act, choose, draw, shop } from './shop.js'
import { gatewayOf } from './shopper.js'
import { figures, referenceOf, story } from './story.js'
import { instrument, money, moment, state } from './words.js'

/** What an order shows when it is chosen: each part is drawn by itself. */
const PARTS = ['order-story', 'order-figures', 'order-act', 'order-more']

export function begin() {
  fill('order-actions', button('New order', () => act(newOrder), { class: 'plain' }))
  part('order-detail').append(...PARTS.map((id) => el('div', { id })))
}

export function orders() {
  draw('order-list', [shop.chosen, shop.orders], () => el('ol', { 'aria-label': 'Orders' }, shop.orders.map(row)))
  part('order-list').removeAttribute('aria-busy')
}

export const pill = (status) => {
  const [words, tone] = state(status)
  return el('span', { class: `pill ${tone}` }, words)
}

const row = (order) =>
  el('li', {}, el('button', { type: 'button', class: 'order-row', 'data-order': order.id, 'aria-current': order.id === shop.chosen ? 'true' : null, onclick: () => act(() => choose(order.id)) },
    el('strong', {}, `Order ${order.number}`),
    el('span', { class: 'number' }, money(order.total_amount_with_taxes_cents, order.currency_code)),
    el('span', { class: 'quiet wide' }, order.customer_email ?? 'nobody yet'),
    el('span', { class: 'quiet' }, gatewayOf(order.payment_method?.payment_source_type)?.title ?? order.payment_method?.name ?? 'no method yet'),
    el('span', {}, states(order).map(pill))))

/** An order's status, and its payment's where that says more. */
const states = ({ status, payment_status }) => (payment_status === 'unpaid' ? [status] : [status, payment_status])

export function order() {
  const { order } = shop
  if (!order) return
  part('order-title').textContent = `Order ${order.number}`
  draw('order-status', [order.status, order.payment_status], () => [pill(order.status), ' ', pill(order.payment_status)])
  draw('order-story', [order.id, order.transactions, order.updated_at, order.payment_source?.id], () => story(order))
  draw('order-figures', [order.id, order.transactions], () => figures(order))
  const isOpen = ['draft', 'pending'].includes(order.status)
  draw('order-act', isOpen ? [order.id] : [order.id, order.status, order.transactions], () => (isOpen ? checkout() : till(order)))
  if (isOpen) pay(order)
  draw('order-more', [order, owed(order)], () => more(order))
}

const owed = (order) => shop.operations.filter((it) => it.order?.id === order.id && it.status !== 'settled')

function more(order) {
  const source = order.payment_source
  return el('div', { class: 'columns' },
    el('div', { class: 'block' }, el('h3', {}, 'Lines'),
      el('ul', { class: 'lines' },
        order.line_items.map((line) => el('li', {}, el('span', {}, `${line.quantity} × ${line.name}`), el('span', { class: 'number' }, money(line.total_amount_cents, line.currency_code)))),
        el('li', { class: 'total' }, el('span', {}, 'Total'), el('span', { class: 'number' }, money(order.total_amount_with_taxes_cents, order.currency_code))))),
    el('div', { class: 'block' }, el('h3', {}, 'Payment'),
      pairs('pairs', [
        ['Customer', order.customer_email ?? (order.guest ? 'a guest' : 'none')],
        ['Method', order.payment_method?.name ?? 'none chosen'],
        ['Source', source ? el('code', {}, `${source.type}/${source.id}`) : 'none yet'],
        source && ['Pays with', instrument(source) ?? 'a token of the gateway'],
        referenceOf(source) && ['At the gateway', el('code', {}, referenceOf(source))],
      ])),
    el('div', { class: 'block' }, el('h3', {}, 'Owed to the gateway'),
      owed(order).length
        ? el('ul', { class: 'stack' }, owed(order).map((it) => el('li', { class: `notice ${it.status === 'stuck' ? 'bad' : 'warn'}` },
          el('strong', {}, `${it.step}: ${it.status.replace('_', ' ')}`),
          it.problem_detail ?? `Tried ${it.tries} times; carried on ${it.due_at ? moment(it.due_at) : 'soon'}.`)))
        : el('p', { class: 'quiet' }, 'Nothing: all that was asked is answered.')))
}

/** Another order, as the shop's own system makes them. */
async function newOrder() {
  const { basket } = facts
  const total = basket.lines.reduce((sum, line) => sum + line.unit_amount_cents, 0)
  const titled = (title) => ({ title })
  const address = await create('integration', 'addresses', basket.address, {}, titled('Make the address'))
  const made = await create('integration', 'orders',
    { customer_email: facts.customer.username, currency_code: 'EUR', country_code: basket.address.country_code, language_code: 'en', tax_included: true,
      subtotal_amount_cents: total, shipping_amount_cents: 0, total_amount_cents: total, total_amount_with_taxes_cents: total },
    { market: ['markets', basket.market], customer: ['customers', basket.customer], billing_address: ['addresses', address.id],
      shipping_address: ['addresses', address.id], payment_method: ['payment_methods', basket.payment_methods[0].id] },
    titled('Make the order'))
  const order = { order: ['orders', made.id] }
  await create('integration', 'shipments', { currency_code: 'EUR', cost_amount_cents: 0 },
    { ...order, shipping_method: ['shipping_methods', basket.shipping_method] }, titled('Make its shipment'))
  for (const line of basket.lines) {
    await create('integration', 'line_items',
      { ...line, quantity: 1, currency_code: 'EUR', total_amount_cents: line.unit_amount_cents, item_type: 'skus' }, order, titled('Put a line on it'))
  }
  await choose(made.id)
  return `Order ${made.number} is made, as a shop's own system makes them. Pay it below.`
}

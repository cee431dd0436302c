// Money, times and states in the reader's words.

/** Minor units as the reader writes them. */
export function money(cents, currency = 'EUR') {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency })
  return format.format(cents / 10 ** format.resolvedOptions().maximumFractionDigits)
}

/** What the reader typed, in minor units; NaN where it is no amount. */
export function cents(text, currency = 'EUR') {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits
  const plain = text.trim().replace(',', '.')
  return /^\d+(\.\d+)?$/.test(plain) ? Math.round(Number(plain) * 10 ** digits) : NaN
}

/** Minor units as they are typed. */
export const amount = (value, currency = 'EUR') => {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits
  return (value / 10 ** digits).toFixed(digits)
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' })

export const timeOf = (at) => clock.format(new Date(at))
export const dayOf = (at) => calendar.format(new Date(at))

/** The time alone today, with its day before. */
export const moment = (at) => (new Date(at).toDateString() === new Date().toDateString() ? timeOf(at) : short.format(new Date(at)))

/** Milliseconds. */
export const duration = (ms) => new Intl.NumberFormat(undefined, { maximumFractionDigits: ms < 10 ? 1 : 0 }).format(ms) + ' ms'

const TONES = {
  draft: '', pending: '', unpaid: '', placing: '', placed: 'held', authorized: 'held', approved: 'good', paid: 'good', free: 'good',
  partially_authorized: 'held', partially_paid: 'good', refunded: 'warn', partially_refunded: 'warn',
  voided: 'warn', partially_voided: 'warn', cancelled: 'bad',
}

/** `partially_refunded`: its words and its colour. */
export const state = (status) => [String(status).replaceAll('_', ' '), TONES[status] ?? '']

const WHAT_TO_DO = {
  PAYMENT_DECLINED: 'Nothing is held. Pay with another card.',
  SHOPPER_REQUIRED: 'The shopper has to answer the bank first. Place the order again to go on.',
  PAYMENT_SOURCE_NOT_REUSABLE: 'Enter the card again, or take another.',
  GATEWAY_ERROR: 'The gateway gave no answer. What it may have done is found out by itself: try again, nothing is held twice.',
  INVALID_TOKEN: 'The token is over. Reload the page.',
  RECORD_NOT_FOUND: 'It is gone meanwhile, perhaps deleted in another tab.',
  TOO_MANY_REQUESTS: 'Wait a moment, then try again.',
}

/** What went wrong, and what to do about it. */
export function problem(error) {
  if (error.name === 'TypeError') {
    return ['There was no answer', 'Is the server still running? Start it again with “cargo run” and reload the page.']
  }
  const first = error.errors?.[0]
  if (!first) return ['This did not work', error.message]
  const todo = WHAT_TO_DO[first.code] ?? 'Change it and try again.'
  return [error.errors.map((it) => it.detail ?? it.title).join(' '), todo]
}

/** A card, or what else pays, by its name. */
export function instrument(source) {
  const card = source?.payment_instrument
  if (!card?.card_last_digits) return card?.issuer_type ?? null
  return `${brand(card.card_type)} ···· ${card.card_last_digits}`
}

export const brand = (type) => (type ? type[0].toUpperCase() + type.slice(1) : 'Card')

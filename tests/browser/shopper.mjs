// A shopper's walk through the shop's page, and what the page asked Billfold on it.

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { DOMAIN } from './shop.mjs'
import { answerForVendors } from './vendors.mjs'

const SCREENSHOTS = fileURLToPath(new URL('../../target/browser/', import.meta.url))

/** How long a shopper waits for anything. */
const PATIENCE = 15_000

/** How long nothing is asked when a page has all that it wants. */
const QUIET = 150
const TICK = 50

export const METHODS = {
  stripe: 'stripe_payments',
  checkoutCom: 'checkout_com_payments',
  klarna: 'klarna_payments',
  external: 'external_payments',
}

/** Where the vendors' scripts ask for a card. */
const FIELDS = { stripe: 'stripe-card', checkoutCom: 'checkout-com-card' }

/** Cards whose banks ask. */
const ASKING = { stripe: 'threeDSecure2Required', checkoutCom: 'redirect' }

/** Under this name the shop's page finds the token of what pays at the shop's own gateway. */
const EXTERNAL_TOKEN = 'external_token'

/** A card by the name that it has at the stand-in: one of Stripe's own, or a token that nobody has used. */
function newCard(method, name) {
  if (method === 'stripe') return `pm_card_${name}`
  const random = () => String.fromCharCode(97 + Math.floor(26 * Math.random()))
  const begin = `tok_${name}_`
  return begin + Array.from({ length: 30 - begin.length }, random).join('')
}

/** What a page shows of what was paid with. */
const SHOWN = { stripe: /visa.*\d{4}/i, checkoutCom: /visa.*4242/i, klarna: /klarna/i, external: '' }

const ADDRESSES = {
  IT: { first_name: 'Eve', last_name: 'New', line_1: 'Via Nuova 2', city: 'Roma', zip_code: '00100', phone: '+39 06 123456', state: 'RM' },
  DE: { first_name: 'Eve', last_name: 'New', line_1: 'Neue Straße 2', city: 'Berlin', zip_code: '10115', phone: '+49 30 123456', state: 'BE' },
}

/**
 * Has a shopper walk, in a window of their own. A walk that fails leaves a screenshot in target/browser/ with
 * what was asked in its error. With SHOW=1 in the environment, every walk prints what it asked.
 */
export async function walk(browser, shop, name, steps) {
  const context = await browser.newContext()
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  await answerForVendors(page, shop.server)
  const shopper = new Shopper(page, shop)
  try {
    await steps(shopper)
    await shopper.hasAllAnswers()
    if (process.env.SHOW) console.log(withoutTokens(shopper.report()))
    return shopper
  } catch (error) {
    await mkdir(SCREENSHOTS, { recursive: true })
    const file = `${SCREENSHOTS}${name.replaceAll(/\W+/g, '-')}.png`
    await page.screenshot({ path: file, fullPage: true }).catch(() => {})
    throw new Error(withoutTokens(`${error.message}\n${file}\n${page.url()}\n${shopper.report()}`))
  } finally {
    await context.close()
  }
}

const withoutTokens = (text) => text.replaceAll(/eyJ[\w.-]+/g, '…')

/** A refusal: its status and code, what was asked, and the names of the attributes that were sent. */
function inBrief({ status, method, path, sent, why }) {
  const read = (text) => (text.startsWith('{') ? JSON.parse(text) : {})
  const codes = read(why).errors?.map((it) => it.code) ?? []
  const attributes = Object.keys(read(sent).data?.attributes ?? {})
  return [status, ...codes, method, path.split('?')[0], ...attributes].join(' ')
}

class Shopper {
  constructor(page, shop) {
    Object.assign(this, { page, shop, role: 'guest', asked: [], said: [], open: 0, steps: new WeakMap() })
    const isBillfolds = (request) => new URL(request.url()).hostname.endsWith(`.${DOMAIN}`)
    page.on('request', (request) => isBillfolds(request) && this.#asks(request))
    page.on('requestfailed', (request) => isBillfolds(request) && this.#failed(request))
    page.on('requestfinished', (request) => isBillfolds(request) && this.#answered(request))
    page.on('console', (message) => message.type() === 'error' && this.said.push(message.text()))
    page.on('pageerror', (error) => this.said.push(String(error)))
  }

  #asks(request) {
    this.open += 1
    this.steps.set(request, this.step)
  }

  /** What is asked from here on is asked for this. */
  #begins(name) {
    this.step = { name }
  }

  /** What a page breaks off because the shopper goes elsewhere was refused by nobody. */
  async #failed(request) {
    if (request.failure()?.errorText === 'net::ERR_ABORTED') this.open -= 1
    else await this.#answered(request)
  }

  async #answered(request) {
    const { pathname, search } = new URL(request.url())
    const response = await request.response().catch(() => null)
    const status = response?.status() ?? 0
    const why = status >= 400 ? await response.text().catch(() => '') : ''
    const sent = request.method() === 'GET' || pathname.startsWith('/oauth') ? '' : (request.postData() ?? '')
    const { startTime, responseEnd } = request.timing()
    const when = { step: this.steps.get(request), began: startTime, ended: startTime + Math.max(responseEnd, 0) }
    const path = pathname + decodeURIComponent(search)
    this.asked.push({ method: request.method(), path, status, why, sent, ...when })
    this.open -= 1
  }

  /** The requests that Billfold refused, or did not answer. */
  get refused() {
    return this.asked.filter(({ status }) => status === 0 || status >= 400)
  }

  /** Nothing was open for a while: the components ask in several goes. */
  async hasAllAnswers() {
    for (let quiet = 0, waited = 0; quiet < QUIET && waited < PATIENCE; waited += TICK) {
      await this.page.waitForTimeout(TICK)
      quiet = this.open > 0 ? 0 : quiet + TICK
    }
  }

  report() {
    const lines = this.asked.map(({ method, path, status, why, sent }) => `${status} ${method} ${path} ${sent} ${why}`)
    return [...lines, ...this.said].map((it) => it.slice(0, 600)).join('\n')
  }

  $(id) {
    return this.page.getByTestId(id)
  }

  async opens(place) {
    this.#begins('opening')
    await this.page.goto(`${this.shop.url}/${place}`)
  }

  async signsIn(customer) {
    this.#begins('sign-in')
    if (!customer) return this.$('as-guest').click()
    this.role = 'customer'
    await this.$('username').fill(customer.username)
    await this.$('password').fill(customer.password)
    await this.$('sign-in').click()
  }

  async saysWhoBuys(email) {
    this.#begins('e-mail')
    await this.$('customer_email').fill(email)
    await this.$('customer_email').blur()
  }

  /** Enters an address of this country. */
  async entersAddress(country = 'IT') {
    await this.$('addresses').waitFor()
    if (await this.$('new-address').isVisible()) await this.$('new-address').click()
    const { state, ...fields } = ADDRESSES[country]
    for (const [name, value] of Object.entries(fields)) {
      await this.$(name).fill(value)
      await this.$(name).blur()
    }
    await this.$('country_code').selectOption(country)
    await this.entersState(state)
    await this.savesAddresses()
  }

  /** A list where the components know the country's states, a field where they do not. */
  async entersState(state) {
    const field = this.$('state_code')
    await field.waitFor()
    const isList = await field.evaluate((it) => it.tagName === 'SELECT')
    await (isList ? field.selectOption(state) : field.fill(state))
    await field.blur()
  }

  async savesAddresses() {
    this.#begins('addresses')
    await this.$('save-addresses').click()
    await this.$('delivery').waitFor()
  }

  async choosesDelivery() {
    this.#begins('delivery')
    await this.$('shipping-method').first().click()
    await this.$('save-delivery').click()
    await this.$('payment').waitFor()
  }

  async choosesMethod(method) {
    this.#begins('method')
    await this.$(METHODS[method]).click()
  }

  /** Enters at Klarna who they are, by the name that tells what Klarna makes of them. */
  async saysToKlarnaWhoBuys(name) {
    await this.$('klarna-shopper').fill(name)
  }

  /** What pays at the shop's own gateway from here on. */
  async hasExternalToken(token) {
    await this.page.evaluate(([name, token]) => localStorage.setItem(name, token), [EXTERNAL_TOKEN, token])
  }

  /** Enters a card of this name where the vendor's script asks for one. */
  async entersNewCard(method, name) {
    await this.$(FIELDS[method]).fill(newCard(method, name))
  }

  /** Chooses the method, enters a new card where its vendor's script asks for one, and places the order. */
  async paysAnew(method, { keeps = false } = {}) {
    await this.choosesMethod(method)
    if (method === 'checkoutCom') return this.#paysAnewAtCheckoutCom(keeps)
    if (FIELDS[method]) await this.entersNewCard(method, 'visa')
    if (keeps) await this.$('save-to-wallet').check()
    await this.places()
  }

  /**
   * The bank asks, as nearly all do. The stand-in's would ask again of a card that is kept: one that is to be kept
   * is approved at once. The components do not go on with that; after a reload they show it.
   */
  async #paysAnewAtCheckoutCom(keeps) {
    await this.entersNewCard('checkoutCom', keeps ? 'any' : 'redirect')
    if (keeps) await this.$('save-to-wallet').check()
    await this.authorizesAtCheckoutCom()
    if (!keeps) return this.passesBankAtCheckoutCom()
    await this.reloads('payment')
    await this.$('card').waitFor()
    await this.places()
  }

  /** Has the page ask for a card. Checkout.com's shows what waits for a bank as a card once it is told of it. */
  async putsCardAside(method) {
    await this.hasAllAnswers()
    const another = this.$('another-card')
    await this.$(FIELDS[method]).or(another).waitFor()
    if (await another.isVisible()) await another.click()
  }

  /** Enters a card whose bank asks, and passes. */
  async paysAsBankAsks(method, { keeps = false } = {}) {
    await this.entersNewCard(method, ASKING[method])
    if (keeps) await this.$('save-to-wallet').check()
    if (method === 'stripe') await this.places()
    else await this.authorizesAtCheckoutCom()
    await this.passesBank(method)
  }

  async passesBank(method) {
    this.#begins('bank')
    if (method === 'stripe') return this.$('bank-pass').click()
    return this.passesBankAtCheckoutCom()
  }

  /** The first click on "place" has the card authorized. */
  async authorizesAtCheckoutCom() {
    const isOfIt = (it) => it.request().postData()?.includes('_authorize')
    await Promise.all([this.page.waitForResponse(isOfIt), this.places()])
  }

  /** Chooses the method, and what the wallet has of it. */
  async paysWithWhatWasKept(method) {
    await this.choosesMethod(method)
    const isOfIt = (it) => it.request().postData()?.includes('_customer_payment_source_id')
    this.#begins('kept card')
    await Promise.all([this.page.waitForResponse(isOfIt), this.$('saved-card').click()])
    await this.hasAllAnswers()
    await this.places()
  }

  async places() {
    this.#begins('placing')
    await this.$('place').click()
  }

  async passesBankAtCheckoutCom() {
    await this.answersBankAtCheckoutCom(true)
    await this.$('payment').or(this.$('thank-you')).waitFor()
    await this.hasAllAnswers()
    // The components place the order by themselves unless an event of Checkout.com's was here before.
    const isThanked = this.$('thank-you').waitFor({ timeout: 2_000 })
    await isThanked.catch(() => this.places())
  }

  /** The bank's page, of which the stand-in has no more than what happens there, and the way back. */
  async answersBankAtCheckoutCom(success) {
    this.#begins('bank')
    await this.page.waitForURL(/\/3ds\//)
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ success })
    const answer = await fetch(`${this.page.url()}/_authenticate`, { method: 'POST', headers, body })
    await this.page.goto((await answer.json()).redirect_url)
  }

  async isToldWhy() {
    await this.$('payment-errors').filter({ hasText: /\w/ }).first().waitFor()
  }

  async isDeniedByKlarna() {
    await this.$('klarna-says').filter({ hasText: /\w/ }).waitFor()
    await this.hasAllAnswers()
  }

  /** The order is not placed, and the page says so. */
  async isRefusedOrder() {
    await this.$('order-errors').filter({ hasText: /\w/ }).first().waitFor()
    await this.hasAllAnswers()
  }

  async reloads(step) {
    await this.$(step).waitFor()
    await this.hasAllAnswers()
    this.#begins('reload')
    await this.page.reload()
    await this.$(step).waitFor()
  }

  /** Where a browser goes back, it shows what it kept of the order, however old; reloaded, the page asks. */
  async goesBackAndReloads(step) {
    await this.hasAllAnswers()
    this.#begins('going back')
    await this.page.goBack()
    await this.hasAllAnswers()
    await this.page.reload()
    await this.$(step).waitFor()
  }

  /** The page thanks, and shows what was paid with. */
  async isThanked(method) {
    await this.$('thank-you').waitFor()
    await this.$('paid-with').filter({ hasText: SHOWN[method] }).waitFor({ state: 'attached' })
  }

  /** The order is placed and held, and on the way nothing was refused but this. */
  async hasBought(order, method, refused = []) {
    await this.isThanked(method)
    await this.hasAllAnswers()
    this.method = method
    const { status, payment_status } = await this.shop.order(order)
    assert.deepEqual({ status, payment_status }, { status: 'placed', payment_status: 'authorized' })
    await this.wasRefused(refused)
  }

  async wasRefused(expected) {
    await this.hasAllAnswers()
    assert.deepEqual(this.refused.map(inBrief), expected)
  }
}

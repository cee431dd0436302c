// Chromium, and the page in it as a person uses it.

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { chromium } from 'playwright-core'

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]
/** Long enough for a debug build on a busy machine. */
const PATIENCE = 20_000

export const SCREENSHOTS = fileURLToPath(new URL('../../target/page/', import.meta.url))

export async function launch() {
  await mkdir(SCREENSHOTS, { recursive: true })
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  return chromium.launch({ executablePath, args: ARGUMENTS })
}

/** Opens the page in a context of its own; what goes wrong in it fails the test that looks. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB', ...options })
  context.setDefaultTimeout(PATIENCE)
  const page = await context.newPage()
  const complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // The refusals of the API and of the gateways are shown on the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text())
  })
  await page.goto(url)
  await page.locator('.order-row').first().waitFor()
  return new Shop(page, complaints)
}

/** The page as shopper and shop use it. */
class Shop {
  steps = 0

  constructor(page, complaints) {
    this.page = page
    this.complaints = complaints
  }

  async press(locator) {
    this.steps += 1
    await locator.click()
  }

  button(name, within = this.page) {
    return within.getByRole('button', { name, exact: true })
  }

  /** Chooses the order with this number. */
  async choose(number) {
    const name = `Order ${number}`
    await this.press(this.page.locator('.order-row').filter({ has: this.page.getByText(name, { exact: true }) }))
    await this.page.getByRole('heading', { name, exact: true }).waitFor()
  }

  /** Makes an order; gives its number. */
  async newOrder() {
    await this.press(this.button('New order'))
    const said = await this.says(/is made/)
    return said.match(/Order (\d+)/)[1]
  }

  /** Fills the form and pays; what comes of it is said. */
  async pay(gateway, words, keeps = true) {
    await this.fill(gateway, words, keeps)
    await this.press(this.page.getByRole('button', { name: /^Pay [^o]/ }))
  }

  async fill(gateway, words, keeps) {
    await this.press(this.page.getByRole('radio', { name: gateway }))
    await this.page.getByLabel('Test card').selectOption({ label: words })
    await this.page.getByLabel('Keep it in the wallet').setChecked(keeps)
  }

  /** Pays with what the form has, without waiting for a page that is still moving. */
  async submit() {
    this.steps += 1
    await this.page.locator('#pay').evaluate((form) => form.requestSubmit())
  }

  /** Answers on the bank's page. */
  async answersTheBank(answer) {
    const bank = this.page.frameLocator('#bank iframe')
    await this.press(bank.getByRole('button', { name: answer }))
    await this.page.locator('#bank').waitFor({ state: 'hidden' })
  }

  /** The notice, once it says this. */
  async says(what) {
    const notice = this.page.locator('#order-notice .notice').filter({ hasText: what })
    await notice.waitFor()
    return notice.innerText()
  }

  /** Waits until the chosen order is in this state. */
  async is(...states) {
    for (const state of states) {
      await this.page.locator('#order-status .pill', { hasText: new RegExp(`^${state}$`) }).waitFor()
    }
  }

  /** Waits until a sum of the order is this. */
  async sum(name, amount) {
    const figure = this.page.locator('.figures div').filter({ hasText: name })
    await figure.getByText(amount, { exact: true }).waitFor()
  }

  /** The titles of the order's story. */
  async story() {
    return this.page.locator('.story strong').allInnerTexts()
  }

  async type(label, amount, verb) {
    await this.page.getByLabel(label).fill(amount)
    await this.press(this.button(verb, this.page.locator('#order-act')))
  }

  screenshot(name, options = {}) {
    return this.page.screenshot({ path: `${SCREENSHOTS}${name}.png`, animations: 'disabled', ...options })
  }

  /** Closes it, unless something went wrong in it. */
  async close() {
    assert.deepEqual(this.complaints, [])
    await this.page.context().close()
  }
}

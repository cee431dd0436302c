// The page in Chromium: an order's whole way at every gateway, as a person goes it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'

import { CommerceLayer } from '@commercelayer/sdk/bundle'

import { networkTo } from '../sdk/network.mjs'
import { startServer } from '../sdk/server.mjs'
import { launch, open } from './browser.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const APPROVED = 'visa 4242: approved'
const ASKS = 'visa 3220: the bank asks, every time'

let server
let browser
let steps = 0
const findings = []

before(async () => {
  server = await startServer()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await server?.stop()
  console.log(`steps of the walk: ${steps}; axe findings: ${findings.length}`)
})

/** A test with the page open, which must not complain. */
const walk = (name, way, options) =>
  test(name, async (context) => {
    const shop = await open(browser, server.url, options)
    await way(shop, context)
    steps += shop.steps
    await shop.close()
  })

/** What axe finds on the page as it is now. */
async function axe(frame, where) {
  await frame.evaluate(AXE)
  const { violations } = await frame.evaluate(() => axe.run(document, { resultTypes: ['violations'] }))
  for (const { id, nodes } of violations) findings.push(`${where}: ${id}: ${nodes.map((it) => it.target.join(' ')).join(', ')}`)
  assert.deepEqual(findings, [])
}

const AsyncFunction = (async () => {}).constructor

/** The official SDK, led to the server. */
const sdk = (accessToken) =>
  CommerceLayer({ organization: 'demo', domain: 'shop.example', accessToken, fetch: networkTo(server.url, ['shop.example', new URL(server.url).host]) })

/** Asks Stripe with the secret key. */
async function askStripe(method, path) {
  const answer = await fetch(server.stripe + path, { method, headers: { authorization: 'Bearer sk_test_demo' } })
  return answer.json()
}

/** The payments of this state at Stripe, the newest first. */
async function atStripe(status) {
  const { data } = await askStripe('GET', '/v1/payment_intents?limit=100')
  return data.filter((it) => it.status === status)
}

walk('it says what runs, and loads little', async (shop, context) => {
  const { page } = shop
  await page.getByText(`${server.url}/api`, { exact: true }).waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
  const shifted = await page.evaluate(() => new Promise((resolve) => {
    let sum = 0
    new PerformanceObserver((list) => {
      for (const it of list.getEntries()) sum += it.hadRecentInput ? 0 : it.value
    }).observe({ type: 'layout-shift', buffered: true })
    setTimeout(() => resolve(sum), 500)
  }))
  assert.ok(shifted < 0.05, `the layout shifts by ${shifted}`)
  const { requests, bytes, paint } = await page.evaluate(() => {
    const files = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].filter(({ name }) => !/\/api\/|\/oauth\/|stream/.test(name))
    const first = performance.getEntriesByType('paint').find(({ name }) => name === 'first-contentful-paint')
    return { requests: files.length, bytes: files.reduce((sum, it) => sum + it.decodedBodySize, 0), paint: Math.round(first?.startTime ?? 0) }
  })
  context.diagnostic(`${requests} requests, ${bytes} bytes, first paint after ${paint} ms, layout shift ${shifted.toFixed(3)}`)
  assert.ok(requests <= 20 && bytes <= 120_000, `${requests} requests, ${bytes} bytes`)
})

for (const [number, gateway, words] of [
  [1, 'Stripe', APPROVED],
  [3, 'Checkout.com', 'Visa 4242: approved'],
  [4, 'Klarna', 'approved; saved, a Visa 1234'],
  [5, 'External gateway', 'approved; saved, a Visa 4242'],
]) {
  walk(`an order is paid at ${gateway}, and what paid is kept`, async (shop) => {
    await shop.choose(number)
    const kept = await shop.page.locator('#wallet .card').count()
    await shop.pay(gateway, words)
    await shop.says(/is placed: the amount is held/)
    await shop.is('placed', 'authorized')
    await shop.sum('Held', '€129.00')
    assert.deepEqual((await shop.story()).slice(-2).sort(), ['Held', 'Placed'])
    assert.equal(await shop.page.locator('#wallet .card').count(), kept + 1)
  })
}

for (const [gateway, words] of [['Stripe', ASKS], ['Checkout.com', 'Visa 4242: the bank asks']]) {
  walk(`the bank asks about a payment at ${gateway}: yes holds the amount, no does not`, async (shop) => {
    await shop.newOrder()
    await shop.pay(gateway, words, false)
    await shop.answersTheBank(/^No/)
    await shop.says(/Pay with another card/)
    await shop.is('pending', 'unpaid')
    await shop.sum('Held', '€0.00')
    await shop.pay(gateway, words, false)
    await shop.answersTheBank(/^Yes/)
    await shop.says(/is placed/)
    await shop.is('placed', 'authorized')
  })
}

walk('a declined card says what to do, and another pays', async (shop) => {
  await shop.newOrder()
  await shop.pay('Stripe', 'visa 9995: Your card has insufficient funds.', false)
  const said = await shop.says(/insufficient funds/)
  assert.match(said, /Pay with another card/)
  await shop.pay('Stripe', APPROVED, false)
  await shop.says(/is placed/)
})

walk('the card that was kept pays the next order', async (shop) => {
  await shop.choose(2)
  await shop.press(shop.page.locator('#wallet').getByRole('button', { name: 'Pay order 2 with it' }).first())
  await shop.says(/Order 2 is placed/)
  await shop.is('placed', 'authorized')
})

walk('a part is captured, and refunded in two parts', async (shop) => {
  await shop.choose(1)
  await shop.press(shop.button('Approve'))
  await shop.is('approved')
  await shop.type(/^Capture/, '50', 'Capture')
  await shop.says('€50.00 is captured.')
  await shop.sum('Captured', '€50.00')
  await shop.type(/^Refund/, '10', 'Refund')
  await shop.says('€10.00 is refunded.')
  await shop.type(/^Refund/, '15.50', 'Refund')
  await shop.says('€15.50 is refunded.')
  await shop.sum('Refunded', '€25.50')
  await shop.is('partially refunded')
  assert.equal(await shop.page.getByLabel(/^Refund/).inputValue(), '24.50')
  const story = await shop.story()
  assert.equal(story.filter((it) => it === 'Refunded').length, 2)
  await shop.page.locator('#orders').evaluate((it) => it.scrollIntoView({ behavior: 'instant' }))
  await shop.screenshot('light')
}, { viewport: { width: 1360, height: 860 } })

walk('more than was captured is not refunded', async (shop) => {
  await shop.choose(1)
  await shop.type(/^Refund/, '500', 'Refund')
  const isWrong = await shop.page.getByLabel(/^Refund/).evaluate((it) => it.validationMessage)
  assert.match(isWrong, /up to €24.50/)
})

walk('an order is cancelled, and what was held is released', async (shop) => {
  await shop.newOrder()
  await shop.pay('Stripe', APPROVED, false)
  await shop.is('placed')
  await shop.press(shop.button('Cancel the order'))
  await shop.is('cancelled', 'voided')
  await shop.sum('Released', '€84.00')
})

walk('a card is deleted, and gone for the next order', async (shop) => {
  const cards = shop.page.locator('#wallet .card')
  const kept = await cards.count()
  await shop.press(cards.first().getByRole('button', { name: /^Delete/ }))
  await shop.says(/forgotten/)
  await cards.nth(kept - 1).waitFor({ state: 'detached' })
})

walk('a card that its gateway keeps no longer says so, and is not offered', async (shop) => {
  await shop.newOrder()
  await shop.pay('Stripe', 'mastercard 4444: approved')
  await shop.says(/is placed/)
  const [{ payment_method }] = await atStripe('requires_capture')
  await askStripe('POST', `/v1/payment_methods/${payment_method}/detach`)
  await shop.newOrder()
  const card = shop.page.locator('#wallet .card').filter({ hasText: '4444' })
  await card.getByText(/keeps it no longer/).waitFor()
  assert.equal(await shop.page.locator('#pay-saved').getByText('4444').count(), 0)
})

walk('an answer is lost: the purchase goes through, and is held once', async (shop) => {
  await shop.newOrder()
  const held = await atStripe('requires_capture')
  await shop.page.getByLabel('What goes wrong').selectOption({ label: 'The answer is lost, after it took effect' })
  await shop.page.getByLabel('How often').fill('2')
  await shop.press(shop.button('Switch on'))
  await shop.page.locator('#fault-list').getByText(/2 times/).waitFor()
  await shop.pay('Stripe', APPROVED)
  await shop.says(/is placed/)
  await shop.page.locator('.feed .pill', { hasText: 'lost' }).first().waitFor()
  await shop.page.locator('#fault-list .notice').first().waitFor({ state: 'detached' })
  assert.equal((await atStripe('requires_capture')).length, held.length + 1)
})

walk('what is open in two tabs is paid once, and both show it', async (shop) => {
  const number = await shop.newOrder()
  const held = await atStripe('requires_capture')
  const other = await open(browser, server.url)
  await other.choose(number)
  for (const tab of [shop, other]) await tab.fill('Stripe', APPROVED, false)
  await Promise.all([shop.submit(), other.submit()])
  await shop.is('placed', 'authorized')
  await other.is('placed', 'authorized')
  await shop.sum('Held', '€84.00')
  await other.sum('Held', '€84.00')
  assert.equal((await atStripe('requires_capture')).length, held.length + 1)
  await shop.press(shop.button('Approve'))
  await other.is('approved')
  await other.close()
})

walk('what was done stands there as code that does it', async (shop) => {
  const { page } = shop
  await shop.newOrder()
  await shop.pay('Checkout.com', 'Mastercard 4444: approved')
  await shop.says(/is placed/)
  await shop.press(shop.button('Approve'))
  await shop.is('approved')
  await shop.type(/^Capture/, '20', 'Capture')
  await shop.says(/\d is captured/)

  const tokenOf = (kind) => page.evaluate(async (as) => (await import('/page/api.js')).token(as), kind)
  const [customer, integration] = [await tokenOf('customer'), await tokenOf('integration')]
  const listing = page.locator('#listing')
  const shown = async (tab) => {
    await shop.press(page.getByRole('tab', { name: tab }))
    return listing.innerText()
  }
  const environment = { ...process.env, TOKEN: customer, INTEGRATION_TOKEN: integration }
  const shell = (command) => execFileSync('bash', ['-c', command], { env: environment, stdio: ['ignore', 'pipe', 'ignore'] }).toString()
  const [client, backend] = [sdk(customer), sdk(integration)]

  const steps = page.locator('.steps button')
  const tried = []
  for (let index = (await steps.count()) - 2; index >= 0; index -= 1) {
    await steps.nth(index).click()
    const title = await page.locator('#code-detail strong').first().innerText()
    tried.push(title)
    const answer = JSON.parse(await shown('Answer'))
    const again = JSON.parse(shell(await shown('curl')))
    // A step that is taken again is taken, or refused since it was: the request was understood.
    const refusals = (again.errors ?? []).map((it) => it.status)
    assert.ok(again.data?.type === answer.data.type || refusals.every((it) => it === '422'), `${title}: ${JSON.stringify(again.errors)}`)
    const code = await shown('SDK')
    const outcome = await new AsyncFunction('client', 'backend', `return ${code}`)(client, backend).catch((error) => error)
    assert.ok(outcome.type === answer.data.type || outcome.errors?.every((it) => it.status === '422'), `${title}: ${code}: ${outcome.stack}`)
  }
  assert.deepEqual(tried, [
    'Make the address', 'Make the order', 'Make its shipment', 'Put a line on it', 'Put a line on it', 'Choose the payment method', 'Make the payment source',
    'Authorize it with the token', 'Keep it in the wallet', 'Place the order', 'Approve the order', 'Capture',
  ])
})

walk('it is used with the keyboard alone', async (shop) => {
  const { page } = shop
  const reach = async (name) => {
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press('Tab')
      const focused = await page.evaluate(() => {
        const it = document.activeElement
        const { outlineStyle } = getComputedStyle(it)
        return { name: it.textContent || it.getAttribute('aria-label'), isSeen: outlineStyle !== 'none' }
      })
      assert.ok(focused.isSeen, `${focused.name} shows no focus`)
      if (name.test(focused.name)) return
    }
    assert.fail(`${name} is not reached`)
  }
  await reach(/^New order$/)
  await page.keyboard.press('Enter')
  await shop.says(/is made/)
  await page.locator('#order-title').focus()
  await reach(/^Pay €84/)
  await page.keyboard.press('Enter')
  await shop.says(/is placed/)
})

walk('money and times are written as the reader writes them', async (shop) => {
  await shop.choose(1)
  await shop.sum('Total', '129,00\u00a0€')
}, { locale: 'de-DE', timezoneId: 'Europe/Berlin' })

for (const [name, options] of [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ['phone-dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
]) {
  walk(`axe finds nothing, and nothing is cut off: ${name}`, async (shop) => {
    const { page } = shop
    for (const number of [6, 1]) {
      await shop.choose(number)
      await axe(page, `${name}, order ${number}`)
    }
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return { scrollWidth, clientWidth }
    })
    assert.ok(scrollWidth <= clientWidth, `${scrollWidth} of ${clientWidth}`)
    await shop.screenshot(`whole-${name}`, { fullPage: true })
  }, options)
}

walk('axe finds nothing while the bank asks, nor at the bank', async (shop) => {
  await shop.newOrder()
  await shop.pay('Stripe', ASKS, false)
  const bank = shop.page.frameLocator('#bank iframe')
  await bank.getByRole('button', { name: /^Yes/ }).waitFor()
  await axe(shop.page, 'the bank asks')
  await axe(shop.page.frames().find((it) => it.url().startsWith(server.stripe)), 'at the bank')
  await shop.screenshot('bank')
  await shop.press(shop.button('Close'))
  await shop.says(/no answer yet/)
})

walk('axe finds nothing where customers sign in', async ({ page }) => {
  const asked = new URLSearchParams({
    response_type: 'code', client_id: 'demo-sales-channel', redirect_uri: 'http://localhost:3000/callback', state: '1a2b3c',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
  })
  await page.goto(`${server.url}/oauth/authorize?${asked}`)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await axe(page, 'signing in')
  await page.emulateMedia({ colorScheme: 'dark' })
  await axe(page, 'signing in, dark')
})

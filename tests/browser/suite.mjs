// Every walk, with one version of the components, in a shop of its own.

import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { openBrowser } from './browser.mjs'
import { openShop } from './shop.mjs'
import { walk } from './shopper.mjs'
import { summary } from './summary.mjs'
import { WALKS } from './walks.mjs'

/** Registers the walks with this version. */
export function suite(components) {
  const { version } = JSON.parse(readFileSync(new URL(`node_modules/${components}/package.json`, import.meta.url)))
  describe(`@commercelayer/react-components ${version}`, () => {
    let shop, browser
    const walked = []
    const lines = []
    before(async () => {
      shop = await openShop(components)
      browser = await openBrowser(shop)
    })
    after(async () => {
      await browser?.close()
      await shop?.close()
      const bought = walked.filter(({ method }) => method)
      for (const line of [...lines, ...summary(version, bought)]) console.log(line)
    })
    for (const [name, play] of Object.entries(WALKS)) {
      it(name, { timeout: 180_000 }, async () => {
        let asked = 0
        let refused = 0
        const walks = async (steps) => {
          const shopper = await walk(browser, shop, `${components} ${name}`, steps)
          walked.push(shopper)
          asked += shopper.asked.length
          refused += shopper.refused.length
        }
        await play({ walks, shop })
        lines.push(`${version}, ${name}: ${asked} requests, ${refused} refused`)
      })
    }
  })
}

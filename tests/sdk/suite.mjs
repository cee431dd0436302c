// Runs every case with one version of the SDKs, against a server of its own, or the one at BILLFOLD_URL.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { catalog } from './cases/catalog.mjs'
import { checkout } from './cases/checkout.mjs'
import { clients } from './cases/clients.mjs'
import { errors } from './cases/errors.mjs'
import { howTos } from './cases/how-tos.mjs'
import { limits } from './cases/limits.mjs'
import { orders } from './cases/orders.mjs'
import { queries } from './cases/queries.mjs'
import { records } from './cases/records.mjs'
import { tokens } from './cases/tokens.mjs'
import { wallet } from './cases/wallet.mjs'
import { serverAt, startServer } from './server.mjs'
import { openShop } from './shop.mjs'

const CASES = { tokens, clients, howTos, wallet, checkout, queries, catalog, records, orders, errors, limits }

const { BILLFOLD_URL: running } = process.env

/** These change the catalogue and read it at once. Other functions than the one that changed it keep it for a minute. */
const AT_ONCE = [
  'a shopper chooses how to be shipped to',
  'a payment method is created, offered, changed, disabled and deleted',
  'an order is shipped as its back end says, and leads to how',
]

/** Runs all cases with the packages of these names, and says how many pass. */
export function run({ packages, CommerceLayer, auth }) {
  const version = packages.map(nameAndVersion).join(', ')
  const all = Object.values(CASES).flatMap(Object.values)
  const gaps = all.filter((play) => play.gap)
  let shop
  let passed = 0

  describe(version, () => {
    before(async () => {
      const server = running ? serverAt(running) : await startServer()
      shop = openShop({ CommerceLayer, auth, server })
    })
    after(async () => {
      await shop?.server.stop()
      console.log(`${version}: ${passed} of ${all.length} cases pass, ${gaps.length} are known gaps`)
    })
    for (const [group, cases] of Object.entries(CASES)) {
      describe(group, () => {
        for (const [name, play] of Object.entries(cases)) {
          const { gap } = play
          const skip = Boolean(running) && AT_ONCE.includes(name)
          it(gap ? `known gap: ${name} (${gap.reason})` : name, { timeout: 30_000, skip }, async () => {
            const played = play(shop).catch(explain)
            if (gap) return assert.rejects(played, gap.end)
            await played
            passed += 1
          })
        }
      })
    }
  })
}

/** The SDK's errors name the status only; what the server said goes to the report as well. */
function explain(error) {
  if (error.name === 'ApiError') error.message += ` ${error.status}: ${JSON.stringify(error.errors)}`
  throw error
}

/** Two aliases stand for two versions of one package: its own name and version. */
function nameAndVersion(alias) {
  const file = new URL(`node_modules/${alias}/package.json`, import.meta.url)
  const { name, version } = JSON.parse(readFileSync(file, 'utf8'))
  return `${name} ${version}`
}

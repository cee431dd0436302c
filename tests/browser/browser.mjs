// A headless Chromium that finds this machine alone, and trusts the certificate of one shop.

import { X509Certificate, createHash } from 'node:crypto'

import { chromium } from 'playwright-core'

import { DOMAIN } from './shop.mjs'

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Opens a browser for this shop. `CHROMIUM` is the path of another than Debian's. */
export async function openBrowser({ server, certificate }) {
  const https = new URL(server.hosts)
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
  const trusted = createHash('sha256').update(key).digest('base64')
  const rules = [`MAP *.${DOMAIN} 127.0.0.1:${https.port}`, 'MAP * ~NOTFOUND', 'EXCLUDE localhost', 'EXCLUDE 127.0.0.1']
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...QUIET, `--ignore-certificate-errors-spki-list=${trusted}`, `--host-resolver-rules=${rules.join(',')}`],
  })
}

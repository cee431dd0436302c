// The vendors' hosts, as pages ask them: their scripts are the ones in vendors/, their APIs the stand-ins.
//
// Only these hosts are answered in the browser's place, so that what a page asks Billfold goes the whole way,
// the browser's own preflights too.

import { readFile } from 'node:fs/promises'

const SCRIPTS = {
  'js.stripe.com': 'stripe.js',
  'checkout-web-components.checkout.com': 'checkout-com.js',
  'x.klarnacdn.net': 'klarna.js',
}
const APIS = {
  'api.stripe.com': 'stripe',
  'api.playground.klarna.com': 'klarna',
}
const ANY_ORIGIN = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }

/** Answers for the vendors' hosts in this page, whose stand-ins are at the server's URLs. */
export async function answerForVendors(page, server) {
  const session = await page.context().newCDPSession(page)
  session.on('Fetch.requestPaused', async ({ requestId, request }) => {
    const { status, headers, body } = await answer(request, server)
    const responseHeaders = Object.entries({ ...ANY_ORIGIN, ...headers }).map(([name, value]) => ({ name, value }))
    const answered = { requestId, responseCode: status, responseHeaders, body: Buffer.from(body).toString('base64') }
    // A page that has gone on meanwhile waits for no answer.
    await session.send('Fetch.fulfillRequest', answered).catch(() => {})
  })
  const hosts = [...Object.keys(SCRIPTS), ...Object.keys(APIS)]
  await session.send('Fetch.enable', { patterns: hosts.map((host) => ({ urlPattern: `https://${host}/*` })) })
}

async function answer({ method, url, headers, postData }, server) {
  const { hostname, pathname, search } = new URL(url)
  if (method === 'OPTIONS') return { status: 204, headers: {}, body: '' }
  if (SCRIPTS[hostname]) {
    const body = await readFile(new URL(`vendors/${SCRIPTS[hostname]}`, import.meta.url))
    return { status: 200, headers: { 'content-type': 'text/javascript' }, body }
  }
  const asked = await fetch(server[APIS[hostname]] + pathname + search, {
    method,
    headers: { 'content-type': headers['Content-Type'] ?? headers['content-type'] ?? 'application/json' },
    body: postData,
  })
  return { status: asked.status, headers: { 'content-type': 'application/json' }, body: await asked.text() }
}

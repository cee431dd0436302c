// A Billfold of its own: any free ports, data in memory, stopped with the tests.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const binary = process.env.BILLFOLD ?? fileURLToPath(new URL('../../target/debug/billfold', import.meta.url))

/** Long enough for a debug build on a busy machine. */
const START = 60_000

/**
 * Starts a server with fresh demo data, these environment variables beside the tests' own, and these options.
 *
 * Gives the URLs of the API and of the gateways, as its greeting names them, and what stops it.
 */
export async function startServer(variables = {}, options = ['--ephemeral']) {
  const server = spawn(binary, ['serve', '--port', '0', '--verbose', ...options], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => server.kill('SIGKILL')
  process.once('exit', kill)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

  const gone = once(server, 'exit')
  const greeting = await greetingOf(server)
  return {
    ...urlsOf(greeting),
    async stop() {
      server.kill('SIGTERM')
      await gone
      process.removeListener('exit', kill)
    },
  }
}

/** The server whose API is at this URL, with fresh demo data and its stand-ins at the ports that they have by default. */
export function serverAt(url) {
  const at = (port) => `http://127.0.0.1:${port}`
  return { url, stripe: at(9001), checkoutCom: at(9002), klarna: at(9003), stop: async () => {} }
}

function greetingOf(server) {
  let said = ''
  let complained = ''
  server.stderr.on('data', (text) => (complained += text))
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${binary} did not start: ${why}\n${said}${complained}`))
    const timer = setTimeout(() => fail(`no greeting within ${START / 1000} s`), START)
    server.once('error', (error) => fail(error.message))
    server.once('exit', (code) => fail(`it ended with ${code}`))
    server.stdout.on('data', (text) => {
      said += text
      if (!said.includes('Ctrl-C stops the server')) return
      clearTimeout(timer)
      resolve(said)
    })
  })
}

function urlsOf(greeting) {
  const find = (pattern) => {
    const found = greeting.match(pattern)
    if (!found) throw new Error(`the greeting names no ${pattern}:\n${greeting}`)
    return found[1]
  }
  return {
    url: find(/^Billfold at (\S+)/m),
    stripe: find(/Stripe +stand-in at (\S+)/),
    checkoutCom: find(/Checkout\.com +stand-in at (\S+)/),
    klarna: find(/Klarna +stand-in at (\S+)/),
    hosts: greeting.match(/^ +hosts +(\S+) and/m)?.[1],
  }
}

// What the stand-in for Stripe answers, against the types that Stripe publishes of its API, at depth: each object
// is written out as a literal of its type, and TypeScript says what is missing, unknown, or of another kind.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import Stripe from 'stripe'
import ts from 'typescript'

import { startServer } from '../sdk/server.mjs'

let server
let stripe

before(async () => {
  server = await startServer()
  const { hostname, port } = new URL(server.stripe)
  stripe = new Stripe('sk_test_demo', { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 })
})
after(() => server?.stop())

test('answers are of the published types', async () => {
  const customer = await stripe.customers.create({ email: 'joan@example.com' })
  const payment = { amount: 12900, currency: 'eur', customer: customer.id, capture_method: 'manual',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' } }
  const made = await stripe.paymentIntents.create({ ...payment, payment_method: 'pm_card_visa', confirm: true })
  const expand = ['customer', 'latest_charge', 'payment_method']
  const asked = await stripe.paymentIntents.create({
    ...payment,
    payment_method: 'pm_card_authenticationRequired',
    confirm: true,
    return_url: 'https://shop.example/back',
  })
  const declined = await stripe.paymentIntents
    .create({ ...payment, payment_method: 'pm_card_chargeDeclined', confirm: true })
    .catch((error) => error.payment_intent)
  const paid = await stripe.paymentIntents.create({ ...payment, payment_method: 'pm_card_visa', confirm: true })
  await stripe.paymentIntents.capture(paid.id, { amount_to_capture: 100 })
  const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 50, metadata: { a: 'b' } })
  const slow = await stripe.paymentIntents.create({ ...payment, payment_method: 'pm_card_pendingRefund', confirm: true })
  await stripe.paymentIntents.capture(slow.id)
  const pending = await stripe.refunds.create({ payment_intent: slow.id })
  const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
  const list = await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })
  assert.deepEqual(
    problems([
      ['Stripe.Customer', customer],
      ['Stripe.PaymentIntent', made],
      ['Stripe.PaymentIntent', await stripe.paymentIntents.retrieve(made.id, { expand })],
      ['Stripe.PaymentIntent', asked],
      ['Stripe.PaymentIntent', declined],
      ['Stripe.PaymentIntent', await stripe.paymentIntents.cancel(made.id)],
      ['Stripe.PaymentMethod', card],
      ['Stripe.Charge', await stripe.charges.retrieve(paid.latest_charge)],
      ['Stripe.Refund', refund],
      ['Stripe.Refund', pending],
      ['Stripe.ApiList<Stripe.Refund>', await stripe.refunds.list({ payment_intent: paid.id })],
      ['Stripe.ApiList<Stripe.PaymentMethod>', list],
    ]),
    [],
  )
})

test('a literal of another shape is found', async () => {
  const customer = await stripe.customers.create()
  const changes = [{ livemode: 'no' }, { email: undefined }, { mail: null }]
  const found = problems(changes.map((change) => ['Stripe.Customer', { ...customer, ...change }]))
  const expected = ['not assignable to type \'boolean\'', "Property 'email' is missing", "'\"mail\"' does not exist"]
  assert.equal(found.length, expected.length, found.join('\n'))
  expected.forEach((text, i) => assert.ok(found[i].includes(text), found[i]))
})

/** Stripe's own files, which do not change: reading them takes the most time. */
const parsed = {}

/** What TypeScript has against these objects as literals of these types. */
function problems(objects) {
  const lines = objects.map(([type, object], i) => `export const a${i}: ${type} = ${JSON.stringify(object)}`)
  const file = new URL('literals.ts', import.meta.url).pathname
  const text = ["import Stripe from 'stripe'", ...lines].join('\n')
  const options = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.getSourceFile = (name, ...rest) => {
    if (name === file) return ts.createSourceFile(name, text, options.target)
    parsed[name] ??= getSourceFile(name, ...rest)
    return parsed[name]
  }
  host.fileExists = (name) => name === file || fileExists(name)
  const program = ts.createProgram([file], options, host)
  return ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map((it) => {
    const { line } = ts.getLineAndCharacterOfPosition(it.file, it.start)
    return `${objects[line - 1]?.[0]}: ${ts.flattenDiagnosticMessageText(it.messageText, '\n')}`
  })
}

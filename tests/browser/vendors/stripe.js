// What a page sees of Stripe.js: a card by the name of one of Stripe's test cards, confirmed as Stripe.js
// confirms it, and the bank's question where it has one.

window.Stripe = (key) => {
  const api = 'https://api.stripe.com/v1/payment_intents'
  const intentOf = (clientSecret) => clientSecret.split('_secret_')[0]

  async function ask(method, path, members) {
    const body = new URLSearchParams({ key, ...members })
    const url = method === 'GET' ? `${api}/${path}?${body}` : `${api}/${path}`
    const answer = await fetch(url, method === 'GET' ? {} : { method, body })
    const { error, ...intent } = await answer.json()
    return error ? { error } : { paymentIntent: intent }
  }

  /** The bank asks in the page, in a frame of Stripe's. */
  function bankAnswers() {
    const frame = document.body.appendChild(document.createElement('div'))
    return new Promise((resolve) => {
      for (const [name, success] of [['bank-pass', true], ['bank-fail', false]]) {
        const button = frame.appendChild(document.createElement('button'))
        Object.assign(button, { textContent: name, onclick: () => resolve(success) })
        button.dataset.testid = name
      }
    }).finally(() => frame.remove())
  }

  function elements({ clientSecret }) {
    const made = {}
    return {
      clientSecret,
      create: (type) => (made[type] = cardElement()),
      getElement: (type) => made[type] ?? null,
      update() {},
      submit: async () => ({}),
      card: () => made.payment.card(),
    }
  }

  function cardElement() {
    const input = Object.assign(document.createElement('input'), { placeholder: 'Card' })
    input.dataset.testid = 'stripe-card'
    const listeners = {}
    const tell = (event, value) => listeners[event]?.forEach((it) => it(value))
    input.addEventListener('input', () =>
      tell('change', { elementType: 'payment', complete: input.value.startsWith('pm_'), value: { type: 'card' } }),
    )
    const element = {
      card: () => input.value,
      mount(node) {
        node.append(input)
        setTimeout(() => tell('ready', element))
      },
      on: (event, listener) => ((listeners[event] ??= []).push(listener), element),
      off: (event) => (delete listeners[event], element),
      once: (event, listener) => element.on(event, listener),
      update() {},
      unmount: () => input.remove(),
      destroy: () => input.remove(),
    }
    return element
  }

  async function confirmPayment({ elements, clientSecret = elements.clientSecret, confirmParams }) {
    const id = intentOf(clientSecret)
    const confirmed = await ask('POST', `${id}/confirm`, {
      client_secret: clientSecret,
      payment_method: elements.card(),
      return_url: confirmParams.return_url,
      use_stripe_sdk: 'true',
    })
    return confirmed.paymentIntent?.status === 'requires_action' ? handleNextAction({ clientSecret }) : confirmed
  }

  async function handleNextAction({ clientSecret }) {
    const success = await bankAnswers()
    await ask('POST', `${intentOf(clientSecret)}/_authenticate`, { client_secret: clientSecret, success })
    const { paymentIntent } = await retrievePaymentIntent(clientSecret)
    const error = paymentIntent.last_payment_error
    return error ? { error } : { paymentIntent }
  }

  const retrievePaymentIntent = (clientSecret) => ask('GET', intentOf(clientSecret), { client_secret: clientSecret })

  return {
    elements,
    confirmPayment,
    handleNextAction,
    retrievePaymentIntent,
    confirmCardPayment: async () => ({}),
    createToken: async () => ({}),
    createPaymentMethod: async () => ({}),
    registerAppInfo() {},
    _registerWrapper() {},
  }
}

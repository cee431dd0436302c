// The way to the bank for who pays with a kept card. The components have none.

import { useState } from 'react'

export function Bank({ sdk, orderId }) {
  const [isGone, setIsGone] = useState(false)

  async function goes() {
    setIsGone(true)
    const { payment_source: source } = await sdk.orders.retrieve(orderId, { include: ['payment_source'] })
    if (source.redirect_uri) return location.assign(source.redirect_uri)
    await window.Stripe(source.publishable_key).handleNextAction({ clientSecret: source.client_secret })
    // As Stripe sends back who was on the bank's own page: the components then place the order.
    location.search = new URLSearchParams({ payment_intent_client_secret: source.client_secret })
  }
  return (
    <button data-testid="to-bank" disabled={isGone} onClick={goes}>
      Go on at your bank
    </button>
  )
}

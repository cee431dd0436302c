// The steps of a checkout, of Commerce Layer's components.

import { CommerceLayer } from '@commercelayer/sdk/bundle'
import { CustomerContainer, OrderContainer, PaymentMethodsContainer, PlaceOrderContainer } from 'components'
import { useEffect, useMemo, useState } from 'react'

import { AddressesStep } from './addresses.jsx'
import { DeliveryStep } from './delivery.jsx'
import { PaymentStep } from './payment.jsx'
import { ThankYou } from './thank-you.jsx'

const STARTED = {
  include: ['billing_address', 'shipping_address', 'shipments.shipping_method', 'customer.customer_addresses.address'],
}

/** Where an order's shopper was: who comes back after a reload, or from a bank, goes on there. */
function stepOf(order) {
  if (!['draft', 'pending'].includes(order.status)) return 'thank-you'
  if (!order.billing_address || !order.shipping_address) return 'addresses'
  const chosen = order.shipments?.length > 0 && order.shipments.every((it) => it.shipping_method)
  return chosen ? 'payment' : 'delivery'
}

export function Checkout({ accessToken, orderId }) {
  const [started, setStarted] = useState()
  const [step, setStep] = useState()
  const sdk = useMemo(() => CommerceLayer({ organization: 'demo', domain: DOMAIN, accessToken }), [])

  useEffect(() => {
    sdk.orders.retrieve(orderId, STARTED).then((order) => {
      setStarted(order)
      setStep(stepOf(order))
    })
  }, [])
  if (!started) return <p>Loading…</p>

  const isGuest = started.guest
  const steps = {
    addresses: <AddressesStep isGuest={isGuest} onSaved={() => setStep('delivery')} />,
    delivery: <DeliveryStep onSaved={() => setStep('payment')} />,
    payment: <PaymentStep sdk={sdk} orderId={orderId} isGuest={isGuest} onPlaced={() => setStep('thank-you')} />,
  }
  return (
    <OrderContainer orderId={orderId}>
      {step === 'thank-you' ? (
        <ThankYou />
      ) : (
        <CustomerContainer isGuest={isGuest}>
          <PaymentMethodsContainer config={paymentConfig()}>
            <PlaceOrderContainer options={returnOptions()}>
              <section data-testid={step}>{steps[step]}</section>
            </PlaceOrderContainer>
          </PaymentMethodsContainer>
        </CustomerContainer>
      )}
    </OrderContainer>
  )
}

function paymentConfig() {
  const back = `${location.origin}${location.pathname}?paymentReturn=true`
  return {
    checkoutComPayment: { success_url: back, failure_url: back },
    externalPayment: {
      payment_source_token: localStorage.getItem('external_token') ?? 'any-token',
      customComponent: () => <p>Paid at the shop's own gateway</p>,
    },
  }
}

/** What the vendors' pages add to the address when they send the shopper back. */
function returnOptions() {
  const query = new URLSearchParams(location.search)
  return {
    stripe: { paymentIntentClientSecret: query.get('payment_intent_client_secret') ?? '' },
    checkoutCom: { session_id: query.get('cko-session-id') ?? '' },
  }
}

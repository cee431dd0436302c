// What pays, and placing the order.

import {
  Errors,
  PaymentMethod,
  PaymentMethodName,
  PaymentMethodRadioButton,
  PaymentSource,
  PaymentSourceBrandName,
  PaymentSourceDetail,
  PaymentSourceEditButton,
  PlaceOrderButton,
} from 'components'
import { useState } from 'react'

import { Bank } from './bank.jsx'

const SavedCards = ({ customerPayments, PaymentSourceProvider }) =>
  customerPayments?.map(({ id, card, handleClick }) => (
    <button key={id} type="button" data-testid="saved-card" onClick={handleClick}>
      <PaymentSourceProvider value={card}>
        <PaymentSourceBrandName /> <PaymentSourceDetail type="last4" />
      </PaymentSourceProvider>
    </button>
  ))

const SaveToWallet = ({ name }) => (
  <label onClick={(event) => event.stopPropagation()}>
    <input type="checkbox" name={name} data-testid="save-to-wallet" /> Keep it for next time
  </label>
)

export function PaymentStep({ sdk, orderId, isGuest, onPlaced }) {
  const [bankAsks, setBankAsks] = useState(false)

  function afterPlacing({ placed, errors }) {
    setBankAsks(errors?.some((it) => it.code === 'SHOPPER_REQUIRED'))
    if (placed) onPlaced()
  }

  const forCustomers = isGuest
    ? {}
    : {
        templateCustomerCards: (props) => <SavedCards {...props} />,
        templateCustomerSaveToWallet: (props) => <SaveToWallet {...props} />,
      }
  return (
    <>
      <PaymentMethod clickableContainer activeClass="chosen" loader={<p>Loading…</p>}>
        <PaymentMethodRadioButton />
        <PaymentMethodName />
        <PaymentSource loader={<p>Loading…</p>} {...forCustomers}>
          <p data-testid="card">
            <PaymentSourceBrandName /> <PaymentSourceDetail type="last4" />
            <PaymentSourceEditButton data-testid="another-card" label="Another card" />
          </p>
        </PaymentSource>
        <Errors resource="payment_methods">{({ errors }) => <p data-testid="payment-errors">{errors}</p>}</Errors>
      </PaymentMethod>
      <Errors resource="orders">{({ errors }) => <p data-testid="order-errors">{errors}</p>}</Errors>
      <PlaceOrderButton data-testid="place" onClick={afterPlacing} />
      {bankAsks && <Bank sdk={sdk} orderId={orderId} />}
    </>
  )
}

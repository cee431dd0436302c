// How each shipment is shipped.

import {
  Errors,
  Shipment,
  ShipmentsContainer,
  ShippingMethod,
  ShippingMethodName,
  ShippingMethodPrice,
  ShippingMethodRadioButton,
} from 'components'
import { useState } from 'react'

export function DeliveryStep({ onSaved }) {
  const [isChosen, setIsChosen] = useState(false)
  return (
    <>
      <ShipmentsContainer>
        <Shipment>
          <ShippingMethod emptyText="Nothing ships there">
            <ShippingMethodRadioButton data-testid="shipping-method" onChange={() => setIsChosen(true)} />
            <ShippingMethodName data-testid="shipping-method-name" />
            <ShippingMethodPrice data-testid="shipping-method-price" />
          </ShippingMethod>
        </Shipment>
        <Errors resource="shipments" />
      </ShipmentsContainer>
      <button data-testid="save-delivery" disabled={!isChosen} onClick={onSaved}>
        Continue to payment
      </button>
    </>
  )
}

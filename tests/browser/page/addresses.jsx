// Who buys, and where it is billed and shipped to.

import {
  Address,
  AddressCountrySelector,
  AddressField,
  AddressInput,
  AddressStateSelector,
  AddressesContainer,
  BillingAddressContainer,
  BillingAddressForm,
  CustomerInput,
  Errors,
  SaveAddressesButton,
} from 'components'
import { useState } from 'react'

const FIELDS = ['first_name', 'last_name', 'line_1', 'city', 'zip_code', 'phone']

export function AddressesStep({ isGuest, onSaved }) {
  const [isNew, setIsNew] = useState(isGuest)
  return (
    <>
      {isGuest && <CustomerInput data-testid="customer_email" placeholder="E-mail" saveOnBlur />}
      <AddressesContainer>
        {!isGuest && (
          <>
            <BillingAddressContainer>
              <Address data-testid="address" deselect={isNew}>
                <AddressField name="full_address" />
              </Address>
            </BillingAddressContainer>
            <button data-testid="new-address" onClick={() => setIsNew(true)}>
              Another address
            </button>
          </>
        )}
        {isNew && (
          <BillingAddressForm>
            {FIELDS.map((field) => (
              <AddressInput
                key={field}
                data-testid={field}
                name={`billing_address_${field}`}
                placeholder={field}
                type={field === 'phone' ? 'tel' : 'text'}
              />
            ))}
            <AddressCountrySelector
              data-testid="country_code"
              name="billing_address_country_code"
              placeholder={{ value: '', label: 'Country' }}
            />
            <AddressStateSelector data-testid="state_code" name="billing_address_state_code" />
          </BillingAddressForm>
        )}
        <Errors resource="billing_address" />
        <SaveAddressesButton
          data-testid="save-addresses"
          label="Continue to delivery"
          onClick={({ success }) => success && onSaved()}
        />
      </AddressesContainer>
      <Errors resource="orders" />
    </>
  )
}

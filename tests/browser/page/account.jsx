// The customer's wallet.

import {
  CustomerContainer,
  CustomerPaymentSource,
  CustomerPaymentSourceEmpty,
  PaymentSourceBrandName,
  PaymentSourceDeleteButton,
  PaymentSourceDetail,
} from 'components'

export function Account() {
  return (
    <CustomerContainer isGuest={false}>
      <section data-testid="wallet">
        <CustomerPaymentSource loader={<p>Loading…</p>}>
          <p data-testid="wallet-entry">
            <PaymentSourceBrandName /> <PaymentSourceDetail type="last4" />
            <PaymentSourceDeleteButton data-testid="delete" label="Delete" />
          </p>
        </CustomerPaymentSource>
        <CustomerPaymentSourceEmpty data-testid="wallet-empty" />
      </section>
    </CustomerContainer>
  )
}

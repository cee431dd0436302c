// What was bought, and what paid.

import {
  LineItem,
  LineItemName,
  LineItemQuantity,
  LineItemsContainer,
  OrderNumber,
  PaymentMethodsContainer,
  PaymentSource,
  PaymentSourceBrandName,
  PaymentSourceDetail,
  ShippingAmount,
  TotalAmount,
} from 'components'

export function ThankYou() {
  return (
    <section data-testid="thank-you">
      <h1>
        Thank you: order <OrderNumber data-testid="number" />
      </h1>
      <LineItemsContainer>
        <LineItem type="skus">
          <p data-testid="line-item">
            <LineItemQuantity readonly>{({ quantity }) => <>{quantity} </>}</LineItemQuantity>
            <LineItemName />
          </p>
        </LineItem>
        <ShippingAmount data-testid="shipping" />
        <TotalAmount data-testid="total" />
      </LineItemsContainer>
      <PaymentMethodsContainer>
        <PaymentSource readonly loader={<p>Loading…</p>}>
          <p data-testid="paid-with">
            <PaymentSourceBrandName /> <PaymentSourceDetail type="last4" />
          </p>
        </PaymentSource>
      </PaymentMethodsContainer>
    </section>
  )
}

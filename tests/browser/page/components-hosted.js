// The components of the hosted checkout, with two that its package has at paths of their own.

export * from 'components-hosted'
export { CustomerPaymentSource } from 'components-hosted/customers/CustomerPaymentSource'
export { CustomerPaymentSourceEmpty } from 'components-hosted/customers/CustomerPaymentSourceEmpty'

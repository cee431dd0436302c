// What a page sees of Checkout.com's web components: a token that it has typed in place of a card.

window.CheckoutWebComponents = async ({ onChange }) => ({
  create(type) {
    const input = Object.assign(document.createElement('input'), { placeholder: 'Card' })
    input.dataset.testid = 'checkout-com-card'
    const component = {
      type,
      isValid: () => input.value.startsWith('tok_'),
      tokenize: async () => ({ type: 'card', data: { token: input.value } }),
      mount: (node) => node?.replaceChildren(input),
      unmount: () => input.remove(),
    }
    input.addEventListener('input', () => onChange?.(component))
    return component
  },
})

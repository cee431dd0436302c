// What a page sees of Klarna's script: a session that is begun with its client token, and the shopper's yes.

window.Klarna = {
  Payments: {
    init({ client_token }) {
      this.clientToken = client_token
    },
    load({ container, payment_method_category }) {
      document.querySelector(container)?.replaceChildren(`Klarna: ${payment_method_category}`)
    },
    async authorize(_details, answered) {
      const { session_id } = JSON.parse(atob(this.clientToken.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
      const url = `https://api.playground.klarna.com/payments/v1/sessions/${session_id}/_authorize`
      const body = JSON.stringify({ client_token: this.clientToken })
      const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
      const { authorization_token } = await answer.json()
      answered({ approved: Boolean(authorization_token), show_form: true, authorization_token })
    },
  },
}

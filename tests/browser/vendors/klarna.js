// What a page sees of Klarna's script: a session that is begun with its client token, and the shopper's yes.
// Klarna decides by who shops. Here it asks for a name: it says no to `denied`, and agrees with `rejected`, whose
// order it refuses. Everybody else is approved.

const shopper = Object.assign(document.createElement('input'), { placeholder: 'Who buys' })
const says = document.createElement('output')
shopper.dataset.testid = 'klarna-shopper'
says.dataset.testid = 'klarna-says'

window.Klarna = {
  Payments: {
    init({ client_token }) {
      this.clientToken = client_token
    },
    load({ container }) {
      const node = document.querySelector(container)
      if (node && !node.contains(shopper)) node.replaceChildren(shopper, says)
    },
    async authorize(_details, answered) {
      const isDenied = shopper.value === 'denied'
      says.textContent = isDenied ? 'Not approved' : ''
      if (isDenied) return answered({ approved: false, show_form: false })
      const { session_id } = JSON.parse(atob(this.clientToken.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')))
      const url = `https://api.playground.klarna.com/payments/v1/sessions/${session_id}/_authorize`
      const name = shopper.value && { authorization_token: `${shopper.value}-${crypto.randomUUID()}` }
      const body = JSON.stringify({ client_token: this.clientToken, ...name })
      const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
      const { authorization_token } = await answer.json()
      answered({ approved: Boolean(authorization_token), show_form: true, authorization_token })
    },
  },
}

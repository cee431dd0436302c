// A token from the shop's domain, which the page keeps in its address, as the hosted checkout does.

import { authenticate } from '@commercelayer/js-auth'
import { useState } from 'react'

const SALES_CHANNEL = { clientId: 'demo-sales-channel', scope: 'market:code:europe', domain: DOMAIN }

export function SignIn() {
  const [refused, setRefused] = useState()

  async function signIn(grant, person) {
    const { accessToken, errors } = await authenticate(grant, { ...SALES_CHANNEL, ...person })
    if (errors) return setRefused(errors[0].detail)
    location.search = new URLSearchParams({ accessToken })
  }

  function submit(event) {
    event.preventDefault()
    const { username, password } = Object.fromEntries(new FormData(event.target))
    signIn('password', { username, password })
  }

  return (
    <section>
      <button data-testid="as-guest" onClick={() => signIn('client_credentials')}>
        Continue as guest
      </button>
      <form onSubmit={submit}>
        <input name="username" data-testid="username" />
        <input name="password" type="password" data-testid="password" />
        <button data-testid="sign-in">Sign in</button>
      </form>
      {refused && <p data-testid="refused">{refused}</p>}
    </section>
  )
}

// A shop's page: a checkout at /{order id}, the account at /account. Both ask for a sign-in first.

import { CommerceLayer } from 'components'
import { createRoot } from 'react-dom/client'

import { Account } from './account.jsx'
import { Checkout } from './checkout.jsx'
import { SignIn } from './sign-in.jsx'

const { pathname, searchParams } = new URL(location.href)
const accessToken = tokenOf(searchParams)
const place = pathname.slice(1)

/** In the address at first; kept for the way back from a bank, which knows a short address alone. */
function tokenOf(query) {
  const given = query.get('accessToken')
  if (given) sessionStorage.setItem('accessToken', given)
  return given ?? sessionStorage.getItem('accessToken')
}

const signedIn = () => (
  <CommerceLayer accessToken={accessToken} endpoint={`https://demo.${DOMAIN}`}>
    {place === 'account' ? <Account /> : <Checkout accessToken={accessToken} orderId={place} />}
  </CommerceLayer>
)

createRoot(document.getElementById('shop')).render(accessToken ? signedIn() : <SignIn />)

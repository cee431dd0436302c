// The walks of shoppers, by name. Each begins with a cart of its own.

import assert from 'node:assert/strict'

import { METHODS } from './shopper.mjs'

const DEMO_CUSTOMER = { username: 'customer@example.com', password: 'demo-customer' }
const GUEST = 'new.guest@example.com'
const DEMO_CART = 'kVtRwZbQna'
const DEMO_GUESTS_CART = 'mLhGpXcYuE'

/** Klarna keeps nothing for Italians. */
const COUNTRIES = { klarna: 'DE' }

/** Where the components ask whether what pays is to be kept. Elsewhere they keep what pays a subscription. */
const ASK_TO_KEEP = ['stripe', 'checkoutCom']

/** From the sign-in to the choice of what pays, at a new address. */
async function goesToPayment(shopper, { order, customer, method }) {
  await shopper.opens(order)
  await shopper.signsIn(customer)
  if (!customer) await shopper.saysWhoBuys(GUEST)
  await shopper.entersAddress(COUNTRIES[method])
  await shopper.choosesDelivery()
}

/** A walk up to a card that is entered, which ends with `rest`. */
const withNewCard = (method, name, rest) => async ({ walks, shop, customer }) => {
  const order = await shop.cart(customer)
  await walks(async (shopper) => {
    await goesToPayment(shopper, { order, customer, method })
    await shopper.choosesMethod(method)
    await shopper.entersNewCard(method, name)
    await rest(shopper, order)
    await shopper.hasBought(order, method)
  })
}

/** How placing this order is refused where what pays is declined. */
const declined = (order) => `422 PAYMENT_DECLINED PATCH /api/orders/${order} _place`

const asGuest = (method) => async ({ walks, shop }) => {
  const order = await shop.cart()
  await walks(async (shopper) => {
    await goesToPayment(shopper, { order, method })
    await shopper.paysAnew(method)
    await shopper.hasBought(order, method)
  })
}

const asCustomer = (method) => async ({ walks, shop }) => {
  const customer = await shop.customer()
  const keeps = ASK_TO_KEEP.includes(method)
  const first = await shop.cart(customer, keeps ? undefined : 'monthly')
  const second = await shop.cart(customer)
  await walks(async (shopper) => {
    await goesToPayment(shopper, { order: first, customer, method })
    await shopper.paysAnew(method, { keeps })
    await shopper.hasBought(first, method)
  })
  await walks(async (shopper) => {
    await goesToPayment(shopper, { order: second, customer, method })
    await shopper.paysWithWhatWasKept(method)
    await shopper.hasBought(second, method)
  })
  await walks(async (shopper) => {
    await shopper.opens('account')
    await shopper.signsIn(customer)
    await shopper.$('wallet-entry').waitFor()
    assert.equal(await shopper.$('wallet-entry').count(), 1)
    await shopper.$('delete').click()
    await shopper.$('wallet-entry').waitFor({ state: 'detached' })
    await shopper.wasRefused([])
  })
}

/** What pays is refused when the order is placed, and the shopper pays by card. */
const declinedWhenPlaced = (method, begins) => async ({ walks, shop, customer }) => {
  const order = await shop.cart(customer)
  await walks(async (shopper) => {
    await goesToPayment(shopper, { order, customer, method })
    await begins(shopper)
    await shopper.places()
    await shopper.isRefusedOrder()
    await shopper.paysAnew('stripe')
    await shopper.hasBought(order, 'stripe', [declined(order)])
    assert.equal(await shop.authorizations(order), 2)
  })
}

/** At these gateways banks ask. */
const WITH_BANKS = ['stripe', 'checkoutCom']

/**
 * A card is kept whose bank asks each time, and pays another order. The components do not lead to the bank: the
 * page does; or, as in the hosted checkout, nothing does, and the shopper enters the card again.
 */
const keptCardAsks = (method) => async ({ walks, shop }) => {
  const customer = await shop.customer()
  const [first, second, third] = [await shop.cart(customer), await shop.cart(customer), await shop.cart(customer)]
  const asked = (order) => [`422 SHOPPER_REQUIRED PATCH /api/orders/${order} _place`]
  await walks(async (shopper) => {
    await goesToPayment(shopper, { order: first, customer, method })
    await shopper.choosesMethod(method)
    await shopper.paysAsBankAsks(method, { keeps: true })
    await shopper.hasBought(first, method)
  })
  await walks(async (shopper) => {
    await goesToPayment(shopper, { order: second, customer, method })
    await shopper.paysWithWhatWasKept(method)
    await shopper.$('to-bank').click()
    await shopper.passesBank(method)
    await shopper.hasBought(second, method, asked(second))
  })
  await walks(async (shopper) => {
    await goesToPayment(shopper, { order: third, customer, method })
    await shopper.paysWithWhatWasKept(method)
    await shopper.isRefusedOrder()
    await shopper.reloads('payment')
    await shopper.putsCardAside(method)
    await shopper.paysAsBankAsks(method)
    await shopper.hasBought(third, method, asked(third))
  })
}

/** A guest's walk up to Klarna's no, which ends with `rest` and is paid in this way. */
const deniedByKlarna = (method, rest) => async ({ walks, shop }) => {
  const order = await shop.cart()
  await walks(async (shopper) => {
    await goesToPayment(shopper, { order, method: 'klarna' })
    await shopper.choosesMethod('klarna')
    await shopper.saysToKlarnaWhoBuys('denied')
    await shopper.places()
    await shopper.isDeniedByKlarna()
    await rest(shopper)
    await shopper.hasBought(order, method)
  })
}

const forEachMethod = (name, walk, methods = Object.keys(METHODS)) =>
  Object.fromEntries(methods.map((method) => [name.replace('…', method), walk(method)]))

const forEachRole = (name, walk) => ({
  [name.replace('…', 'a guest')]: walk,
  [name.replace('…', 'a customer')]: async (on) => walk({ ...on, customer: await on.shop.customer() }),
})

export const WALKS = {
  async 'a guest buys the demo cart'({ walks }) {
    await walks(async (shopper) => {
      await goesToPayment(shopper, { order: DEMO_GUESTS_CART })
      await shopper.paysAnew('stripe')
      await shopper.hasBought(DEMO_GUESTS_CART, 'stripe')
    })
  },

  async 'a customer buys the demo cart, at an address of the address book'({ walks }) {
    await walks(async (shopper) => {
      await shopper.opens(DEMO_CART)
      await shopper.signsIn(DEMO_CUSTOMER)
      await shopper.$('address').first().click()
      await shopper.savesAddresses()
      await shopper.choosesDelivery()
      await shopper.paysAnew('stripe')
      await shopper.hasBought(DEMO_CART, 'stripe')
    })
  },

  ...forEachMethod('a guest pays at …', asGuest),
  ...forEachMethod('a customer pays at …, again with what was kept, and deletes it', asCustomer),

  'the bank asks in the page, and the shopper passes': withNewCard('stripe', 'threeDSecure2Required', async (shopper) => {
    await shopper.places()
    await shopper.$('bank-pass').click()
  }),

  'the bank asks in the page, the shopper fails, and pays with another card': withNewCard(
    'stripe',
    'threeDSecure2Required',
    async (shopper) => {
      await shopper.places()
      await shopper.$('bank-fail').click()
      await shopper.isToldWhy()
      await shopper.entersNewCard('stripe', 'visa')
      await shopper.places()
    },
  ),

  'a card is declined, another one is not': withNewCard('stripe', 'chargeDeclined', async (shopper) => {
    await shopper.places()
    await shopper.isToldWhy()
    await shopper.entersNewCard('stripe', 'visa')
    await shopper.places()
  }),

  'a card is declined at Checkout.com, another one is not': withNewCard('checkoutCom', 'declined', async (shopper) => {
    await shopper.authorizesAtCheckoutCom()
    await shopper.hasAllAnswers()
    await shopper.entersNewCard('checkoutCom', 'redirect')
    await shopper.authorizesAtCheckoutCom()
    await shopper.passesBankAtCheckoutCom()
  }),

  'the bank asks on its own page, the shopper fails, and pays with another card': withNewCard(
    'checkoutCom',
    'redirect',
    async (shopper, order) => {
      await shopper.authorizesAtCheckoutCom()
      await shopper.answersBankAtCheckoutCom(false)
      await shopper.$('payment').waitFor()
      await shopper.hasAllAnswers()
      // The components take no other card on this page.
      await shopper.opens(order)
      await shopper.entersNewCard('checkoutCom', 'redirect')
      await shopper.authorizesAtCheckoutCom()
      await shopper.passesBankAtCheckoutCom()
    },
  ),

  ...forEachMethod("a kept card's bank asks at …, and the shopper passes, or enters it again", keptCardAsks, WITH_BANKS),

  'Klarna says no in the page, and yes the second time': deniedByKlarna('klarna', async (shopper) => {
    await shopper.saysToKlarnaWhoBuys('')
    await shopper.places()
  }),

  'Klarna says no in the page, and the shopper pays by card': deniedByKlarna('stripe', (shopper) =>
    shopper.paysAnew('stripe'),
  ),

  ...forEachRole(
    'Klarna rejects the order of …, who then pays by card',
    declinedWhenPlaced('klarna', async (shopper) => {
      await shopper.choosesMethod('klarna')
      await shopper.saysToKlarnaWhoBuys('rejected')
    }),
  ),

  ...forEachRole(
    "the shop's own gateway declines …, who then pays by card",
    declinedWhenPlaced('external', async (shopper) => {
      await shopper.hasExternalToken('declined-card')
      await shopper.reloads('payment')
      await shopper.choosesMethod('external')
    }),
  ),

  ...forEachRole(
    '… who clicks twice buys once',
    withNewCard('stripe', 'visa', async (shopper, order) => {
      await shopper.$('place').dblclick()
      await shopper.isThanked('stripe')
      assert.equal(await shopper.shop.authorizations(order), 1)
    }),
  ),

  ...forEachRole(
    '… who is declined goes back, reloads, and pays with another card',
    withNewCard('stripe', 'chargeDeclined', async (shopper) => {
      await shopper.places()
      await shopper.isToldWhy()
      await shopper.goesBackAndReloads('payment')
      await shopper.entersNewCard('stripe', 'visa')
      await shopper.places()
    }),
  ),

  ...forEachRole('… who reloads goes on where they were', async ({ walks, shop, customer }) => {
    const order = await shop.cart(customer)
    await walks(async (shopper) => {
      await shopper.opens(order)
      await shopper.signsIn(customer)
      await shopper.reloads('addresses')
      if (!customer) await shopper.saysWhoBuys(GUEST)
      await shopper.entersAddress()
      await shopper.reloads('delivery')
      await shopper.choosesDelivery()
      await shopper.reloads('payment')
      await shopper.choosesMethod('stripe')
      await shopper.$('stripe-card').waitFor()
      await shopper.reloads('payment')
      await shopper.entersNewCard('stripe', 'visa')
      await shopper.places()
      await shopper.hasBought(order, 'stripe')
      await shopper.reloads('thank-you')
    })
  }),
}

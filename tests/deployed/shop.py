"""From an empty account to a shop with an order that is paid with a saved card, by the documents' commands."""

from deployment import block_with, commands

DEPLOYING = ("docs/operating.md", "## Deploying")
GATEWAYS = ("docs/managing.md", "## Gateways and payment methods")
ORDERS = ("docs/managing.md", "## Orders, customers and the rest")
SAVING = ("README.md", "## A card, saved and used again")
KEYS = "pk_test_second"


def deploy(here):
    blocks = commands(*DEPLOYING)
    here.run(block_with(blocks, "new-signing-key"))
    here.run(block_with(blocks, "sam build"))
    here.open_api()
    here.instead |= {"http://localhost:9000": here.gateway.url}


def make_clients(here):
    """The organization and its two clients; the secret is printed."""
    told = here.run(block_with(commands(*DEPLOYING), "admin make-organization"))
    here.secret = told.splitlines()[0]
    here.organization = here.variable("ORGANIZATION")
    here.instead |= {"demo-integration-secret": here.secret, "demo-integration": "my-back-end"}


def fill(here):
    """A market, a gateway, a payment method, and an order of a customer who has a password."""
    blocks = commands(*GATEWAYS)
    here.run(block_with(blocks, "/oauth/token"))
    here.run(block_with(blocks, "/api/stripe_gateways"))
    here.run(block_with(blocks, "/api/payment_methods"))
    token = here.integration = here.variable("INTEGRATION")
    # What is shipped is the shop's own to see to.
    market = record("markets", name="Europe", code="europe", currency_code="EUR", placing_requires=["billing_address"])
    market = here.ask("POST", "/api/markets", token, market, 201)
    methods = here.ask("GET", "/api/payment_methods", token)
    here.instead |= {"dlQbPhNNop": market["data"]["id"], "WmOodsVPmQ": methods["data"][0]["id"]}
    here.run(block_with(commands(*ORDERS), "9000/api/orders \\"))
    here.first = here.variable("ORDER")
    here.customer = here.ask("GET", f"/api/orders/{here.first}/customer", token)["data"]["id"]
    change(here, "customers", here.customer, token, password="a-long-password")
    here.second = new_order(here)
    here.instead |= {
        "demo-sales-channel": "my-storefront",
        "market:code:europe": "market:all",
        "customer@example.com": "new.customer@example.com",
        "new.new.": "new.",
        "demo-customer": "a-long-password",
        "qaMAhZkZvd": here.first,
        "eqkykhjlVw": here.second,
        "pk_test_demo": KEYS,
        "http://127.0.0.1:9001": here.stand_ins["stripe"],
    }


def save_and_reuse(here):
    """README's walk: paid, saved, listed, paid with on the next order, placed."""
    blocks = commands(*SAVING)
    here.run(block_with(blocks, "TOKEN=$(curl"))
    here.token = here.variable("TOKEN")
    here.run(block_with(blocks, "?include=payment_method'"))
    card = here.run(block_with(blocks, "/api/stripe_payments"))
    assert '"card_last_digits": "4242"' in card, card
    confirmed = here.run(block_with(blocks, "/confirm"))
    assert confirmed == '"requires_capture"', confirmed
    saved = here.run(block_with(blocks, "_save_payment_source_to_customer_wallet"))
    assert "XXXX-XXXX-XXXX-4242" in saved, saved
    listed = here.run(block_with(blocks, "WALLET="))
    assert listed == '"XXXX-XXXX-XXXX-4242"', listed
    here.entry = here.variable("ENTRY")
    reused = here.run(block_with(blocks, "_customer_payment_source_id"))
    assert '"card": "4242"' in reused, reused
    placed = here.run(block_with(blocks, '"_place"'))
    assert '"status": "placed"' in placed and '"payment_status": "authorized"' in placed, placed


def capture_and_refund(here):
    """What was placed, and what nobody has a route for."""
    take_and_give_back(here, here.second)
    assert here.answer("GET", "/api/nothing", here.token)[0] == 404
    assert here.answer("GET", "/nothing")[0] == 404


def take_and_give_back(here, order):
    change(here, "orders", order, here.integration, _approve=True)
    authorization = here.ask("GET", f"/api/orders/{order}/authorizations", here.integration)["data"][0]["id"]
    change(here, "authorizations", authorization, here.integration, _capture=True)
    assert paid(here, order) == "paid", paid(here, order)
    capture = here.ask("GET", f"/api/orders/{order}/captures", here.integration)["data"][0]["id"]
    change(here, "captures", capture, here.integration, _refund=True)
    assert paid(here, order) == "refunded", paid(here, order)


def paid(here, order):
    return here.ask("GET", f"/api/orders/{order}", here.integration)["data"]["attributes"]["payment_status"]


def new_order(here):
    """One more order of the customer's, which lacks nothing but what pays it."""
    address = record(
        "addresses",
        first_name="Ada",
        last_name="Byron",
        line_1="Via Roma 1",
        city="Torino",
        country_code="IT",
        phone="+39 011 000000",
    )
    address = here.ask("POST", "/api/addresses", here.integration, address, 201)["data"]["id"]
    body = record(
        "orders",
        {
            "billing_address": ("addresses", address),
            "customer": ("customers", here.customer),
            "market": ("markets", here.instead["dlQbPhNNop"]),
            "payment_method": ("payment_methods", here.instead["WmOodsVPmQ"]),
        },
        status="pending",
        currency_code="EUR",
        total_amount_cents=4500,
        total_amount_with_taxes_cents=4500,
    )
    order = here.ask("POST", "/api/orders", here.integration, body, 201)["data"]["id"]
    line = record(
        "line_items", {"order": ("orders", order)}, name="White T-shirt, M", quantity=1, unit_amount_cents=4500
    )
    here.ask("POST", "/api/line_items", here.integration, line, 201)
    return order


def pay_with_saved(here, token=None):
    """A new order, paid with the saved card and placed."""
    order, token = new_order(here), token or here.token
    change(here, "orders", order, token, _customer_payment_source_id=here.entry)
    placed = change(here, "orders", order, token, _place=True)["data"]["attributes"]
    assert placed["payment_status"] == "authorized", placed
    return order


def sign_in(here):
    here.run(block_with(commands(*SAVING), "TOKEN=$(curl"))
    here.token = here.variable("TOKEN")
    return here.token


def wallet(here, token=None):
    entries = here.ask("GET", "/api/customer_payment_sources", token or here.token)["data"]
    return [(it["id"], it["attributes"]["name"]) for it in entries]


def change(here, kind, id, token, wanted=200, **attributes):
    body = {"data": {"type": kind, "id": id, "attributes": attributes}}
    return here.ask("PATCH", f"/api/{kind}/{id}", token, body, wanted)


def record(kind, related=None, /, **attributes):
    of = {"type": kind, "attributes": attributes}
    if related:
        of["relationships"] = {name: {"data": {"type": type, "id": id}} for name, (type, id) in related.items()}
    return {"data": of}


ALL = [make_clients, fill, save_and_reuse, capture_and_refund]

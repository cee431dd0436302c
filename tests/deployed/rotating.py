"""The steps of "Rotating keys", as they are written: what holds before, between and after them.

What is waited for, functions reading their keys again, is had here by starting them anew; some go on with what they
know, as they do in between.
"""

import base64
import json
import time

import shop
from deployment import block_with, commands
from resources import client

OPERATING = "docs/operating.md"
# How long a function that meets a key it does not know leaves between two looks for it.
BETWEEN_LOOKS = 11


def sealed_by(here):
    """The keys that what is sealed in the table is sealed with."""
    table, found = here.stack().outputs["TableName"], set()
    for page in client("dynamodb").get_paginator("scan").paginate(TableName=table):
        text = json.dumps(page["Items"])
        found |= {it for it in ("k1", "k2") if f'"{it}.' in text}
    return found


def everything_works(here, token=None):
    """What is saved is read, pays another order, and what was placed is read."""
    assert [it[0] for it in shop.wallet(here, token)] == [here.entry]
    order = shop.pay_with_saved(here, token)
    here.ask("GET", f"/api/orders/{here.second}?include=payment_source,transactions", here.integration)
    return order


def the_sealing_key(here):
    first, last, reseal, take_out = commands(OPERATING, "### The sealing key")
    assert sealed_by(here) == {"k1"}
    everything_works(here)
    entry = entries(here)[0]
    here.run(first)
    here.functions.stop(["patch-order", "create-payment-source"])
    everything_works(here)
    assert sealed_by(here) == {"k1"}
    here.functions.stop()
    everything_works(here)

    time.sleep(BETWEEN_LOOKS)
    here.run(last)
    here.functions.stop(["patch-order"])
    order = everything_works(here)
    assert sealed_by(here) == {"k1", "k2"}
    here.functions.stop()
    shop.change(here, "orders", order, here.integration, _approve=True)
    everything_works(here)

    told = here.run(f"TABLE=$TABLE_NAME\n{reseal}")
    assert sealed_by(here) == {"k2"}
    everything_works(here)

    here.run(take_out)
    here.functions.stop()
    everything_works(here)
    # What the old key sealed reads no more.
    table, newest = here.stack().outputs["TableName"], entries(here)[0]
    client("dynamodb").put_item(TableName=table, Item=entry)
    assert here.answer("GET", "/api/customer_payment_sources", here.token)[0] == 500
    client("dynamodb").put_item(TableName=table, Item=newest)
    everything_works(here)
    return told.splitlines()[-1]


def entries(here):
    asked = {
        "TableName": here.stack().outputs["TableName"],
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
        "ExpressionAttributeValues": {
            ":pk": {"S": f"{here.organization}#test#customer#{here.customer}"},
            ":sk": {"S": "entry#"},
        },
    }
    return client("dynamodb").query(**asked)["Items"]


def the_signing_key(here):
    beside, last, out = commands(OPERATING, "### The signing key")
    old, integration = shop.sign_in(here), here.integration
    everything_works(here, old)
    time.sleep(BETWEEN_LOOKS)
    here.run(beside)
    everything_works(here, old)
    here.functions.stop(["issue-token", "patch-order"])
    assert key_of(shop.sign_in(here)) == key_of(old)
    everything_works(here, old)
    shown = here.ask("GET", "/.well-known/jwks.json")["keys"]
    assert len(shown) == 2, shown

    here.run(last)
    here.functions.stop(["issue-token"])
    new = shop.sign_in(here)
    assert key_of(new) != key_of(old)
    # Those that were not started anew look for the key that they do not know.
    for token in (new, old):
        everything_works(here, token)

    here.run(out)
    here.functions.stop()
    sign_in_back_end(here)
    everything_works(here, shop.sign_in(here))
    for token in (old, integration):
        assert here.answer("GET", f"/api/orders/{here.second}", token)[0] == 401
    assert len(here.ask("GET", "/.well-known/jwks.json")["keys"]) == 1


def sign_in_back_end(here):
    here.run(block_with(commands(*shop.GATEWAYS), "/oauth/token"))
    here.integration = here.variable("INTEGRATION")


def key_of(token):
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


def a_gateways_keys(here):
    """Stripe's, of the same account: a restricted key in the place of the secret one."""
    name = f"billfold/gateways/{here.organization}/test/{here.variable('GATEWAY')}"
    shop.change(here, "stripe_gateways", here.variable("GATEWAY"), here.integration, webhook_endpoint_secret="whsec_a")
    secrets = client("secretsmanager")
    kept = json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])
    assert kept["login"] == "sk_test_second" and kept["webhook_endpoint_secret"] == "whsec_a", kept
    everything_works(here)
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(kept | {"login": "rk_test_second"}))
    everything_works(here)
    here.functions.stop()
    everything_works(here)
    # They are what is asked with: with an account's that knows no such card, nothing is paid.
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(kept | {"login": "rk_test_elsewhere"}))
    here.functions.stop()
    order = shop.new_order(here)
    body = {"data": {"type": "orders", "id": order, "attributes": {"_customer_payment_source_id": here.entry}}}
    assert here.answer("PATCH", f"/api/orders/{order}", here.token, body)[0] >= 400
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(kept | {"login": "rk_test_second"}))
    here.functions.stop()
    everything_works(here)


def a_clients_secret(here):
    former = here.secret
    here.secret = here.run("cargo run -q -- admin rotate-secret my-back-end").splitlines()[-1]
    asked = {"grant_type": "client_credentials", "client_id": "my-back-end"}
    assert here.answer("POST", "/oauth/token", body=asked | {"client_secret": former})[0] == 401
    told = here.ask("POST", "/oauth/token", body=asked | {"client_secret": here.secret})
    here.ask("GET", "/api/orders", told["access_token"])
    # Tokens that are out stay good until they end.
    here.ask("GET", "/api/orders", here.integration)
    here.instead["demo-integration-secret"] = here.secret


ALL = [the_sealing_key, the_signing_key, a_gateways_keys, a_clients_secret]

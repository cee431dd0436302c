"""The steps of "Restoring a table", as they are written, after something went wrong in the original."""

import json
import time
import urllib.request
from datetime import UTC, datetime

import made
import shop
from deployment import commands
from resources import client

COPY = "the table is a copy of another: nothing is carried on"


def restore(here):
    stop, copy, settings, deploy, run_again, adopt = commands("docs/operating.md", "## Restoring a table")
    original = here.stack().outputs["TableName"]
    # It is swept each minute, and knows by that which table it is.
    assert here.sweep() == {"settled": 0, "stuck": 0}
    owe(here)
    orders, wallet = all_orders(here), shop.wallet(here)
    time.sleep(1.1)
    moment = datetime.now(UTC)
    here.instead["2026-01-31T12:00:00Z"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(1.1)
    # What went wrong.
    lost = shop.new_order(here)
    shop.change(here, "customer_payment_sources", here.entry, here.token, metadata={"written": "later"})

    here.run(stop)
    assert here.answer("GET", "/api/orders", here.integration)[0] == 503
    assert here.sweep() is None
    here.run(copy)
    here.run(settings)
    here.run(deploy)
    here.run(run_again)
    moved(here, original)

    assert all_orders(here) == orders
    assert shop.wallet(here) == wallet
    entry = here.ask("GET", f"/api/customer_payment_sources/{here.entry}", here.token)["data"]
    assert "written" not in entry["attributes"]["metadata"], entry
    assert here.answer("GET", f"/api/orders/{lost}", here.integration)[0] == 404

    # Nothing is carried on, until it is told.
    assert here.sweep() == {"settled": 0, "stuck": 0}
    said = [it for it in here.logged("sweep") if it.get("message") == COPY]
    known = client("dynamodb").describe_table(TableName="billfold-restored")["Table"]["TableId"]
    assert [it["table_id"] for it in said] == [known], said
    assert len(owed(here)) == 1
    shop.pay_with_saved(here)

    here.run(adopt)
    assert here.variable("ADOPTED") == known
    settle(here)

    # It is said once.
    here.run("sam deploy --stack-name billfold --parameter-overrides Revision=$(date +%s) AdoptedTable=")
    assert here.functions.configuration("sweep")["Environment"]["Variables"]["ADOPTED_TABLE"] == ""
    assert here.sweep() is not None
    assert len([it for it in here.logged("sweep") if it.get("message") == COPY]) == 1
    shop.take_and_give_back(here, shop.pay_with_saved(here))


def moved(here, original):
    """The functions have the other table, and it has what the template gives the first. The old one is as it was."""
    made.table(here)
    made.roles(here)
    made.functions(here)
    made.doctor(here)
    assert here.stack().outputs["TableName"] == "billfold-restored"
    assert here.stack().made["Table"]["ref"] == original
    for name in here.functions.functions():
        policies = json.dumps(policies_of(here, name))
        assert f"table/{original}" not in policies, name


def policies_of(here, name):
    role, iam = here.functions.configuration(name)["Role"].split("/")[-1], client("iam")
    found = []
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        found.append(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"])
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
        told = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
        found.append(told["PolicyVersion"]["Document"])
    return found


def owe(here):
    """A payment that is to be released, at a gateway that does not answer."""
    order = shop.pay_with_saved(here)
    fault(here, {"fault": "drop_before", "method": "POST", "path": "/v1/payment_intents/*", "times": 20})
    authorization = here.ask("GET", f"/api/orders/{order}/authorizations", here.integration)["data"][0]["id"]
    shop.change(here, "orders", order, here.integration, _approve=True)
    shop.change(here, "authorizations", authorization, here.integration, _void=True)
    fault(here, None)
    assert len(owed(here)) == 1, owed(here)


def fault(here, what):
    address = f"{here.stand_ins['stripe']}/_sandbox/faults"
    data = None if what is None else json.dumps(what).encode()
    urllib.request.urlopen(urllib.request.Request(address, data=data, method="DELETE" if data is None else "POST"))


def owed(here):
    listed = here.ask("GET", "/api/operations", here.integration)["data"]
    return [it["attributes"]["status"] for it in listed]


def all_orders(here):
    """Page by page."""
    found, number, pages = [], 0, 1
    while number < pages:
        number += 1
        query = f"page[size]=5&page[number]={number}&include=transactions,payment_source"
        listed = here.ask("GET", f"/api/orders?{query}", here.integration)
        pages = listed["meta"]["page_count"]
        found += listed["data"]
    assert pages > 1 and len({it["id"] for it in found}) == listed["meta"]["record_count"]
    return [(it["id"], it["attributes"]["payment_status"], it["attributes"]["updated_at"]) for it in found]


def settle(here):
    """What is owed is carried on: a minute after it was tried last."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        if here.sweep()["settled"]:
            assert owed(here) == []
            return
        time.sleep(2)
    raise AssertionError(f"what is owed is not carried on: {owed(here)}")


ALL = [restore]

#!/usr/bin/env python3
"""Fuzzes a server of this machine with what its OpenAPI document describes, and with what it does not.

    tests/fuzz/run.py target/debug/billfold --port 9700

starts the server on that port and the next four, with nothing but the demo data in memory, pays and saves
with each gateway, and has Schemathesis call every operation; for each round of ROUNDS anew. What is generated
follows from the seed in schemathesis.toml. Further arguments are for `st run`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from steering import steered

HERE = Path(__file__).resolve().parent
MEDIA_TYPE = "application/vnd.api+json"

CLIENTS = {
    "integration": {
        "grant_type": "client_credentials",
        "client_id": "demo-integration",
        "client_secret": "demo-integration-secret",
    },
    "customer": {
        "grant_type": "password",
        "client_id": "demo-sales-channel",
        "scope": "market:code:europe",
        "username": "customer@example.com",
        "password": "demo-customer",
    },
}

# Who calls, and how. Fuzzing draws at random; what changes the demo data is apart from what replaces and deletes it.
# Of what records lead to, an order's is called: it is one way for all, and the tests follow every link. Coverage
# walks along the edges of every schema, which is long: it does for types that are read and written in different ways.
EDGES = "customers|customer_addresses|customer_payment_sources|organization|payment_methods|stripe_payments"
COVERAGE = ["--phases", "coverage", "--include-path-regex", rf"^/(oauth|api/({EDGES})(/\{{id\}})?$)"]
PATHS = r"^/(oauth|\.well-known|api/[\w.]+(/\{id\})?$|api/orders)"
FUZZING = ["--phases", "fuzzing", "--include-path-regex", PATHS]
CHANGING = [*FUZZING, "--max-examples", "4", "--exclude-method", "POST", "--exclude-method", "DELETE"]
# What is wrong with a new record is like what is wrong with a changed one: here, as much as may be is made.
MAKING = ["--mode", "positive", "--max-examples", "10"]
REPLACING = [*FUZZING, *MAKING, "--exclude-method", "GET", "--exclude-method", "PATCH"]
ROUNDS = [
    ("integration", COVERAGE),
    ("integration", CHANGING),
    ("integration", REPLACING),
    ("customer", CHANGING),
    ("customer", REPLACING),
]

# What pays each of the demo orders: the type of payment source, its attributes, and what the shopper's
# browser brings back.
PAYMENTS = {
    "qaMAhZkZvd": (
        "stripe_payments",
        {"options": {"id": "pm_card_visa", "setup_future_usage": "off_session"}},
        None,
    ),
    "bkPlhXmQzc": (
        "checkout_com_payments",
        {"success_url": "https://shop.example.com/yes", "failure_url": "https://shop.example.com/no"},
        {"token": "tok_4gzeau5o2uqubbk6fufs3m7p54", "_authorize": True},
    ),
    "dRWnfTqVjs": ("klarna_payments", {}, {"auth_token": "b4bd3423-24e3-4c3a-a3d0-7f5f8f4d3a11"}),
    "gYzLhKcMxp": ("external_payments", {"payment_source_token": "xxxx.yyyy.zzzz"}, None),
}
# The orders to begin with, when looking for records.
ORDERS = [*PAYMENTS, "eqkykhjlVw", "pNwQhTxKzR"]


class Api:
    """The server, as one caller."""

    def __init__(self, url, client):
        self.url = url
        self.token = self.call("POST", "/oauth/token", client, "application/json")["access_token"]

    def call(self, method, path, body=None, media_type=MEDIA_TYPE):
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Content-Type", media_type)
        if hasattr(self, "token"):
            request.add_header("Authorization", f"Bearer {self.token}")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=20) as answer:
            return json.load(answer)

    def patch(self, kind, record, attributes):
        document = {"data": {"type": kind, "id": record, "attributes": attributes}}
        return self.call("PATCH", f"/api/{kind}/{record}", document)

    def pay_and_save(self, order):
        kind, attributes, brought = PAYMENTS[order]
        relationships = {"order": {"data": {"type": "orders", "id": order}}}
        document = {"type": kind, "attributes": attributes, "relationships": relationships}
        source = self.call("POST", f"/api/{kind}", {"data": document})["data"]
        if brought is not None:
            self.patch(kind, source["id"], brought)
        if kind == "stripe_payments":
            self.confirm(source["attributes"])
        self.patch("orders", order, {"_save_payment_source_to_customer_wallet": True})

    def confirm(self, payment):
        """As the shopper's browser does, at the stand-in for Stripe: the port after the server's."""
        port = int(self.url.rsplit(":", 1)[1]) + 1
        url = f"http://127.0.0.1:{port}/v1/payment_intents/{payment['stripe_id']}/confirm"
        form = f"key=pk_test_demo&client_secret={payment['client_secret']}&use_stripe_sdk=true".encode()
        urllib.request.urlopen(url, form, timeout=20).close()

    def records(self):
        """The ids of all records that links lead to from the demo orders, by type."""
        ids, ahead = {}, [("orders", order) for order in ORDERS]
        while ahead:
            kind, record = ahead.pop()
            if record in ids.setdefault(kind, []):
                continue
            ids[kind].append(record)
            links = self.call("GET", f"/api/{kind}/{record}")["data"]["relationships"]
            for name in links:
                data = self.call("GET", f"/api/{kind}/{record}/relationships/{name}")["data"]
                found = data if isinstance(data, list) else [data] if data else []
                ahead.extend((it["type"], it["id"]) for it in found)
        return ids


@contextmanager
def server(binary, port, log):
    environment = {**os.environ, "RATE_LIMIT": "0", "TOKEN_RATE_LIMIT": "0"}
    command = [binary, "serve", "--port", str(port), "--ephemeral"]
    with subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:
        url = f"http://localhost:{port}"
        try:
            for _ in range(100):
                try:
                    urllib.request.urlopen(f"{url}/api/openapi.json", timeout=5).close()
                    break
                except urllib.error.URLError:
                    time.sleep(0.2)
            else:
                raise SystemExit("the server does not answer")
            yield url
            if process.poll() is not None:
                raise SystemExit("the server has stopped")
        finally:
            process.terminate()


def payable():
    """The orders that each type of payment source can pay."""
    orders = {}
    for order, (kind, _, _) in PAYMENTS.items():
        orders.setdefault(kind, []).append(order)
    return orders


def fuzz(url, caller, folder, arguments):
    draws = "fuzzing" in arguments
    api = Api(url, CLIENTS[caller])
    document = api.call("GET", "/api/openapi.json")
    ids = Api(url, CLIENTS["integration"]).records()
    described = Path(folder, f"{caller}.json")
    described.write_text(json.dumps(steered(document, ids, caller, draws, payable())))
    command = [Path(sys.executable).with_name("st"), "--config-file", HERE / "schemathesis.toml"]
    command += ["run", described, "--url", url, *arguments]
    hooks = str(HERE / "hooks.py")
    environment = {**os.environ, "TOKEN": api.token, "SCHEMATHESIS_HOOKS": hooks, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environment, cwd=folder, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("binary", help="the local server's")
    parser.add_argument("--port", type=int, default=9700, help="the first of five (9700)")
    parser.add_argument("--round", type=int, action="append", help="of ROUNDS, from 0 on; all by default")
    options, further = parser.parse_known_args()
    failed = False
    for number in options.round or range(len(ROUNDS)):
        caller, arguments = ROUNDS[number]
        print(f"-- round {number}, as {caller}", flush=True)
        with tempfile.TemporaryDirectory() as folder, open(Path(folder, "log"), "w+") as log:
            with server(options.binary, options.port, log) as url:
                shopper = Api(url, CLIENTS["customer"])
                for order in PAYMENTS:
                    shopper.pay_and_save(order)
                failed |= fuzz(url, caller, folder, [*arguments, *further]) != 0
            log.seek(0)
            panics = [line for line in log if "panicked" in line]
            print(*panics, sep="")
            failed |= bool(panics)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())

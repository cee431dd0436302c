"""Whether a server that has taken many requests is as fast as a new one.

    cargo build --release
    python3 benches/endurance.py target/release/billfold [requests, 200000 if absent]

Four connections read one order as an integration, one after the other; every hundredth request changes the
order's metadata. The first twentieth and the last are compared, by their requests in a second. Loopback only;
it ends by itself. Requests that are refused are counted apart.
"""

import http.client
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time

ORDER = "qaMAhZkZvd"
PATH = f"/api/orders/{ORDER}"
PORT = 9470
CONNECTIONS = 4
PARTS = 20
MEDIA_TYPE = "application/vnd.api+json"


def exchange(connection, method, path, body=None, token=None):
    headers = {"Content-Type": MEDIA_TYPE if token else "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request(method, path, json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    return response.status, response.read()


def sign_in():
    body = {
        "grant_type": "client_credentials",
        "client_id": "demo-integration",
        "client_secret": "demo-integration-secret",
    }
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection("localhost", PORT, timeout=30)
            return json.loads(exchange(connection, "POST", "/oauth/token", body)[1])[
                "access_token"
            ]
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def read(token, count, refused):
    connection = http.client.HTTPConnection("localhost", PORT, timeout=30)
    for number in range(count):
        body = None
        if number % 100 == 0:
            change = {"metadata": {"seen": number}}
            body = {"data": {"type": "orders", "id": ORDER, "attributes": change}}
        method = "PATCH" if body else "GET"
        status, _ = exchange(connection, method, PATH, body, token)
        if status != 200:
            with refused.get_lock():
                refused.value += 1


def part(token, count, refused):
    """Requests in a second."""
    arguments = (token, count // CONNECTIONS, refused)
    readers = [
        multiprocessing.Process(target=read, args=arguments) for _ in range(CONNECTIONS)
    ]
    begun = time.monotonic()
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return count / (time.monotonic() - begun)


def main():
    binary = os.path.abspath(sys.argv[1])
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    refused = multiprocessing.Value("i", 0)
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [binary, "serve", "--ephemeral", "--port", str(PORT)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Without a limit that they reach, all of them are carried out.
            env={**os.environ, "RATE_LIMIT": "100000000"},
        )
        try:
            token = sign_in()
            rates = [part(token, requests // PARTS, refused) for _ in range(PARTS)]
        finally:
            server.kill()
    print(" ".join(f"{rate:.0f}" for rate in rates), "requests/s")
    print(f"last to first: {rates[-1] / rates[0]:.2f}; refused: {refused.value}")


if __name__ == "__main__":
    main()

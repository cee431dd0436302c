"""How long a page of all orders takes, by how many orders there are and how far into the list it is.

    cargo build --release
    python3 benches/lists.py target/release/billfold [another binary to compare with]

For each binary there is a server with 10^3 copies of a demo order in its embedded engine and one with 10^5;
with MILLION=1 in the environment one with 10^6 as well, which takes a while to fill. They are asked in turns,
since machines are noisy. For each page the median time is told, and its ratio to the first page of the
thousand. Loopback only; it ends by itself.
"""

import datetime
import json
import os
import statistics
import sys
import time
import urllib.request

from contention import Server

SIZES = (1_000, 100_000) + ((1_000_000,) if os.environ.get("MILLION") else ())
PAGES = ("page[number]=1", "page[number]=100", "page[number]=1&sort=-created_at")
REQUESTS = 40
ORDER = "qaMAhZkZvd"
FIRST = datetime.datetime(2020, 1, 1)


class Engine:
    """The embedded engine, spoken to as DynamoDB is; it takes any credentials."""

    def __init__(self, port):
        self.url = f"http://localhost:{port}"

    def call(self, operation, body):
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Authorization": "AWS4-HMAC-SHA256 Credential=local/20200101/local/dynamodb/aws4_request,"
            " SignedHeaders=host, Signature=0",
            "X-Amz-Date": "20200101T000000Z",
        }
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.url, data, headers)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def order(self):
        for part in self.call("Scan", {"TableName": "billfold"})["Items"]:
            if part["sk"]["S"] == "order" and part["id"]["S"] == ORDER:
                return part
        raise SystemExit("there is no demo order")

    def put(self, items):
        puts = [{"PutRequest": {"Item": item}} for item in items]
        self.call("BatchWriteItem", {"RequestItems": {"billfold": puts}})


def copy_of(order, number):
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:010}")
    made_at = (FIRST + datetime.timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    changed = {
        "pk": order["pk"]["S"].replace(ORDER, letters),
        "id": letters,
        "created_at": made_at,
        "by_type_at": f"{made_at}#{letters}",
    }
    kept = {name: value for name, value in order.items() if name not in ("by_key", "by_reference")}
    return kept | {name: {"S": text} for name, text in changed.items()}


def fill(engine, order, numbers):
    for begin in range(numbers.start, numbers.stop, 25):
        end = min(begin + 25, numbers.stop)
        engine.put([copy_of(order, number) for number in range(begin, end)])


def measure(server, page):
    path = "/api/orders?" + page.replace("[", "%5B").replace("]", "%5D")
    started = time.monotonic()
    status, _ = server.send("GET", path, None, server.token)
    return (time.monotonic() - started) * 1000 if status == 200 else None


def main():
    binaries = sys.argv[1:] or sys.exit(__doc__)
    servers = {}
    try:
        for binary in binaries:
            for size in SIZES:
                number = len(servers)
                engine_port = 9400 + number
                options = ("--engine-port", str(engine_port))
                servers[binary, size] = Server(binary, 9300 + 10 * number, *options)
                engine = Engine(engine_port)
                fill(engine, engine.order(), range(size))
        took = {}
        for _ in range(REQUESTS):
            for page in PAGES:
                for (binary, size), server in servers.items():
                    took.setdefault((binary, page, size), []).append(measure(server, page))
        for (binary, page, size), times in took.items():
            what = f"{size:>9,} orders  {page:32}"
            if None in times:
                print(f"{what} refused  {binary}")
                continue
            median = statistics.median(times)
            first = took[binary, PAGES[0], SIZES[0]]
            ratio = median / statistics.median(it for it in first if it is not None)
            print(f"{what} {median:7.1f} ms  x{ratio:5.2f}  {binary}")
    finally:
        for server in servers.values():
            server.stop()


if __name__ == "__main__":
    main()

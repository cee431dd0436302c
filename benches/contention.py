"""How many of the requests that change one order at the same moment are answered with 409.

    cargo build
    python3 benches/contention.py target/debug/billfold [another binary to compare with]

Each round, so many writers PATCH the same order at once, each its own attribute of `metadata`; the
rounds of the binaries alternate, since machines are noisy. Loopback only; it ends by itself.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ORDER = "qaMAhZkZvd"
WRITERS = (5, 8, 20)
ROUNDS = 20


class Server:
    def __init__(self, binary, port, *options):
        self.url = f"http://localhost:{port}"
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [os.path.abspath(binary), "serve", "--ephemeral", "--port", str(port), *options],
            cwd=self.folder.name,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.token = self.sign_in()

    def sign_in(self):
        body = {
            "grant_type": "client_credentials",
            "client_id": "demo-integration",
            "client_secret": "demo-integration-secret",
        }
        for _ in range(200):
            try:
                return self.send("POST", "/oauth/token", body)[1]["access_token"]
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{self.url} does not answer")

    def send(self, method, path, body, token=None):
        media_type = "application/vnd.api+json" if token else "application/json"
        headers = {"Content-Type": media_type}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as refused:
            return refused.code, None

    def patch(self, writer):
        attributes = {"metadata": {f"writer {writer}": time.time()}}
        body = {"data": {"type": "orders", "id": ORDER, "attributes": attributes}}
        return self.send("PATCH", f"/api/orders/{ORDER}", body, self.token)[0]

    def round(self, writers):
        statuses = []
        begin = threading.Barrier(writers)

        def write(writer):
            begin.wait()
            started = time.monotonic()
            status = self.patch(writer)
            statuses.append((status, time.monotonic() - started))

        threads = [threading.Thread(target=write, args=(it,)) for it in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return statuses

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def main():
    binaries = sys.argv[1:] or sys.exit(__doc__)
    servers = [Server(binary, 9300 + 10 * index) for index, binary in enumerate(binaries)]
    try:
        for writers in WRITERS:
            answers = {binary: [] for binary in binaries}
            for _ in range(ROUNDS):
                for binary, server in zip(binaries, servers):
                    answers[binary] += server.round(writers)
            for binary in binaries:
                statuses = [status for status, _ in answers[binary]]
                others = sorted(set(statuses) - {200, 409})
                lost = statuses.count(409) / len(statuses)
                longest = sorted(took for _, took in answers[binary])
                median, most = longest[len(longest) // 2], longest[-1]
                print(
                    f"{writers:3} writers  {lost:6.1%} 409  median {median * 1000:5.0f} ms"
                    f"  longest {most * 1000:5.0f} ms  {binary} {others or ''}"
                )
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main()

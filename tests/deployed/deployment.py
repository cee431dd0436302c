"""What the walks need: the emulator, the stand-ins for the gateways, the stack, its functions, and a shell in which the
documents' commands are run as they are written."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from functions import Gateway, Lambda
from resources import REGION
from stack import Stack

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
HOST = "api.example.com"


def commands(document, heading):
    """The blocks of commands of a document below a heading, up to the next of its kind."""
    text = (PROJECT / document).read_text()
    level = heading.split(" ")[0]
    below = text.split(f"\n{heading}\n", 1)[1]
    below = re.split(rf"\n#{{1,{len(level)}}} ", below)[0]
    blocks = re.findall(r"^( *)```sh\n(.*?)^\1```$", below, re.M | re.S)
    return [textwrap.dedent(block) for _, block in blocks]


def block_with(blocks, text):
    found = [it for it in blocks if text in it]
    assert len(found) == 1, f"{len(found)} blocks have {text!r}"
    return found[0]


class Deployment:
    """Everything in one folder, which is made anew. It ends with `stop`."""

    def __init__(self, folder, binaries):
        self.folder, self.binaries = folder.resolve(), binaries.resolve()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.work, self.state = self.folder / "work", self.folder / "stack.json"
        self.work.mkdir(parents=True)
        self.processes = []
        # What stands here for hosts, names and ids of the documents.
        self.instead = {}
        self.functions = self.gateway = None

    def open(self):
        """Starts the emulator and the stand-ins. No other account is known from here on."""
        for name in [it for it in os.environ if it.startswith("AWS_")]:
            del os.environ[name]
        port = free_port()
        self.emulator = f"http://127.0.0.1:{port}"
        keys = json.loads(self.start("emulator", [sys.executable, HERE / "emulator.py", port]))
        await_port(port)
        os.environ |= keys | {
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.emulator,
            "BILLFOLD": str(self.binaries / "billfold"),
            "HOME": str(self.work),
            "PATH": os.pathsep.join(map(str, (self.tools(), Path(sys.executable).parent, os.environ["PATH"]))),
            "PROJECT": str(PROJECT),
            "STACK_FILE": str(self.state),
        }
        self.stand_ins = self.start_stand_ins()
        self.functions = Lambda(self.stack, self.folder, self.binaries, self.endpoints())

    def stack(self):
        return Stack("billfold", self.state)

    def tools(self):
        """What stands in the documents and is something else here: cargo, whose build is made, and sam."""
        folder = self.folder / "tools"
        folder.mkdir()
        given = {
            "cargo": 'while [ "$1" != -- ]; do shift; done\nshift\nexec "$BILLFOLD" "$@"\n',
            # What is refused fails.
            "curl": f'exec "{shutil.which("curl")}" --fail-with-body "$@"\n',
            "sam": f'exec "{sys.executable}" "{HERE}/sam.py" "$@"\n',
        }
        for name, text in given.items():
            (folder / name).write_text(f"#!/bin/sh\n{text}")
            (folder / name).chmod(0o755)
        return folder

    def start(self, name, arguments):
        """Starts a process, and says its first line."""
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen([str(it) for it in arguments], stdout=subprocess.PIPE, stderr=log)
        self.processes.append(process)
        return process.stdout.readline()

    def start_stand_ins(self):
        """The stand-ins of a server whose API nobody asks."""
        for _ in range(20):
            port = free_port()
            with suppress(OSError):
                for more in range(5):
                    socket.create_server(("127.0.0.1", port + more)).close()
                break
        self.start("stand-ins", [self.binaries / "billfold", "serve", "--ephemeral", "--no-page", "--port", port])
        await_port(port)
        return {name: f"http://127.0.0.1:{port + at}" for at, name in enumerate(("stripe", "checkout", "klarna"), 1)}

    def endpoints(self):
        """What functions are told beside what the stack says: where AWS and the vendors are."""
        return {
            "AWS_ENDPOINT_URL_DYNAMODB": self.emulator,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": self.emulator,
            "STRIPE_API_BASE": self.stand_ins["stripe"],
            "CHECKOUT_COM_API_BASE": self.stand_ins["checkout"],
            "KLARNA_API_BASE": self.stand_ins["klarna"],
        }

    def open_api(self):
        self.gateway = Gateway(self.functions, self.stack().made["Api"]["ref"], HOST)

    def run(self, block):
        """Runs a block of commands in a shell that knows what earlier ones have set, and says what it prints."""
        for written, ours in self.instead.items():
            block = block.replace(written, ours)
        kept = self.work / ".set"
        script = f"set -a\n. {kept}\n{block}\nexport -p > {kept}\n"
        kept.touch()
        told = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.work,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, f"{told.returncode}\n{block}\n{told.stdout}\n{told.stderr}"
        return told.stdout.strip()

    def variable(self, name):
        return self.run(f'printf %s "${name}"')

    def ask(self, method, path, token=None, body=None, wanted=200):
        """Asks the API, and says the answer's document."""
        status, answer = self.answer(method, path, token, body)
        assert status == wanted, f"{method} {path}: {status}\n{answer}"
        return answer

    def answer(self, method, path, token=None, body=None):
        """Asks the API, and says the answer's status and document."""
        kind = "application/vnd.api+json" if path.startswith("/api") else "application/json"
        headers = {"accept": kind, "content-type": kind}
        if token:
            headers["authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.gateway.url + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(asked) as told:
                return told.status, json.loads(told.read() or b"null")
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read() or b"null")

    def sweep(self):
        """What the schedule has the sweep do each minute."""
        return self.functions.invoke("sweep", {})

    def logged(self, name):
        """What a function has logged."""
        lines = self.functions.log(name).read_text().splitlines()
        return [json.loads(it) for it in lines if it.startswith("{")]

    def refused(self):
        """What was not permitted, so far."""
        lines = (self.folder / "emulator.log").read_text().splitlines()
        return [it for it in lines if it.startswith("refused: ")]

    def stop(self):
        if self.functions:
            self.functions.stop()
        for process in self.processes:
            process.terminate()
            process.wait()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def await_port(port):
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens at port {port}")

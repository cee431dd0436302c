"""Lambda and API Gateway, as far as the functions notice them.

A function is the process of its binary behind a Runtime API, with the environment of the version that its alias leads
to and with what AssumeRole gives for its role. What is asked of the API goes by its routes and integrations, as an
event of the payload format 2.0.
"""

import base64
import json
import queue
import re
import subprocess
import sys
import threading
import time
import uuid
from collections import defaultdict
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from resources import ACCOUNT, REGION, client

ALIAS, ADDRESS = "live", "192.0.2.10"
INVOKED = re.compile(r"functions/(arn:[^/]+)/invocations")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler, **more):
        super().__init__(("127.0.0.1", 0), handler)
        self.__dict__.update(more)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def answer(self, status, headers, body=b""):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class RuntimeApi(Answering):
    def do_GET(self):
        event = self.server.events.get()
        deadline = int((time.time() + self.server.configuration["Timeout"]) * 1000)
        headers = {
            "content-type": "application/json",
            "lambda-runtime-aws-request-id": str(uuid.uuid4()),
            "lambda-runtime-deadline-ms": str(deadline),
            "lambda-runtime-invoked-function-arn": self.server.configuration["FunctionArn"],
        }
        with suppress(OSError):
            self.answer(200, headers.items(), json.dumps(event).encode())

    def do_POST(self):
        self.server.answers.put((self.path.rsplit("/", 1)[-1], self.body()))
        self.answer(202, [])


class Failed(Exception):
    """The function did not start, or ended with an error."""


class Process:
    """A function that runs, of one version."""

    def __init__(self, binary, configuration, given, log):
        self.configuration = configuration
        self.api = Server(RuntimeApi, configuration=configuration, events=queue.Queue(), answers=queue.Queue())
        role = client("sts").assume_role(RoleArn=configuration["Role"], RoleSessionName=configuration["FunctionName"])
        self.credentials = role["Credentials"]
        environment = configuration["Environment"]["Variables"]
        assert not set(given) & set(environment), "what the stack says is not changed"
        environment = (
            environment
            | given
            | {
                "AWS_ACCESS_KEY_ID": self.credentials["AccessKeyId"],
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
                "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
                "AWS_LAMBDA_FUNCTION_VERSION": configuration["Version"],
                "AWS_LAMBDA_LOG_FORMAT": "JSON",
                "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.port}",
                "AWS_REGION": REGION,
                "AWS_SECRET_ACCESS_KEY": self.credentials["SecretAccessKey"],
                "AWS_SESSION_TOKEN": self.credentials["SessionToken"],
            }
        )
        self.log = log.open("ab")
        self.process = subprocess.Popen([binary], env=environment, stdout=self.log, stderr=self.log)

    def invoke(self, event):
        self.api.events.put(event)
        for _ in range(int(self.configuration["Timeout"] * 10)):
            with suppress(queue.Empty):
                kind, answer = self.api.answers.get(timeout=0.1)
                if kind != "response":
                    raise Failed(answer.decode())
                return json.loads(answer)
            if self.process.poll() is not None:
                raise Failed(f"{self.configuration['FunctionName']} ended with {self.process.returncode}")
        raise Failed(f"{self.configuration['FunctionName']} took too long")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        self.api.shutdown()
        self.api.server_close()


class Lambda:
    """The functions of a stack."""

    def __init__(self, stack, folder, binaries, given):
        self.stack, self.binaries, self.given = stack, binaries, given
        self.folder = folder
        self.names, self.running = {}, {}
        self.turns = defaultdict(threading.Lock)

    def log(self, name):
        return self.folder / f"{name}.log"

    def functions(self):
        """The functions' names at Lambda, by those of their binaries."""
        if not self.names:
            made = (it for it in self.stack().made.values() if it["type"] == "AWS::Lambda::Function")
            self.names = {it["properties"]["Code"]["S3Key"]: it["ref"] for it in made}
        return self.names

    def configuration(self, name):
        return client("lambda").get_function_configuration(FunctionName=self.functions()[name], Qualifier=ALIAS)

    def process(self, name):
        """The function as its alias has it now: of another version, it starts anew."""
        configuration = self.configuration(name)
        running = self.running.get(name)
        if running and running.configuration["Version"] == configuration["Version"] and running.process.poll() is None:
            return running
        self.stop([name])
        self.running[name] = Process(self.binaries / name, configuration, self.given, self.log(name))
        return self.running[name]

    def invoke(self, name, event):
        """What the function answers; none where it may not run."""
        with self.turns[name]:
            limit = client("lambda").get_function_concurrency(FunctionName=self.functions()[name])
            if limit.get("ReservedConcurrentExecutions") == 0:
                return None
            try:
                return self.process(name).invoke(event)
            except Failed:
                self.stop([name])
                raise

    def stop(self, names=None):
        """Functions end, and start anew when they are called: all of them, unless some are named."""
        for name in list(self.running) if names is None else names:
            if running := self.running.pop(name, None):
                running.stop()


class Api(Answering):
    """The API as it is deployed: who asks is at 192.0.2.10."""

    def any(self):
        path, _, query = self.path.partition("?")
        found = self.server.gateway.route(self.command, path)
        if found is None:
            return self.answer(404, [("content-type", "application/json")], b'{"message":"Not Found"}')
        key, function, parameters = found
        event = self.event(key, path, query, parameters)
        try:
            told = self.server.gateway.functions.invoke(function, event)
        except Failed as failed:
            print(f"failed: {function}: {failed}", file=sys.stderr, flush=True)
            return self.answer(500, [], b'{"message":"Internal Server Error"}')
        if told is None:
            return self.answer(503, [], b'{"message":"Service Unavailable"}')
        body = told.get("body") or ""
        body = base64.b64decode(body) if told.get("isBase64Encoded") else body.encode()
        headers = [it for it in told["headers"].items() if it[0] != "content-length"]
        return self.answer(told["statusCode"], headers, body)

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = any

    def event(self, key, path, query, parameters):
        body, kind = self.body(), self.headers.get("content-type", "")
        is_text = kind.startswith(("text/", "application/json", "application/x-www-form-urlencoded")) or not body
        host = self.server.gateway.host
        headers = {name.lower(): value for name, value in self.headers.items()}
        headers |= {"host": host, "x-forwarded-for": ADDRESS, "x-forwarded-proto": "https"}
        return {
            "version": "2.0",
            "routeKey": key,
            "rawPath": path,
            "rawQueryString": query,
            "headers": headers,
            "pathParameters": parameters,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": self.server.gateway.api,
                "domainName": host,
                "domainPrefix": host.split(".")[0],
                "http": {
                    "method": self.command,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": ADDRESS,
                    "userAgent": headers.get("user-agent", ""),
                },
                "requestId": uuid.uuid4().hex[:16],
                "routeKey": key,
                "stage": "$default",
                "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()),
                "timeEpoch": int(time.time() * 1000),
            },
            "body": (body.decode() if is_text else base64.b64encode(body).decode()) if body else None,
            "isBase64Encoded": not is_text,
        }


class Gateway:
    """API Gateway: the routes of the stack's API, read once."""

    def __init__(self, functions, api, host):
        self.functions, self.api, self.host = functions, api, host
        names = {arn_name: name for name, arn_name in functions.functions().items()}
        integrations = {it["IntegrationId"]: it for it in all_of("get_integrations", api)}
        self.routes = []
        for route in all_of("get_routes", api):
            uri = integrations[route["Target"].split("/")[-1]]["IntegrationUri"]
            function, alias = INVOKED.search(uri)[1].split(":")[-2:]
            assert alias == ALIAS, uri
            self.routes.append((*taken(route["RouteKey"]), names[function]))
        self.server = Server(Api, gateway=self)
        self.url = f"http://127.0.0.1:{self.server.port}"

    def route(self, method, path):
        """The route's key, the function and the path's parameters: a path without variables comes first."""
        found = [
            (rank, key, function, matched.groupdict())
            for rank, key, wanted, pattern, function in self.routes
            if wanted in (method, None) and (matched := pattern.fullmatch(path))
        ]
        return min(found, key=lambda it: it[0])[1:] if found else None


def taken(key):
    """How late a route is looked at, its key, its method and the paths that it takes."""
    method, path = key.split(" ", 1)
    if path == "/$default":
        return 99, "$default", None, re.compile(".*")
    path = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
    return key.count("{"), key, method, re.compile(path)


def all_of(operation, api):
    pages = client("apigatewayv2")
    found, told = [], getattr(pages, operation)(ApiId=api)
    found += told["Items"]
    while told.get("NextToken"):
        told = getattr(pages, operation)(ApiId=api, NextToken=told["NextToken"])
        found += told["Items"]
    return found

"""A tiny web framework: routes, JSON and HTML answers, tracebacks on stderr, `Internal Server Error`."""

import json
import os
import re
import sys
import threading
import traceback
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


class Abort(Exception):
    """An answer that is given by raising it."""

    def __init__(self, status, body):
        super().__init__(status, body)
        self.status, self.body = status, body


class Request:
    """What was asked."""

    def __init__(self, handler, body):
        parts = urlsplit(handler.path)
        self.method, self.path = handler.command, parts.path
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.headers, self.body = handler.headers, body
        self.cookies = {k: m.value for k, m in SimpleCookie(handler.headers.get("Cookie", "")).items()}

    def json(self):
        return json.loads(self.body or b"{}")

    def form(self):
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Answer:
    """What is answered: text is HTML, all else is JSON."""

    def __init__(self, body="", status=200, content_type="", headers=()):
        self.status, self.headers = status, dict(headers)
        if isinstance(body, bytes):
            self.body, kind = body, "application/octet-stream"
        elif isinstance(body, str):
            self.body, kind = body.encode(), "text/html; charset=utf-8"
        else:
            self.body, kind = json.dumps(body).encode(), "application/json"
        self.content_type = content_type or kind


class App:
    """Routes of one application; `run` serves them on $PORT."""

    def __init__(self, name):
        self.name, self.routes, self.extra_headers = name, [], {}
        self.route("GET", "/health")(lambda request: {"status": "ok"})

    def route(self, method, path):
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z")

        def add(function):
            self.routes.append((method, pattern, function))
            return function

        return add

    def get(self, path):
        return self.route("GET", path)

    def post(self, path):
        return self.route("POST", path)

    def answer(self, request):
        try:
            for method, pattern, function in self.routes:
                found = pattern.match(request.path)
                if found and method == request.method:
                    given = function(request, **found.groupdict())
                    return given if isinstance(given, Answer) else Answer(given)
            return Answer("<h1>Not Found</h1>", 404)
        except Abort as abort:
            return Answer(abort.body, abort.status)
        except Exception:
            print(f"Exception on {request.path} [{request.method}]", file=sys.stderr)
            traceback.print_exc()
            sys.stderr.flush()
            return Answer("<!doctype html><title>500</title><h1>Internal Server Error</h1>", 500)

    def run(self):
        app = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = app.answer(Request(self, body))
                self.send_response(answer.status)
                for name, value in {**app.extra_headers, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PUT = do_DELETE = serve

            def log_message(self, text, *values):
                if os.environ.get("LOG_LEVEL", "info").lower() == "debug":
                    print(self.address_string(), text % values, file=sys.stderr, flush=True)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request, address):
                if not isinstance(sys.exc_info()[1], ConnectionError):
                    super().handle_error(request, address)

        threading.stack_size(512 * 1024)
        with Server(("127.0.0.1", int(os.environ["PORT"])), Handler) as server:
            print(f"{self.name} listens on {server.server_address[1]}", file=sys.stderr, flush=True)
            server.serve_forever()

"""The screen in a browser: textual-serve on loopback only, behind a token.

Whoever reaches the port could read and save files as the user. So the page needs the token of the address, which no
log, title or referrer holds; its websocket needs a ticket that stands in the page only, the cookie and the page as its
origin; and every request must name this machine as its host. A browser sends a cookie to all ports of a machine: this
one is named for its port, and alone it opens nothing but style and script files, which hold no secret.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web
from textual_serve.server import Server

from planner.errors import Problem, ScenarioError
from planner.startup import own_command
from planner.tui.terminal.browser_session import VisitorScreen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "browser_page"
MOST_SESSIONS = 8
ASKS_WITHIN_S = 10.0  # a connection that says nothing is closed
HEARTBEAT_S = 5.0  # a page that does not answer is gone
ENDS_WITHIN_S = 1.0
LARGEST_MESSAGE_BYTES = 1_000_000
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class TokenServer(Server):
    """A textual-serve server that answers only those who know the token."""

    def __init__(self, words: Sequence[str], *, port: int, token: str, title: str) -> None:
        """Serve the program of these words on this machine's `port`."""
        super().__init__("", host=HOST, port=port, title=title)
        self.words = tuple(words)
        self.token = token
        self.cookie, self._cookie_value = f"planner_{port}", secrets.token_urlsafe(32)
        self._ticket = secrets.token_urlsafe(32)
        self._sessions: set[VisitorScreen] = set()
        self._spoke: dict[Any, float] = {}  # connections without a request yet, and since when

    @property
    def url(self) -> str:
        """The address to open, token included."""
        return f"{self.public_url}/?token={self.token}"

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        import aiohttp_jinja2  # noqa: PLC0415 - comes with textual-serve
        import jinja2  # noqa: PLC0415 - as above

        loader = jinja2.FileSystemLoader(PAGE)  # not the one of textual-serve, which asks others for a font
        aiohttp_jinja2.setup(app, loader=loader, autoescape=True)
        app.add_routes(
            [
                web.get("/", self.handle_index, name="index"),
                web.get(f"/ws/{self._ticket}", self.handle_websocket, name="websocket"),
                web.get("/download/{key}", self.handle_download, name="download"),
                web.static("/static", self.statics_path, name="static"),
            ]
        )
        app.on_startup.append(self.on_startup)
        app.on_shutdown.append(self.on_shutdown)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._spoke[request.protocol] = float("inf")
        problem = self._problem(request)
        if problem:
            text = f"{problem}\nOpen the address that planner serve printed.\n"
            return web.Response(status=403, text=text, headers={"Referrer-Policy": "no-referrer"})
        response = await handler(request)
        if not response.prepared:
            source = f"connect-src 'self' ws://{HOST}:{self.port}"
            response.headers["Content-Security-Policy"] = f"{_POLICY}; {source}"
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Content-Type-Options"] = "nosniff"
            if request.path == "/":
                response.headers["Cache-Control"] = "no-store"
                response.set_cookie(self.cookie, self._cookie_value, httponly=True, samesite="Strict")
        return response

    def _problem(self, request: web.Request) -> str:
        """Return why a request is refused, or nothing."""
        if request.host not in (f"{HOST}:{self.port}", *([HOST] if self.port == 80 else [])):
            return "This host is not served."
        knows = _same(request.query.get("token", ""), self.token)
        if not knows and (request.path == "/" or not self._has_cookie(request)):
            return "The token is missing or wrong."
        origin = request.headers.get("Origin")
        if origin is not None and origin != self.public_url:
            return "Requests from other pages are refused."
        if origin is None and "websocket" in request.headers.get("Upgrade", "").lower():
            return "A websocket must say where it comes from."
        return ""

    def _has_cookie(self, request: web.Request) -> bool:
        return _same(request.cookies.get(self.cookie, ""), self._cookie_value)

    async def handle_websocket(self, request: web.Request) -> web.StreamResponse:  # type: ignore[override] # a refusal too
        """Give a page a screen of its own, as long as there is room."""
        if len(self._sessions) >= MOST_SESSIONS:
            return web.Response(status=503, text=f"The most screens at a time, {MOST_SESSIONS}, are open.\n")
        page = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LARGEST_MESSAGE_BYTES)
        session = VisitorScreen(
            self.words, write_bytes=page.send_bytes, write_str=page.send_str, close=page.close,
            download_manager=self.download_manager,
        )  # fmt: skip
        self._sessions.add(session)
        try:
            await page.prepare(request)
            await session.start(_number(request, "width", 80), _number(request, "height", 24))
            await self._process_messages(page, session)
        finally:
            await asyncio.shield(session.stop())
            self._sessions.discard(session)
        return page

    async def _process_messages(self, websocket: web.WebSocketResponse, app_service: Any) -> None:
        async for message in websocket:
            if message.type is not WSMsgType.TEXT:
                continue
            kind, told = _envelope(message.data)
            if kind == "stdin" and isinstance(told, str):
                await app_service.send_bytes(told.encode("utf-8", "ignore"))
            elif kind == "resize" and isinstance(told, dict):
                await app_service.set_terminal_size(told.get("width"), told.get("height"))
            elif kind == "ping":
                await websocket.send_json(["pong", told])
            elif kind == "blur":
                await app_service.blur()
            elif kind == "focus":
                await app_service.focus()

    async def on_startup(self, app: web.Application) -> None:
        """Nothing yet: the address is printed once the port is ours."""

    async def on_shutdown(self, app: web.Application) -> None:
        """End every screen, its edits kept."""
        del app
        await asyncio.gather(*(session.stop() for session in self._sessions))

    def initialize_logging(self) -> None:
        """Leave logging as it is: a log line would hold the token."""

    def serve(self, debug: bool = False) -> None:
        """Serve until ctrl+c or a polite kill."""
        del debug
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        told = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        runner = web.AppRunner(
            await self._make_app(), access_log=None, shutdown_timeout=ENDS_WITHIN_S, handler_cancellation=True
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self.port).start()
            sys.stdout.write(f"Open {self.url}\nCtrl+C ends it. Only this machine can reach it.\n")
            sys.stdout.flush()
            while not told.is_set():
                self._close_silent(runner)
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(told.wait(), 1.0)
        finally:
            await runner.cleanup()

    def _close_silent(self, runner: web.AppRunner) -> None:
        """Close the connections that were opened a while ago and have asked for nothing."""
        now_s = time.monotonic()
        open_now = [] if runner.server is None else runner.server.connections
        self._spoke = {each: self._spoke.get(each, now_s) for each in open_now}
        for each, since_s in self._spoke.items():
            if now_s - since_s > ASKS_WITHIN_S:
                each.force_close()


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode())


def _number(request: web.Request, name: str, usual: int) -> int:
    given = request.query.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 6 else usual


def _envelope(text: str) -> tuple[object, Any]:
    """Return what a page says: its kind, and what goes with it."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None, None
    return (told[0], told[1] if len(told) > 1 else None) if isinstance(told, list) and told else (None, None)


def serve(
    path: str | None, *, port: int = 8000, options: tuple[str, ...] = (), folder: Path | None = None
) -> None:
    """Serve the screen with the scenario at `path` until ctrl+c; visitors are kept to `folder`."""
    _check_free(port)
    kept = ["--confine", str(folder)] if folder else []
    words = [*own_command(), "open", *kept, *options, *([path] if path else [])]
    title = f"planner {Path(path).name if path else ''}".strip()
    TokenServer(words, port=port, token=secrets.token_urlsafe(32), title=title).serve()


def _check_free(port: int) -> None:
    """Say in words that a port can't be served, before anything is started."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError as error:
            what = f"can't be served: {(error.strerror or 'it is taken').lower()}."
            raise ScenarioError([Problem(f"port {port}", what, "Name another one with --port.")]) from None

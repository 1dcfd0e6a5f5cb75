"""The screen in a browser: textual-serve on loopback only, behind a token.

Whoever reaches the port could read and save files as the user, so every request must carry the token,
name this machine as its host, and a websocket must come from the page that was served.
"""

import hmac
import secrets
import shlex
import sys
from collections.abc import Awaitable, Callable

from aiohttp import web
from textual_serve.server import Server

HOST = "127.0.0.1"
COOKIE = "planner_token"
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; frame-ancestors 'none'"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class TokenServer(Server):
    """A textual-serve server that answers only those who know the token."""

    def __init__(self, command: str, *, port: int, token: str, title: str) -> None:
        """Serve `command` on this machine's `port`."""
        super().__init__(command, host=HOST, port=port, title=title)
        self.token = token

    @property
    def url(self) -> str:
        """The address to open, token included."""
        return f"{self.public_url}/?token={self.token}"

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        problem = self._problem(request)
        if problem:
            return web.Response(status=403, text=f"{problem}\nOpen the address that planner serve printed.\n")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = (
                f"{_POLICY}; connect-src 'self' ws://{HOST}:{self.port}"
            )
            response.headers["Referrer-Policy"] = "no-referrer"
            response.set_cookie(COOKIE, self.token, httponly=True, samesite="Strict")
        return response

    def _problem(self, request: web.Request) -> str:
        """Return why a request is refused, or nothing."""
        if request.host != f"{HOST}:{self.port}":
            return "This host is not served."
        given = request.query.get("token") or request.cookies.get(COOKIE, "")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            return "The token is missing or wrong."
        origin = request.headers.get("Origin")
        if origin is not None and origin != self.public_url:
            return "Requests from other pages are refused."
        if origin is None and "websocket" in request.headers.get("Upgrade", "").lower():
            return "A websocket must say where it comes from."
        return ""

    async def on_startup(self, app: web.Application) -> None:
        """Print the address, and nothing else."""
        del app
        sys.stdout.write(f"Open {self.url}\nCtrl+C ends it. Only this machine can reach it.\n")
        sys.stdout.flush()

    def initialize_logging(self) -> None:
        """Leave logging as it is: a log line would hold the token."""


def serve(path: str | None, *, port: int = 8000, options: tuple[str, ...] = ()) -> None:
    """Serve the screen with the scenario at `path` until Ctrl+C."""
    words = [sys.executable, "-m", "planner", *options, *([path] if path else [])]
    title = f"planner {path or ''}".strip()
    TokenServer(shlex.join(words), port=port, token=secrets.token_urlsafe(32), title=title).serve()

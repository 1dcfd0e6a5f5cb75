import asyncio
import os
import shutil
import socket
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
SERVE = (
    "import sys; from planner.tui.terminal.browser import serve; serve(sys.argv[1], port=int(sys.argv[2]))"
)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@asynccontextmanager
async def served():
    """Yield the address that the server prints, and its port."""
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, str(ROOT / "saved/support-copilot.toml"), str(port),
        stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT,
    )  # fmt: skip
    try:
        line = await asyncio.wait_for(server.stdout.readline(), 30)
        await asyncio.sleep(0.3)
        yield line.decode().removeprefix("Open ").strip(), port
    finally:
        server.terminate()
        await server.wait()


async def test_a_request_needs_the_token_and_the_right_host_and_page():
    async with served() as (url, port), aiohttp.ClientSession() as client:
        plain = f"http://127.0.0.1:{port}"

        async def status(address, **headers):
            async with client.get(address, headers=headers) as answer:
                return answer.status

        assert await status(f"{plain}/") == 403
        assert await status(f"{plain}/?token=guess") == 403
        assert await status(url, Host=f"evil.example:{port}") == 403
        assert await status(url, Origin="http://evil.example") == 403
        assert await status(url) == 200


async def test_a_websocket_from_another_page_is_refused():
    async with served() as (url, port), aiohttp.ClientSession() as client:
        socket_url = url.replace("http://", "ws://").replace("/?", "/ws?")
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await client.ws_connect(socket_url, origin="http://evil.example")
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await client.ws_connect(f"ws://127.0.0.1:{port}/ws", origin=f"http://127.0.0.1:{port}")


def open_ports():
    return Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no /proc/net/tcp to list open ports")
async def test_the_port_is_open_on_this_machine_only():
    async with served() as (_, port):
        tables = open_ports()
        mine = [
            words[1] for line in tables.splitlines() if (words := line.split())[1].endswith(f":{port:04X}")
        ]
        assert set(mine) == {f"0100007F:{port:04X}"}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)")
async def test_the_screen_comes_up_in_a_real_browser(tmp_path):
    async with served() as (url, _), aiohttp.ClientSession() as client:
        debug = free_port()
        browser = await asyncio.create_subprocess_exec(
            CHROMIUM, *QUIET, f"--remote-debugging-port={debug}", f"--user-data-dir={tmp_path}", url,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            page = await first_page(client, debug)
            async with client.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as tools:
                assert await until(tools, "document.body.classList.contains('-first-byte')")
        finally:
            browser.terminate()
            await browser.wait()


async def first_page(client, port):
    for _ in range(150):
        try:
            async with client.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = [page for page in await answer.json() if page["type"] == "page"]
                if pages:
                    return pages[0]
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.2)
    raise AssertionError("the browser did not start")


async def until(tools, expression):
    for attempt in range(100):
        await tools.send_json(
            {"id": attempt, "method": "Runtime.evaluate", "params": {"expression": expression}}
        )
        answer = await tools.receive_json()
        if answer.get("result", {}).get("result", {}).get("value") is True:
            return True
        await asyncio.sleep(0.2)
    return False

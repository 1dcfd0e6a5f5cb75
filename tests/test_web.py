import asyncio
import os
import re
import shutil
import signal
import socket
import sys
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
LOADED = "performance.getEntriesByType('resource')"
SERVE = """
import sys
from pathlib import Path
from planner.tui.terminal import browser
browser.ASKS_WITHIN_S, browser.MOST_SESSIONS = 1.0, 1
browser.serve(sys.argv[1], port=int(sys.argv[2]), folder=Path(sys.argv[1]).parent)
"""


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@asynccontextmanager
async def served(plan=ROOT / "saved/support-copilot.toml", told=None):
    """Yield the address that the server prints, and its port; `told` takes the server's process."""
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, str(plan), str(port),
        stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT,
    )  # fmt: skip
    try:
        if told is not None:
            told.append(server)
        line = await asyncio.wait_for(server.stdout.readline(), 30)
        await asyncio.sleep(0.3)
        yield line.decode().removeprefix("Open ").strip(), port
    finally:
        with suppress(ProcessLookupError):
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


def browser():
    """Return a client that keeps the cookies of this machine's ports, as browsers do."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def page_of(client, url):
    """Return the page and the address of its websocket."""
    async with client.get(url) as answer:
        text = await answer.text()
        return text, re.search(r"ws://[^\"]+", text)[0], answer


async def opened_screen(client, url):
    """Return a page's websocket once the screen behind it has said something."""
    _, address, _ = await page_of(client, url)
    page = await client.ws_connect(f"{address}?width=90&height=30", origin=url.partition("/?")[0])
    await asyncio.wait_for(page.receive(), 30)
    return page


def children(process):
    """Return the processes below one, by id."""
    rows = [path.read_text().rpartition(")")[2].split() for path in Path("/proc").glob("[0-9]*/stat")]
    ids = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat")]
    return [each for each, row in zip(ids, rows, strict=False) if int(row[1]) == process and row[0] != "Z"]


def gone(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def until_gone(processes, seconds):
    end_s = time.monotonic() + seconds
    while not all(map(gone, processes)):
        assert time.monotonic() < end_s, "a screen goes on without its server"
        await asyncio.sleep(0.1)


async def test_the_cookie_is_named_for_the_port_and_opens_nothing_alone():
    async with served() as (url, port), aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
        text, address, answer = await page_of(client, url)
        (cookie,) = answer.cookies.values()
        token = url.partition("token=")[2]
        assert cookie.key == f"planner_{port}"
        assert cookie["samesite"] == "Strict"
        assert cookie["httponly"]
        assert token not in cookie.value
        assert token not in text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        with_cookie = {"Cookie": f"{cookie.key}={cookie.value}"}
        async with client.get(f"http://127.0.0.1:{port}/", headers=with_cookie) as alone:
            assert alone.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await client.ws_connect(address, origin=f"http://127.0.0.1:{port}")
        guessed = address.rpartition("/")[0] + "/guess"
        with pytest.raises(aiohttp.WSServerHandshakeError, match="404"):
            await client.ws_connect(guessed, origin=f"http://127.0.0.1:{port}", headers=with_cookie)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
async def test_a_server_that_ends_takes_its_screens_along(how, file):
    told = []
    async with served(file, told) as (url, _), browser() as client:
        page = await opened_screen(client, url)
        screens = children(told[0].pid)
        assert screens
        told[0].send_signal(how)
        await asyncio.wait_for(told[0].wait(), 20.0)  # 3 s on a machine that has nothing else to do
        await until_gone(screens, 10.0)
        await page.close()


@needs_proc
async def test_a_screen_too_many_is_refused_in_words_until_a_page_closes(file):
    told = []
    async with served(file, told) as (url, _), browser() as client:
        page = await opened_screen(client, url)
        screens = children(told[0].pid)
        _, address, _ = await page_of(client, url)
        async with client.get(address.replace("ws://", "http://")) as refused:
            assert (refused.status, await refused.text()) == (
                503,
                "The most screens at a time, 1, are open.\n",
            )
        await page.close()
        await until_gone(screens, 10.0)


async def test_a_connection_that_asks_nothing_is_closed():
    async with served() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), 10.0) == b""
        writer.close()


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
async def test_the_screen_comes_up_in_a_real_browser_and_its_page_tells_when_the_server_is_gone(tmp_path):
    told = []
    async with served(told=told) as (url, _), aiohttp.ClientSession() as client:
        debug = free_port()
        browser = await asyncio.create_subprocess_exec(
            CHROMIUM, *QUIET, f"--remote-debugging-port={debug}", f"--user-data-dir={tmp_path}", url,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            page = await first_page(client, debug)
            async with client.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as tools:
                assert await until(tools, "document.body.classList.contains('-first-byte')")
                assert await until(tools, f"{LOADED}.every(each => each.name.startsWith(location.origin))")
                assert await until(tools, "document.activeElement.matches('.xterm-helper-textarea')")
                told[0].terminate()
                assert await until(tools, "/connection .* is gone/.test(document.body.innerText)")
                assert await until(tools, "document.activeElement.textContent === 'Reload'")
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

"""A headless Chromium that a test steers as a hand would, by its DevTools protocol."""

import asyncio
import json
import re
import shutil
import subprocess
import time
from contextlib import asynccontextmanager
from itertools import count

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SECONDS = 60.0  # a page of many scripts on a busy machine
_MEANWHILE = 50  # looks


def find_browser():
    """Its path; skips the test where there is none."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is in PATH")
    return browser


class Tab:
    """A tab; `socket` leads to its DevTools."""

    def __init__(self, socket):
        self._socket, self._numbers = socket, count(1)

    async def send(self, method, **params):
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while (answer := json.loads((await self._socket.receive()).data)).get("id") != number:
            pass
        return answer.get("result", {})  # none from a page that was left meanwhile

    async def open(self, url):
        await self.send("Page.navigate", url=url)

    async def evaluate(self, script):
        answer = await self.send("Runtime.evaluate", expression=script, returnByValue=True)
        return answer.get("result", {}).get("value")

    async def text_with(self, pattern, meanwhile="0"):
        """The page's text once it matches; `meanwhile`: a script that is run now and then until it does."""
        deadline, text, rounds = time.monotonic() + _SECONDS, "", count(1)
        while not re.search(pattern, text):
            assert time.monotonic() < deadline, f"no {pattern!r} in {text!r}"
            text = await self.evaluate("document.body && document.body.innerText") or ""
            if next(rounds) % _MEANWHILE == 0:
                await self.evaluate(meanwhile)
            await asyncio.sleep(0.2)
        return text


@asynccontextmanager
async def steered(profile):
    """A fresh browser with one tab; profile: an empty folder."""
    import aiohttp

    switches = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    command = [find_browser(), *switches, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as browser:
        try:
            found = next(filter(None, (re.search(r"ws://([^/]+)/", line) for line in browser.stderr)))
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://{found[1]}/json/list") as answer:
                    tabs = [each for each in await answer.json() if each["type"] == "page"]
                async with session.ws_connect(tabs[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                    yield Tab(socket)
        finally:
            browser.terminate()

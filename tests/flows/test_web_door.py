"""Who gets in: host names, other sites, the token, the state of health, and what other adapters serve."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.errors import MaruError, SettingsError
from tests.fakes.house import House
from tests.fakes.visitor import Visitor

TOKEN = "open-sesame-open-sesame"


class QuickClock:
    """A clock on which waiting costs nothing; it remembers how long was waited."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def now(self) -> float:
        return 1_000_000.0

    def elapsed(self) -> float:
        return self.now()

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with House(tmp_path).open() as home:
        yield home.url


@pytest.fixture
async def browser(url: str) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def status(session: aiohttp.ClientSession, method: str, path: str, **headers: str) -> int:
    """What a request with these headers gets; `_` stands for `-` in their names."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with session.request(method, path, headers=named, allow_redirects=False) as response:
        return response.status


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "10.0.0.5", "", "[::"]
)
async def test_a_name_that_is_not_ours_is_turned_away(browser: aiohttp.ClientSession, host: str) -> None:
    assert await status(browser, "GET", "/", Host=host) == 421
    assert await status(browser, "GET", "/api/me", Host=host) == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1", "[::1]:8765", "LOCALHOST"])
async def test_names_of_this_machine_are_ours(browser: aiohttp.ClientSession, host: str) -> None:
    assert await status(browser, "GET", "/", Host=host) == 200


async def test_the_public_address_is_ours(tmp_path: Path) -> None:
    house = House(tmp_path, public_url="https://maru.example/chat")
    async with house.open() as home, aiohttp.ClientSession(home.url) as browser:
        assert await status(browser, "GET", "/", Host="maru.example") == 200
        headers = {"Host": "maru.example", "Origin": "https://maru.example"}
        async with browser.get("/api/me", headers=headers) as response:
            assert response.status == 200
            assert "Secure" in response.headers["Set-Cookie"]
            assert "HttpOnly" in response.headers["Set-Cookie"]
            assert "SameSite=Strict" in response.headers["Set-Cookie"]


FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:9"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
)


@pytest.mark.parametrize("headers", FOREIGN)
async def test_another_site_can_neither_read_nor_write(
    browser: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    for path in ("/api/me", "/api/events?conversation=c1", "/api/conversations/c1/turns", "/page/main.js"):
        assert await status(browser, "GET", path, **headers) == 403
    for method in ("POST", "PUT", "DELETE"):
        assert await status(browser, method, "/api/conversations/c1/messages", **headers) == 403


async def test_a_change_of_unknown_origin_is_refused(browser: aiohttp.ClientSession) -> None:
    assert await status(browser, "POST", "/api/conversations/c1/messages") == 403
    assert await status(browser, "GET", "/api/me") == 200


async def test_a_link_elsewhere_opens_the_page_but_no_frame_does(browser: aiohttp.ClientSession) -> None:
    site, navigate = "cross-site", "navigate"
    found = {
        dest: await status(
            browser, "GET", "/c/c1", Sec_Fetch_Site=site, Sec_Fetch_Mode=navigate, Sec_Fetch_Dest=dest
        )
        for dest in ("document", "iframe")
    }
    assert found == {"document": 200, "iframe": 403}


async def test_every_answer_carries_the_headers_that_keep_the_page_safe(
    browser: aiohttp.ClientSession,
) -> None:
    for path in ("/", "/page/main.js", "/api/me", "/nowhere"):
        async with browser.get(path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_file_of_the_page_is_sent_again_only_when_it_changed(browser: aiohttp.ClientSession) -> None:
    async with browser.get("/page/main.js") as response:
        etag = response.headers["ETag"]
        assert response.content_type == "text/javascript"
    assert await status(browser, "GET", "/page/main.js", If_None_Match=etag) == 304
    assert await status(browser, "GET", "/page/../adapter.py") == 404


async def test_without_the_token_nothing_is_seen(tmp_path: Path) -> None:
    house = House(tmp_path, token=TOKEN, clock=QuickClock())
    async with house.open() as home, Visitor(home.url, language="ko") as ann:
        for path in ("/", "/c/c1", f"/?token={TOKEN}"):
            async with ann.session.get(path, allow_redirects=False) as response:
                assert response.status == 303
                assert response.headers["Location"].startswith("/login")
        assert (await ann.send("c1", "Hello"))[0] == 401
        assert (await ann.call("GET", "/api/events?conversation=c1"))[0] == 401
        assert (await ann.call("GET", f"/files/{'0' * 64}/x"))[0] == 401
        for path in ("/login", "/page/login.js", "/healthz", "/readyz"):
            assert await status(ann.session, "GET", path) == 200


async def test_the_token_opens_the_page_and_stays_out_of_the_cookie(tmp_path: Path) -> None:
    clock = QuickClock()
    house = House(tmp_path, token=TOKEN, clock=clock)
    async with house.open() as home, Visitor(home.url) as ann:
        wrong = await ann.call("POST", "/api/login", {"token": "guess"})
        assert wrong == (403, {"problem": "web_login_wrong", "text": "That is not the token."})
        assert clock.waited == [1.0]
        async with ann.session.post("/api/login", json={"token": TOKEN}) as response:
            assert response.status == 200
            cookie = response.headers["Set-Cookie"]
        assert TOKEN not in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert clock.waited == [1.0]
        await ann.get("/api/me")
        assert (await ann.send("c1", "Hello"))[0] == 200


async def test_many_wrong_tries_at_once_are_turned_away(tmp_path: Path) -> None:
    released = asyncio.Event()

    class SlowClock(QuickClock):
        async def sleep(self, seconds: float) -> None:
            self.waited.append(seconds)
            if len(self.waited) == 8:
                released.set()
            await finish.wait()

    finish = asyncio.Event()
    house = House(tmp_path, token=TOKEN, clock=SlowClock())
    async with house.open() as home, Visitor(home.url) as ann:
        tries = [asyncio.create_task(ann.call("POST", "/api/login", {"token": str(n)})) for n in range(8)]
        await released.wait()
        assert (await ann.call("POST", "/api/login", {"token": "again"}))[0] == 429
        finish.set()
        assert {code for code, _ in await asyncio.gather(*tries)} == {403}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "maru.example"])  # noqa: S104 - refused
async def test_an_address_that_others_reach_demands_the_token(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsError, match="MARU_WEB_TOKEN"):
        async with House(tmp_path, host=host).open():
            pass


async def test_on_every_address_an_ip_address_is_ours_but_a_foreign_name_is_not(tmp_path: Path) -> None:
    house = House(tmp_path, host="0.0.0.0", token=TOKEN)  # noqa: S104 - that is what is tested
    async with house.open(), aiohttp.ClientSession(f"http://127.0.0.1:{house.port}") as browser:
        assert await status(browser, "GET", "/login", Host="10.1.2.3:80") == 200
        assert await status(browser, "GET", "/login", Host="evil.example") == 421


async def test_health_says_what_is_not_ready_and_why(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.open() as home, aiohttp.ClientSession(home.url) as probe:
        async with probe.get("/readyz") as response:
            assert (response.status, await response.json()) == (
                200,
                {"ready": True, "parts": {"database": "ok"}},
            )
        house.problems = {"slack": "not connected", "database": ""}
        async with probe.get("/readyz") as response:
            parts = {"slack": "not connected", "database": "ok"}
            assert (response.status, await response.json()) == (503, {"ready": False, "parts": parts})
        assert await status(probe, "GET", "/healthz", Host="10.0.0.1") == 200


async def test_other_adapters_serve_beside_the_page_and_guard_themselves(tmp_path: Path) -> None:
    async def events(request: web.Request) -> web.StreamResponse:
        return web.Response(text=await request.text())

    house = House(tmp_path, token=TOKEN, outside=(web.post("/slack/events", events),))
    headers = {"Host": "public.example"}
    async with (
        house.open() as home,
        aiohttp.ClientSession(home.url) as slack,
        slack.post("/slack/events", data="hi", headers=headers) as response,
    ):
        assert (response.status, await response.text()) == (200, "hi")


async def test_a_port_that_is_taken_is_said_plainly(tmp_path: Path) -> None:
    house = House(tmp_path)
    async with house.open():
        with pytest.raises(MaruError, match="MARU_WEB"):
            async with House(tmp_path, port=house.port).open():
                pass

"""Open-Meteo's two services on one loopback address, as strict as they are about names of variables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from adapters.web.serving import serving

PLACES = [
    {"name": "Busan", "country": "South Korea", "country_code": "KR", "latitude": 35.1, "longitude": 129.04},
    {"name": "Paris", "country": "France", "country_code": "FR", "latitude": 48.85, "longitude": 2.35},
    {
        "name": "Paris",
        "country": "United States",
        "country_code": "US",
        "latitude": 33.66,
        "longitude": -95.55,
    },
]
CURRENT: dict[str, Any] = {
    "temperature_2m": 21.5,
    "apparent_temperature": 20.9,
    "relative_humidity_2m": 60,
    "precipitation": 0.0,
    "weather_code": 61,
    "wind_speed_10m": 12.3,
}
DAILY: dict[str, Any] = {
    "weather_code": 3,
    "temperature_2m_max": 24.0,
    "temperature_2m_min": 16.0,
    "precipitation_sum": 0.2,
    "precipitation_probability_max": 30,
    "wind_speed_10m_max": 18.0,
}


class OpenMeteo:
    """What it was asked, and whether it is broken."""

    def __init__(self) -> None:
        self.url = ""
        self.coordinates: list[tuple[str, str]] = []
        self.broken = False

    async def search(self, request: web.Request) -> web.Response:
        # A name that is not found is no error: `results` is left out.
        found = [place for place in PLACES if place["name"] == request.query["name"]]
        return web.json_response({"results": found} if found else {"generationtime_ms": 0.5})

    async def forecast(self, request: web.Request) -> web.Response:
        if self.broken:
            return web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html")
        query = request.query
        self.coordinates.append((query["latitude"], query["longitude"]))
        answer: dict[str, Any] = {"timezone": "Asia/Seoul"}
        for name, known in (("current", CURRENT), ("daily", DAILY)):
            wanted = query[name].split(",") if name in query else []
            if unknown := [variable for variable in wanted if variable not in known]:
                return web.json_response(
                    {"error": True, "reason": f"Cannot initialize {unknown}"}, status=400
                )
            answer[name] = {variable: known[variable] for variable in wanted}
        if "daily" in query:
            days = [f"2026-11-{day}" for day in range(24, 24 + int(query.get("forecast_days", "7")))]
            answer["daily"] = {"time": days} | {k: [v] * len(days) for k, v in answer["daily"].items()}
        return web.json_response(answer)


@asynccontextmanager
async def open_meteo() -> AsyncIterator[OpenMeteo]:
    service = OpenMeteo()
    app = web.Application()
    app.add_routes([web.get("/v1/search", service.search), web.get("/v1/forecast", service.forecast)])
    async with serving(app, "127.0.0.1", 0, patience=0.1) as port:
        service.url = f"http://127.0.0.1:{port}"
        yield service

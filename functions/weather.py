"""The weather, from Open-Meteo: free, without a key, and on a server of your own with OPEN_METEO_URL."""

from typing import Annotated, Any

import aiohttp
from pydantic import Field

from bot.authoring import Context, function

PLACES = "https://geocoding-api.open-meteo.com"
FORECASTS = "https://api.open-meteo.com"
NOW = "temperature_2m,apparent_temperature,relative_humidity_2m,precipitation,weather_code,wind_speed_10m"
DAILY = (
    "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum,precipitation_probability_max,"
    "wind_speed_10m_max"
)
TIMEOUT = aiohttp.ClientTimeout(total=15)  # seconds
SKIES = {  # the WMO's codes
    0: "clear", 1: "mostly clear", 2: "partly cloudy", 3: "overcast", 45: "fog", 48: "rime fog",
    51: "light drizzle", 53: "drizzle", 55: "heavy drizzle", 56: "freezing drizzle",
    57: "heavy freezing drizzle", 61: "light rain", 63: "rain", 65: "heavy rain", 66: "freezing rain",
    67: "heavy freezing rain", 71: "light snow", 73: "snow", 75: "heavy snow", 77: "snow grains",
    80: "light showers", 81: "showers", 82: "violent showers", 85: "snow showers", 86: "heavy snow showers",
    95: "thunderstorm", 96: "thunderstorm with hail", 99: "thunderstorm with heavy hail",
}  # fmt: skip

Place = Annotated[str, "City or town, such as Busan; with a country where several have that name"]


@function(time_limit=40)
async def current_weather(place: Place, context: Context) -> dict[str, Any]:
    """The weather at a place right now: sky, temperature (°C), precipitation (mm), wind (km/h)."""
    found, weather = await _ask(place, {"current": NOW}, context)
    now = weather["current"]
    return {**found, **now, "sky": SKIES.get(now["weather_code"], "unknown"), "source": "Open-Meteo.com"}


@function(time_limit=40)
async def weather_forecast(
    place: Place, context: Context, days: Annotated[int, Field(ge=1, le=16, description="From today on")] = 3
) -> dict[str, Any]:
    """The forecast for a place, day by day from today.

    Sky, temperatures (°C), precipitation (mm) and wind (km/h).
    """
    found, weather = await _ask(place, {"daily": DAILY, "forecast_days": days}, context)
    daily = weather["daily"]
    rows = [dict(zip(daily, values, strict=True)) for values in zip(*daily.values(), strict=True)]
    return {
        **found,
        "days": [{**row, "sky": SKIES.get(row["weather_code"], "unknown")} for row in rows],
        "source": "Open-Meteo.com",
    }


async def _ask(place: str, wanted: dict[str, Any], context: Context) -> tuple[dict[str, Any], dict[str, Any]]:
    """Which place was found, and its weather."""
    own = context.settings.get("OPEN_METEO_URL", "").rstrip("/")
    name, _, country = (part.strip() for part in place.partition(","))
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        places = await _get(session, f"{own or PLACES}/v1/search", {"name": name, "count": 10})
        results = places.get("results", [])
        same = [
            r
            for r in results
            if country.casefold() in {r.get("country", "").casefold(), r.get("country_code", "").casefold()}
        ]
        if not results:
            raise LookupError(
                f"Open-Meteo knows no place called {name!r}. Try its English name or a bigger town."
            )
        found = (same or results)[0]
        where = {"latitude": found["latitude"], "longitude": found["longitude"], "timezone": "auto"}
        weather = await _get(session, f"{own or FORECASTS}/v1/forecast", {**where, **wanted})
    return {
        "place": found["name"],
        "country": found.get("country", ""),
        "timezone": weather["timezone"],
    }, weather


async def _get(session: aiohttp.ClientSession, url: str, query: dict[str, Any]) -> dict[str, Any]:
    try:
        async with session.get(url, params=query) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            if response.ok:
                return answer
            why = f"it answered {response.status}: {answer.get('reason', response.reason)}"
    except TimeoutError:
        why = "it did not answer in time"
    except (aiohttp.ClientError, ValueError, AttributeError) as error:
        why = str(error) or type(error).__name__
    raise ConnectionError(
        f"The weather service cannot be used now ({why}). Say so, and do not guess the weather."
    )

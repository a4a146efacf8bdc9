"""The functions that ship do what they say, and say clearly when they cannot."""

import json
from pathlib import Path

import pytest

from bot.assistants import Assistant
from bot.events import Call, Outcome
from bot.files import Files
from bot.function_files import load
from bot.functions import Registry
from bot.turns import Turn
from tests.fakes.clock import ManualClock
from tests.fakes.open_meteo import open_meteo
from tests.fakes.people import message

SHIPPED = Path(__file__).parent.parent.parent / "functions"


class Shipped:
    """The shipped functions, as the model calls them."""

    def __init__(self, folder: Path) -> None:
        self.settings = {"ROTA_FILE": str(folder / "rota.db")}
        functions = load(SHIPPED, Files(folder / "files"), self.settings)
        self._registry = Registry(functions, ManualClock())
        self._assistant = Assistant(name="maru", instructions="Be kind.", functions=tuple(functions))

    async def outcome(self, name: str, /, **arguments: object) -> Outcome:
        return await self._registry.run(
            Call("c", name, json.dumps(arguments)), Turn(1, "web:room", (message(),)), self._assistant
        )

    async def call(self, name: str, /, **arguments: object) -> str:
        outcome = await self.outcome(name, **arguments)
        assert outcome.status == "done", outcome.output
        return outcome.output

    async def error(self, name: str, /, **arguments: object) -> str:
        outcome = await self.outcome(name, **arguments)
        assert outcome.status == "failed"
        return str(json.loads(outcome.output)["error"])


@pytest.fixture
def shipped(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path)


def test_all_of_them_are_strict(tmp_path: Path) -> None:
    functions = load(SHIPPED, Files(tmp_path), {})
    assert [name for name, function in functions.items() if not function.declaration.strict] == []
    assert functions["put_on_duty"].approval
    assert not functions["who_is_on_duty"].approval


async def test_the_weather_now(shipped: Shipped) -> None:
    async with open_meteo() as service:
        shipped.settings["OPEN_METEO_URL"] = service.url + "/"
        now = json.loads(await shipped.call("current_weather", place="Busan"))
    assert (now["place"], now["country"], now["temperature_2m"], now["sky"]) == (
        "Busan", "South Korea", 21.5, "light rain"
    )  # fmt: skip


async def test_the_forecast_day_by_day(shipped: Shipped) -> None:
    async with open_meteo() as service:
        shipped.settings["OPEN_METEO_URL"] = service.url
        two = json.loads(await shipped.call("weather_forecast", place="Paris, US", days=2))
        assert service.coordinates == [("33.66", "-95.55")]
        assert "days: Input should be less than" in await shipped.error(
            "weather_forecast", place="Paris", days=90
        )
    assert [(day["time"], day["sky"]) for day in two["days"]] == [
        ("2026-11-24", "overcast"), ("2026-11-25", "overcast")
    ]  # fmt: skip


async def test_a_place_that_does_not_exist_is_said(shipped: Shipped) -> None:
    async with open_meteo() as service:
        shipped.settings["OPEN_METEO_URL"] = service.url
        assert "no place called 'Atlantis'" in await shipped.error("current_weather", place="Atlantis")


async def test_a_weather_service_that_is_broken_or_gone_is_said(shipped: Shipped) -> None:
    async with open_meteo() as service:
        shipped.settings["OPEN_METEO_URL"] = service.url
        service.broken = True
        assert "cannot be used now" in await shipped.error("current_weather", place="Busan")
    gone = await shipped.error("current_weather", place="Busan")
    assert "The weather service cannot be used now" in gone
    assert "do not guess" in gone


@pytest.mark.parametrize(
    ("value", "unit", "to", "result"),
    [(100, "km/h", "m/s", "27.77777778 m/s"), (32, "degF", "degC", "0 °C"), (1, "GiB", "MiB", "1024 MiB")],
)
async def test_units(shipped: Shipped, value: float, unit: str, to: str, result: str) -> None:
    assert await shipped.call("convert_unit", value=value, unit=unit, to=to) == result


async def test_units_that_do_not_fit_are_said(shipped: Shipped) -> None:
    assert "no such unit" in await shipped.error("convert_unit", value=1, unit="smoot3", to="m")
    assert "different things" in await shipped.error("convert_unit", value=1, unit="kg", to="m")


async def test_dates(shipped: Shipped) -> None:
    between = await shipped.call("days_between", start="2026-11-20", end="2026-11-24")
    assert json.loads(between) == {"days": 4, "weeks": 0.57, "working_days": 2}
    back = await shipped.call("days_between", start="2026-11-24", end="2026-11-20")
    assert json.loads(back) == {"days": -4, "weeks": -0.57, "working_days": -2}
    added = await shipped.call("add_to_date", start="2026-11-20", days=None, weeks=None, working_days=1)
    assert json.loads(added) == {"date": "2026-11-23", "weekday": "Monday"}
    assert "outside of the calendar" in await shipped.error("add_to_date", start="2026-11-20", weeks=10**9)


async def test_money_is_exact(shipped: Shipped) -> None:
    assert await shipped.call("convert_money", amount="1,250.50", rate="1380.5", decimals=0) == "1726315"
    assert await shipped.call("convert_money", amount="0.1", rate="3") == "0.30"
    assert "must be numbers" in await shipped.error("convert_money", amount="NaN", rate="3")


async def test_the_rota_remembers_who_is_on_duty(shipped: Shipped) -> None:
    duty = {"duty": "support", "first": "2026-11-23", "last": "2026-11-25"}
    await shipped.call("put_on_duty", person="Ann", **duty)
    await shipped.call("put_on_duty", person="Ben", **{**duty, "first": "2026-11-25"})
    found = json.loads(await shipped.call("who_is_on_duty", **{**duty, "duty": None}))
    assert [(row["day"], row["person"]) for row in found] == [
        ("2026-11-23", "Ann"), ("2026-11-24", "Ann"), ("2026-11-25", "Ben")
    ]  # fmt: skip
    assert "first one first" in await shipped.error(
        "put_on_duty", person="Ann", **{**duty, "last": "2026-11-01"}
    )

"""The assistants that ship work as they are, with a model that calls the functions that they name."""

import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.open_meteo import open_meteo
from tests.fakes.openai import KEY, Answer, Asks, Calls, FakeOpenAI, arguments
from tests.fakes.processes import start_maru
from tests.fakes.visitor import Visitor

BOOKINGS = b"Hotel Haeundae, 2 rooms, 24 to 26 November\n"


@pytest.fixture
async def openai() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


@asynccontextmanager
async def maru_with(folder: Path, openai: FakeOpenAI, weather: str) -> AsyncIterator[Visitor]:
    """Maru as it comes, and somebody who has opened its page."""
    environment = {"OPENAI_BASE_URL": openai.url, "OPENAI_API_KEY": KEY, "OPEN_METEO_URL": weather}
    maru, address = await start_maru(folder, environment)
    try:
        async with Visitor(address) as visitor:
            yield visitor
    finally:
        assert await maru.end(signal.SIGTERM) == 0


async def asked(visitor: Visitor, assistant: str, text: str, files: tuple[dict[str, Any], ...] = ()) -> str:
    """Choose an assistant and ask it; returns its answer's HTML."""
    async with visitor.watch("talk") as screen:
        if assistant != "maru":
            await visitor.command("talk", "assistant", assistant)
            await screen.until(lambda: screen.notices)
        before = len(screen.turns)
        await visitor.send("talk", text, files=files)
        await screen.until_answered(before + 1)
        return screen.answers[-1]


def outcomes(openai: FakeOpenAI) -> list[str]:
    """What the model was told of its last calls."""
    return [item["output"] for item in openai.requests[-1]["input"] if item["type"] == "function_call_output"]


def offered(openai: FakeOpenAI) -> set[str]:
    """The functions that the model could call first."""
    return {tool["name"] for tool in openai.requests[0]["tools"] if tool["type"] == "function"}


async def test_maru_answers_from_the_handbook(tmp_path: Path, openai: FakeOpenAI) -> None:
    openai.script(
        Calls(Asks("search_knowledge", arguments(query="How do I connect Slack?"))),
        Answer("With two tokens."),
    )
    async with maru_with(tmp_path, openai, "http://127.0.0.1:9") as ann:
        assert "With two tokens." in await asked(ann, "maru", "How do I connect Slack?")
    assert {"search_knowledge", "start_python"} <= offered(openai)
    [found] = outcomes(openai)
    assert "SLACK_BOT_TOKEN" in found


async def test_weather_calls_its_functions_for_several_places_at_once(
    tmp_path: Path, openai: FakeOpenAI
) -> None:
    openai.script(
        Calls(
            Asks("current_weather", arguments(place="Busan")),
            Asks("weather_forecast", arguments(place="Paris, France", days=2)),
            Asks("convert_unit", arguments(value=21.5, unit="degC", to="degF")),
        ),
        Answer("Take an umbrella."),
    )
    async with open_meteo() as service, maru_with(tmp_path, openai, service.url) as ann:
        assert "Take an umbrella." in await asked(ann, "weather", "Umbrella in Busan or Paris?")
    now, days, converted = outcomes(openai)
    assert json.loads(now)["sky"] == "light rain"
    assert [day["sky"] for day in json.loads(days)["days"]] == ["overcast", "overcast"]
    assert json.loads(days)["country"] == "France"
    assert converted == "70.7 °F"
    assert offered(openai) >= {"current_weather", "weather_forecast", "convert_unit"}


async def test_a_weather_service_that_cannot_be_reached_is_told_to_the_model(
    tmp_path: Path, openai: FakeOpenAI
) -> None:
    """With what to say, and what not to do."""
    openai.script(
        Calls(Asks("current_weather", arguments(place="Busan"))), Answer("I cannot look it up now.")
    )
    async with maru_with(tmp_path, openai, "http://127.0.0.1:9") as ann:
        assert "I cannot look it up now." in await asked(ann, "weather", "Umbrella in Busan?")
    [error] = outcomes(openai)
    assert (
        "ConnectionError: The weather service cannot be used now (Cannot connect to host 127.0.0.1:9" in error
    )
    assert "do not guess the weather" in error


async def test_travel_has_functions_documents_and_files(tmp_path: Path, openai: FakeOpenAI) -> None:
    (tmp_path / "knowledge").mkdir()
    rules = tmp_path / "knowledge" / "travel.md"
    rules.write_text("# Travel\n\nA hotel may cost 120 EUR a night.\n", encoding="utf-8")
    openai.script(
        Calls(
            Asks("search_knowledge", arguments(query="hotel cost")),
            Asks("weather_forecast", arguments(place="Busan")),
            Asks("days_between", arguments(start="2026-11-24", end="2026-11-26")),
            Asks("convert_money", arguments(amount="120", rate="1600", decimals=0)),
        ),
        Answer("Two nights."),
    )
    async with open_meteo() as service, maru_with(tmp_path, openai, service.url) as ann:
        _, kept = await ann.upload("bookings.txt", BOOKINGS)
        file = {"digest": kept["digest"], "name": "bookings.txt"}
        assert "Two nights." in await asked(ann, "travel", "What do we still have to book?", (file,))
    documents, weather, days, money = outcomes(openai)
    assert "120 EUR a night" in documents
    assert len(json.loads(weather)["days"]) == 3
    assert json.loads(days)["days"] == 2
    assert money == "192000"
    content = openai.requests[0]["input"][-1]["content"]
    [part] = [part for part in content if part["type"] == "input_file"]
    assert BOOKINGS in [upload.data for upload in openai.uploads.all.values() if upload.id == part["file_id"]]

"""What a response used, as the service tells it or as its items show."""

from bot.events import Usage
from bot.openai.items import usage_of
from bot.openai.sse import Json


def test_tokens_searches_and_pictures_are_read() -> None:
    response = {
        "model": "gpt-6.2-sol",
        "usage": {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 3},
        "tool_usage": {
            "image_gen": {
                "input_tokens": 1_050,
                "input_tokens_details": {"text_tokens": 50, "image_tokens": 1_000},
                "output_tokens": 4_000,
                "total_tokens": 5_050,
            },
            "web_search": {"num_requests": 2},
        },
    }
    items: list[Json] = [
        {"type": "image_generation_call", "result": "aGk="},
        {"type": "image_generation_call", "result": None},
        {"type": "web_search_call", "action": {"type": "search"}},
        {"type": "file_search_call"},
    ]
    assert usage_of(response, items) == Usage(
        "gpt-6.2-sol",
        10,
        4,
        3,
        web_searches=2,
        file_searches=1,
        pictures=1,
        picture_text_tokens=50,
        picture_image_tokens=1_000,
        picture_output_tokens=4_000,
    )


def test_without_the_services_word_the_items_are_counted() -> None:
    items = [{"type": "image_generation_call", "result": "aGk="}, {"type": "web_search_call"}]
    assert usage_of({"model": "m"}, items) == Usage("m", web_searches=1, pictures=1)
    assert usage_of({"model": "m", "tool_usage": None}, []) is None

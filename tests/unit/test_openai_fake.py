"""The fake OpenAI says nothing that the real types do not allow, and is as unkind as the service."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI
from openai.types import FileObject, Model
from openai.types.conversations import Conversation, ConversationItem
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.fakes.openai import (
    KEY,
    Answer,
    Asks,
    BreaksOff,
    Computes,
    Consults,
    Draws,
    FakeMcp,
    FakeOpenAI,
    Gate,
    Looks,
    Play,
    Refuses,
    Says,
    Searches,
    Thinks,
)

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
ITEM: TypeAdapter[Any] = TypeAdapter(ConversationItem)
MODEL = "gpt-6.2-sol"
EVERYTHING = (
    Thinks("hm"),
    Says("I look.", "commentary"),
    Searches("maru"),
    Looks("handbook"),
    Computes("1 + 1"),
    Draws(b"png"),
    Refuses("No."),
    Says(
        "Cited.",
        "final_answer",
        (
            {"type": "file_citation", "file_id": "file-1", "filename": "a.md", "index": 3},
            {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 2},
        ),
    ),
)


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    async with FakeOpenAI() as fake:
        yield fake


@pytest.fixture
async def client(fake: FakeOpenAI) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key=KEY, base_url=fake.url, max_retries=0) as client:
        yield client


def user(text: str = "hi") -> list[Any]:
    return [{"role": "user", "content": [{"type": "input_text", "text": text}]}]


async def stream(client: AsyncOpenAI, **more: Any) -> list[Any]:
    """All events of a streamed response, as they were sent."""
    values: dict[str, Any] = {"model": MODEL, "input": user(), "stream": True, **more}
    events = await client.responses.create(**values)
    return [event async for event in events]


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("end", ["completed", "failed", "incomplete", "flat_error"])
async def test_every_event_is_one_of_the_sdks(
    fake: FakeOpenAI, client: AsyncOpenAI, background: bool, end: Any
) -> None:
    """With every field, and numbered without gaps."""
    code = "max_output_tokens" if end == "incomplete" else "server_error"
    fake.script(Play(EVERYTHING, end=end, code=code))
    events = [event.to_dict() for event in await stream(client, background=background)]
    for event in events:
        EVENT.validate_python(event)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    kinds = {event["type"] for event in events}
    assert {"response.created", "response.output_text.delta", "response.refusal.delta"} <= kinds
    assert ("response.queued" in kinds) == background


async def test_what_a_server_of_tools_says_is_one_of_the_sdks(fake: FakeOpenAI, client: AsyncOpenAI) -> None:
    """And a question without an answer keeps the conversation from going on."""
    fake.mcp.all["https://x.example"] = FakeMcp({"do": lambda _: "done"})
    tool = {"type": "mcp", "server_label": "x", "server_url": "https://x.example"}
    free = {**tool, "require_approval": "never"}
    consults = Play((Consults("x", "do"), Consults("x", "missing")))
    fake.script(consults, consults)
    conversation = (await client.conversations.create()).id
    events = [
        *await stream(client, tools=[free]),
        *await stream(client, tools=[tool], conversation=conversation),
    ]
    kinds = {event.to_dict()["type"] for event in events}
    for event in events:
        EVENT.validate_python(event.to_dict())
    assert {"response.mcp_list_tools.completed", "response.mcp_call.completed"} <= kinds
    async for item in client.conversations.items.list(conversation):
        ITEM.validate_python(item.to_dict())
    with pytest.raises(openai.BadRequestError, match="No approval response found"):
        await client.responses.create(model=MODEL, input="hi", conversation=conversation)
    answer: Any = [{"type": "mcp_approval_response", "approval_request_id": "mcpr_0", "approve": True}]
    with pytest.raises(openai.BadRequestError, match="No approval request found"):
        await client.responses.create(model=MODEL, input=answer, conversation=conversation)


async def test_objects_are_the_sdks(fake: FakeOpenAI, client: AsyncOpenAI) -> None:
    """Responses, conversations, items, files and models."""
    conversation = await client.conversations.create(metadata={"a": "b"}, items=user("before"))
    fake.script(Play(EVERYTHING), Play((Asks("f"),)))
    response = await client.responses.create(model=MODEL, input=user(), conversation=conversation.id)
    Response.model_validate(response.to_dict())
    Conversation.model_validate(conversation.to_dict())
    items = [item async for item in client.conversations.items.list(conversation.id, order="asc", limit=3)]
    assert len(items) == 2 + len(EVERYTHING)
    for item in items:
        ITEM.validate_python(item.to_dict())
    file = await client.files.create(
        file=("a.txt", b"x"), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3_600}
    )
    FileObject.model_validate(file.to_dict())
    assert (await client.files.content(file.id)).content == b"x"
    for model in (await client.models.list()).data:
        Model.model_validate(model.to_dict())
    called = await client.responses.create(model=MODEL, input="hi")
    assert called.output[0].type == "function_call"


@pytest.mark.parametrize(
    "body",
    [
        {"colour": "blue"},
        {"input": [{"role": "user", "content": [{"type": "text", "text": "wrong kind"}]}]},
        {"stream_options": {"include_obfuscation": {"no": "dict"}}},
        {"tools": [{"type": "function"}]},
        {"temperature": 0.5},
        {"conversation": "conv_1", "previous_response_id": "resp_1"},
        {"background": True, "store": False},
        {"reasoning": {"effort": "minimal"}},
    ],
)
async def test_wrong_requests_are_refused(
    fake: FakeOpenAI, client: AsyncOpenAI, body: dict[str, Any]
) -> None:
    """With a 400 in the service's envelope."""
    if "conversation" in body:
        body = {**body, "conversation": (await client.conversations.create()).id}
    with pytest.raises(openai.BadRequestError) as caught:
        await client.responses.create(model=MODEL, input="hi", stream=True, extra_body=body)
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id
    assert fake.responses.calls == 0


async def test_what_is_not_there(client: AsyncOpenAI) -> None:
    """404 with a code that is null, also when deleting twice."""
    with pytest.raises(openai.NotFoundError) as caught:
        await client.responses.create(model=MODEL, input="hi", conversation="conv_x")
    assert caught.value.code is None
    assert "Conversation with id 'conv_x' not found." in caught.value.message
    conversation = await client.conversations.create()
    await client.conversations.delete(conversation.id)
    for request in (
        client.conversations.delete(conversation.id),
        client.responses.retrieve("resp_x"),
        client.files.delete("file-x"),
        client.containers.delete("cntr_x"),
    ):
        with pytest.raises(openai.NotFoundError):
            await request
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        await client.responses.create(model="gpt-4", input="hi")
    async with AsyncOpenAI(api_key="sk-wrong", base_url=client.base_url, max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError):
            await stranger.models.list()


async def test_items_are_committed_all_at_once_and_only_when_complete(
    fake: FakeOpenAI, client: AsyncOpenAI
) -> None:
    """While a response runs nothing of it is in the conversation, and nobody else may run there."""
    conversation = await client.conversations.create()
    gate = Gate()
    fake.script(Answer("one two three", hold=gate, held=2))
    running = asyncio.create_task(stream(client, conversation=conversation.id, background=True))
    await gate.reached()
    assert not fake.conversation.items
    with pytest.raises(openai.BadRequestError) as caught:
        await stream(client, conversation=conversation.id)
    assert (caught.value.code, caught.value.param) == ("conversation_locked", "conversation")
    gate.open()
    await running
    assert [item["role"] for item in fake.conversation.items] == ["user", "assistant"]
    fake.script(Play((Says("no"),), end="failed"))
    await stream(client, conversation=conversation.id)
    assert len(fake.conversation.items) == 2


async def test_a_foreground_response_goes_on_without_its_caller(
    fake: FakeOpenAI, client: AsyncOpenAI
) -> None:
    """It keeps the lock until it is over, and cannot be cancelled."""
    conversation = await client.conversations.create()
    gate = Gate()
    fake.script(Answer("one two three", hold=gate, held=1))
    events = await client.responses.create(
        model=MODEL, input=user(), conversation=conversation.id, stream=True
    )
    first = await anext(aiter(events))
    await gate.reached()
    await events.close()
    assert fake.conversation.lock
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        await client.responses.cancel(first.response.id)  # type: ignore[union-attr]  # it is response.created
    gate.open()
    await fake.idle()
    assert len(fake.conversation.items) == 2


async def test_cancelling_frees_the_conversation_and_keeps_nothing(
    fake: FakeOpenAI, client: AsyncOpenAI
) -> None:
    """The stream just ends: there is no event for it."""
    conversation = await client.conversations.create()
    gate = Gate()
    fake.script(Answer("one two three", hold=gate, held=1))
    running = asyncio.create_task(stream(client, conversation=conversation.id, background=True))
    await gate.reached()
    (response,) = fake.responses.all
    await client.responses.cancel(response)
    events = await running
    assert events[-1].type == "response.output_text.delta"
    assert (await client.responses.retrieve(response)).status == "cancelled"
    assert not fake.conversation.lock
    assert not fake.conversation.items
    gate.open()


async def test_a_broken_background_stream_can_be_taken_up_again(
    fake: FakeOpenAI, client: AsyncOpenAI
) -> None:
    """After any event, or from the beginning; a foreground one cannot."""
    fake.script(BreaksOff("one two three four", after=2, how="eof"))
    seen = await stream(client, background=True)
    (response,) = fake.responses.all
    rest = await client.responses.retrieve(response, stream=True, starting_after=seen[-1].sequence_number)
    whole = await client.responses.retrieve(response, stream=True)
    after = [event.sequence_number async for event in rest]
    assert after[0] == seen[-1].sequence_number + 1
    assert [event.sequence_number async for event in whole] == list(range(after[-1] + 1))
    await stream(client)
    last = list(fake.responses.all)[-1]
    with pytest.raises(openai.BadRequestError):
        await client.responses.retrieve(last, stream=True)


async def test_an_unanswered_call_poisons_the_conversation(fake: FakeOpenAI, client: AsyncOpenAI) -> None:
    """Until it has an output."""
    conversation = await client.conversations.create()
    fake.script(Play((Asks("f", call_id="call_1"),)))
    await stream(client, conversation=conversation.id)
    with pytest.raises(openai.BadRequestError, match="No tool output found for function call call_1"):
        await stream(client, conversation=conversation.id)
    output = {"type": "function_call_output", "call_id": "call_1", "output": "x"}
    assert (await stream(client, conversation=conversation.id, input=[output]))[
        -1
    ].type == "response.completed"


async def test_at_most_twenty_items_at_once(client: AsyncOpenAI) -> None:
    """And pages of at most a hundred."""
    conversation = await client.conversations.create()
    with pytest.raises(openai.BadRequestError):
        await client.conversations.items.create(conversation.id, items=user() * 21)
    with pytest.raises(openai.BadRequestError):
        await client.conversations.items.list(conversation.id, limit=101)


async def test_answers_carry_rate_limits_and_an_id(client: AsyncOpenAI) -> None:
    """Like the service's."""
    raw = await client.models.with_raw_response.list()
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.headers["x-ratelimit-remaining-requests"]


async def test_a_script_that_is_not_used_up_fails_the_test() -> None:
    """A test must not pass because nobody asked."""
    with pytest.raises(AssertionError, match="never asked"):
        async with FakeOpenAI() as fake:
            fake.script(Answer("x"))


async def test_it_runs_as_a_process_of_its_own() -> None:
    """It prints its address, fills answers up, and tells what it holds."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.openai",
        "--port=0",
        "--words=20",
        "--pace=1",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with AsyncOpenAI(api_key=KEY, base_url=url, max_retries=0) as client:
            conversation = await client.conversations.create()
            response = await client.responses.create(
                model=MODEL, input=user("my question"), conversation=conversation.id
            )
            state: Any = await client.get("/../_state", cast_to=object)
        assert response.output_text.startswith("You said: my question")
        assert len(response.output_text.split()) == 20
        assert state["model_calls"] == 1
        assert len(state["conversations"][conversation.id]["items"]) == 2
    finally:
        process.terminate()
        await process.wait()

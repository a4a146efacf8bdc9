"""Makes a function of the model from a typed Python function: declaration, arguments, thread, result."""

import asyncio
import contextvars
import inspect
import mimetypes
import re
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import to_json

from bot.authoring import OPTIONS, Answer, Context, NewFile, Options
from bot.errors import ArgumentsRefused, FunctionError
from bot.events import File
from bot.files import Files
from bot.functions import Function, Result
from bot.ports import Declaration
from bot.schemas import schema_of
from bot.turns import Turn

NAME = re.compile(r"[a-zA-Z0-9_]{1,64}")  # what the service accepts
SPREAD = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)


def function_of(called: Callable[..., Any], files: Files, settings: Mapping[str, str]) -> Function:
    """What the model may call. Raises FunctionError, without its place, when it does not say enough."""
    name = called.__name__
    if not NAME.fullmatch(name):
        raise FunctionError(f"{name}: the model cannot call it so. Use at most 64 of a-z, A-Z, 0-9 and _.")
    description = inspect.getdoc(called)
    if not description:
        raise FunctionError(
            f"{name}: it has no docstring. Say in one what it does, or begin its name with _."
        )
    arguments, contexts, optional = _arguments(called, name)
    options: Options = getattr(called, OPTIONS, Options())
    parameters, strict = schema_of(arguments)

    async def run(given: Mapping[str, object], turn: Turn) -> Result:
        values = _validated(arguments, given, optional)
        values |= dict.fromkeys(contexts, _context(turn, settings))
        if inspect.iscoroutinefunction(called):
            returned = await called(**values)
        else:
            returned = await _in_thread(lambda: called(**values))
        return await _result(returned, files)

    return Function(
        Declaration(name, description, parameters, strict),
        run,
        time_limit=options.time_limit,
        approval=options.approval,
        deciders=options.deciders,
    )


def _arguments(called: Callable[..., Any], name: str) -> tuple[type[BaseModel], list[str], frozenset[str]]:
    """The model of its arguments, the parameters for the context, and those with a default."""
    try:
        hints = get_type_hints(called, include_extras=True)
    except Exception as error:
        # Types are the team's code, and may raise anything.
        raise FunctionError(f"{name}: a type cannot be understood ({error}). Import or mend it.") from error
    fields: dict[str, Any] = {}
    contexts: list[str] = []
    optional: list[str] = []
    for parameter in inspect.signature(called).parameters.values():
        if parameter.kind in SPREAD:
            raise FunctionError(f"{name}: {parameter} cannot be described to the model. Name each parameter.")
        if parameter.name not in hints:
            raise FunctionError(
                f"{name}: {parameter.name} has no type. Give it one, or begin the function's name with _."
            )
        hint = hints[parameter.name]
        if hint is Context:
            contexts.append(parameter.name)
            continue
        default = ... if parameter.default is parameter.empty else parameter.default
        if default is not ...:
            optional.append(parameter.name)
        fields[parameter.name] = (_described(hint), default)
    try:
        model = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        model.model_json_schema()
    except Exception as error:
        why = str(error).splitlines()[0]
        raise FunctionError(
            f"{name}: a type cannot be described to the model ({why}). Use plainer types."
        ) from error
    return model, contexts, frozenset(optional)


def _described(hint: Any) -> Any:
    """`Annotated[str, "Seoul, for example"]` describes a parameter; pydantic wants it said in its own way."""
    if get_origin(hint) is not Annotated:
        return hint
    kind, *notes = get_args(hint)
    for note in notes:
        kind = Annotated[kind, Field(description=note) if isinstance(note, str) else note]
    return kind


def _validated(
    arguments: type[BaseModel], given: Mapping[str, object], optional: frozenset[str]
) -> dict[str, Any]:
    """Raises ArgumentsRefused, which tells the model what to mend."""
    # A strict schema has no other way to leave a parameter out.
    meant = {name: value for name, value in given.items() if value is not None or name not in optional}
    try:
        valid = arguments.model_validate(meant)
    except ValidationError as error:
        raise ArgumentsRefused(
            " ".join(f"{'.'.join(map(str, p['loc'])) or 'arguments'}: {p['msg']}." for p in error.errors())
        ) from None
    return {name: getattr(valid, name) for name in arguments.model_fields}


def _context(turn: Turn, settings: Mapping[str, str]) -> Context:
    authors = tuple(dict.fromkeys(message.author for message in turn.messages))
    return Context(turn.author, authors, turn.conversation, turn.reference, settings)


def _in_thread(work: Callable[[], object]) -> Awaitable[object]:
    """Run it in a thread of its own: one that hangs takes no place from others, and no exit waits for it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[object] = loop.create_future()
    context = contextvars.copy_context()

    def settle(value: object, error: BaseException | None) -> None:
        if future.done():
            return  # given up meanwhile
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    def run() -> None:
        value: object = None
        failure: BaseException | None = None
        try:
            value = context.run(work)
        except StopIteration as error:  # a future refuses to carry it
            failure = RuntimeError(f"StopIteration: {error}")
        except BaseException as error:  # noqa: BLE001 - it is raised again where the call is awaited
            failure = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, value, failure)

    threading.Thread(target=run, name="function", daemon=True).start()
    return future


async def _result(returned: object, files: Files) -> Result:
    answer = returned if isinstance(returned, Answer) else Answer(returned)
    if isinstance(answer.value, NewFile):
        answer = Answer(f"Made {answer.value.name}.", (answer.value, *answer.files))
    output = answer.value if isinstance(answer.value, str) else to_json(answer.value).decode()
    return Result(output, tuple([await _kept(file, files) for file in answer.files]))


async def _kept(file: NewFile, files: Files) -> File:
    kept = await files.keep_bytes(file.content)
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    picture = media_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}
    return File(kept.digest, file.name, media_type, kept.size, "picture" if picture else "file")

"""What the page is told of a conversation, as JSON; the same whether it was just said or read back."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from adapters.web.markdown import render
from adapters.web.rules import file_address
from bot.choice import Offer
from bot.events import File, Source
from bot.messages import Message
from bot.ports import Record, Summary
from bot.texts import Language, language_of
from bot.turns import Draft, Mark, Question, Turn
from bot.wording import activity, closing, fenced, question_sentence

# What a browser may show by itself; SVG is a document that can hold scripts, so it is not among them.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})

JSON = dict[str, Any]


def summary_json(summary: Summary) -> JSON:
    return {
        "id": bare(summary.conversation),
        "title": summary.title,
        "updated_at": summary.updated_at,
        "busy": summary.busy,
    }


def offer_json(offer: Offer) -> JSON:
    """Who answers, with the questions one could begin with, and whom one may choose."""
    now = offer.now
    return {
        "name": now.assistant.name,
        "description": now.assistant.description,
        "starters": list(now.assistant.starters),
        "pinned": now.by == "operator",
        "choices": [{"name": one.name, "description": one.description} for one in offer.assistants],
    }


def record_json(record: Record, answer: JSON | None) -> JSON:
    """A turn: what was asked, and `answer`; None stands for one that the page follows already."""
    return {
        "id": record.turn.id,
        "state": record.state,
        "outdated": record.outdated,
        "feedback": record.feedback,
        "last": record.last,
        "thread": record.thread,
        "messages": [message_json(message) for message in record.turn.messages],
        "answer": answer,
    }


def message_json(message: Message) -> JSON:
    return {
        "id": message.id,
        "key": message.keys[0].partition(":")[2],
        "author": {"id": message.author.id, "name": message.author.name},
        "text": message.text,
        "html": "".join(rendered(message.text, (), (), breaks=True)),
        "sent_at": message.sent_at,
        "files": [
            {**file_json(file.digest, file.name, file.media_type, file.size), "problem": bool(file.problem)}
            for file in message.attachments
        ],
    }


def file_json(digest: str, name: str, media_type: str, size: int) -> JSON:
    return {
        "digest": digest,
        "name": name,
        "size": size,
        "url": file_address(digest, name) if digest else "",
        "picture": bool(digest) and media_type in PICTURES,
    }


def answer_json(turn: Turn, draft: Draft, html: Sequence[str], version: int) -> JSON:
    """All of an answer; `html` is its text."""
    return {"blocks": list(html), "version": version, "reference": turn.reference, **around_json(turn, draft)}


def around_json(turn: Turn, draft: Draft) -> JSON:
    """Everything of an answer but its text."""
    language = language_in(turn)
    return {
        "activity": activity(draft.activity, language) if draft.activity else "",
        "code": ["".join(rendered(fenced(code), (), ())) for code in draft.code],
        "closing": ["".join(rendered(text, (), ())) for text in closing(draft, turn.reference, language)],
        "end": draft.end,
        "files": [made_json(file) for file in draft.files],
        "preview": made_json(draft.preview) if draft.preview else None,
        "questions": [question_json(question, language) for question in draft.questions],
        "sources": [source_json(number, source) for number, source in enumerate(draft.sources, 1)],
    }


def stored_answer(turn: Turn) -> JSON:
    """The answer of a turn that nobody is writing now."""
    return answer_json(turn, turn.draft, rendered(turn.draft.text, turn.draft.marks, turn.draft.links), 0)


def made_json(file: File) -> JSON:
    found = file_json(file.digest, file.name, file.media_type, file.size)
    found["picture"] = found["picture"] and file.role == "picture"
    found["alt"] = file.alt or file.name
    return found


def source_json(number: int, source: Source) -> JSON:
    return {
        "number": number,
        "title": source.title,
        "place": source.place,
        "url": source.url if source.url.startswith(("https://", "http://")) else "",
        "passage": "".join(rendered(source.passage, (), ())),
    }


def question_json(question: Question, language: Language) -> JSON:
    return {
        "call": question.call.id,
        "text": question_sentence(question, language),
        "arguments": pretty(question.call.arguments),
        "deadline": question.deadline,
        "deciders": list(question.deciders),  # empty: anybody who reads the conversation
    }


def language_in(turn: Turn) -> Language:
    """An answer's language is that of who asked, whoever reads it."""
    return language_of(turn.messages[-1].text, turn.author.locale) if turn.messages else "en"


def bare(conversation: str) -> str:
    """Its name without the platform."""
    return conversation.partition(":")[2]


def pretty(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments), ensure_ascii=False, indent=2)
    except ValueError:
        return arguments


@lru_cache(maxsize=2_000)
def rendered(
    text: str, marks: tuple[Mark, ...], links: tuple[tuple[str, str], ...], *, breaks: bool = False
) -> tuple[str, ...]:
    return tuple(render(text, marks, links=dict(links), breaks=breaks))

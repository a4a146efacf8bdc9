"""What greets a person who opens Maru in Slack: suggested prompts, and the Home tab."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from adapters.slack.markup import escape, to_mrkdwn
from adapters.slack.places import author_id, place_of
from adapters.slack.workspace import Workspace
from bot.messages import Author
from bot.ports import Archive, Summary
from bot.texts import Language, language_of, say

Usage = Callable[[str, Language], Awaitable[str]]
"""What the person of this author id used, as a sentence."""

PROMPTS = 4
RECENT = 10
TITLE_CHARS = 60
SECTION_CHARS = 3_000


class Home:
    """One for all workspaces."""

    def __init__(self, archive: Archive, starters: Sequence[str], usage: Usage) -> None:
        self._archive, self._starters, self._usage = archive, starters, usage

    async def opened(self, workspace: Workspace, event: Mapping[str, Any]) -> None:
        """A person opened one of Maru's tabs."""
        user = str(event["user"])
        author = author_id(workspace.team, user)
        person = await workspace.people.person(Author(author, user))
        language = language_of("", person.locale)
        if event.get("tab") == "messages":
            # Pinned to the tab, so without a thread.
            await workspace.api.courtesy(
                "assistant.threads.setSuggestedPrompts",
                channel_id=event["channel"],
                prompts=prompts(self._starters, language),
            )
        elif event.get("tab") == "home":
            found = await self._archive.conversations(f"slack:{workspace.team}/", RECENT, author)
            address = await workspace.address() if found else ""
            shown = view(found, address, await self._usage(author, language), language)
            await workspace.api.courtesy("views.publish", user_id=user, view=shown)


def prompts(starters: Sequence[str], language: Language) -> list[dict[str, str]]:
    """The assistant's own, those in the person's language first."""
    texts = list(starters) or [say("slack_prompt_can", language), say("slack_prompt_sum", language)]
    texts.sort(key=lambda text: language_of(text) != language)
    return [{"title": text[:TITLE_CHARS], "message": text} for text in texts[:PROMPTS]]


def view(conversations: Sequence[Summary], address: str, usage: str, language: Language) -> dict[str, Any]:
    """The Home tab: what Maru can do, what the person talked about with it, and what that used."""
    lines = [_link(one, address) for one in conversations]
    parts = [
        to_mrkdwn(say("help", language).strip()),
        _titled("slack_recent", lines or [escape(say("slack_recent_none", language))], language),
        _titled("slack_usage", [to_mrkdwn(usage)], language),
    ]
    blocks: list[dict[str, Any]] = []
    for part in parts:
        blocks += [{"type": "divider"}] if blocks else []
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": part[:SECTION_CHARS]}})
    return {"type": "home", "blocks": blocks}


def _titled(key: str, lines: Sequence[str], language: Language) -> str:
    return "\n".join([f"*{escape(say(key, language))}*", *lines])


def _link(conversation: Summary, address: str) -> str:
    """A line that leads to the first message of a conversation."""
    place = place_of(conversation.conversation)
    title = conversation.title[:TITLE_CHARS] or "…"
    when = int(conversation.updated_at)
    link = f"{address}archives/{place.channel}/p{place.thread_ts.replace('.', '')}"
    # Slack writes the date as the reader is used to it.
    return f"• <{link}|{escape(title)}> · <!date^{when}^{{date_short_pretty}}|…>"

"""What people write in Discord, as the core sees it."""

import json
from typing import Any

import discord
import pytest

from adapters.discord.parse import Spoken, deleted, edited, parse
from adapters.discord.places import Interaction, Origin, Place, origin_of, place_of

BOT, ANN, BEN = "900000000000000001", "900000000000000002", "900000000000000003"
GUILD, CHANNEL, THREAD = "700000000000000001", "700000000000000002", "700000000000000003"
MESSAGE = "800000000000000001"

Json = dict[str, Any]


def user(number: str, name: str, **more: object) -> Json:
    return {"id": number, "username": name, "discriminator": "0", "avatar": None, "global_name": name} | more


PEOPLE = {BOT: user(BOT, "Maru", bot=True), ANN: user(ANN, "Ann"), BEN: user(BEN, "Ben")}


def payload(content: str = "", /, *, mentions: tuple[str, ...] = (), **more: Any) -> Json:
    """A message as Discord sends it, of Ann in the channel."""
    return {
        "id": MESSAGE,
        "channel_id": CHANNEL,
        "author": PEOPLE[ANN],
        "content": content,
        "timestamp": "2026-11-24T10:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [PEOPLE[number] for number in mentions],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
        "components": [],
    } | more


class Room:
    """Makes messages as discord.py does, without a connection."""

    def __init__(self) -> None:
        self.client = discord.Client(intents=discord.Intents(guilds=True))
        self._state = vars(self.client)["_connection"]
        self._state.user = discord.ClientUser(state=self._state, data=PEOPLE[BOT])  # type: ignore[arg-type]  # a whole user has more
        guild: Any = {
            "id": GUILD,
            "name": "Team",
            "channels": [
                {"id": CHANNEL, "type": 0, "name": "general", "position": 0, "permission_overwrites": []}
            ],
            "threads": [
                {
                    "id": THREAD,
                    "type": 11,
                    "name": "talk",
                    "parent_id": CHANNEL,
                    "owner_id": BOT,
                    "message_count": 1,
                    "member_count": 1,
                    "thread_metadata": {
                        "archived": False,
                        "auto_archive_duration": 1440,
                        "archive_timestamp": "2026-11-24T10:00:00+00:00",
                        "locked": False,
                    },
                }
            ],
            "roles": [],
            "members": [],
            "emojis": [],
            "stickers": [],
        }
        self._guild = discord.Guild(data=guild, state=self._state)
        self._state._add_guild(self._guild)  # noqa: SLF001 - as the gateway would

    def message(self, found: Json) -> discord.Message:
        number = int(found["channel_id"])
        channel: Any = self._guild.get_channel_or_thread(number)
        if channel is None:
            me: Any = {"id": str(number), "type": 1, "recipients": [PEOPLE[ANN]]}
            channel = discord.DMChannel(me=self._state.user, state=self._state, data=me)
        whole: Any = found
        return discord.Message(state=self._state, channel=channel, data=whole)


@pytest.fixture
async def room() -> Room:
    return Room()


def said(room: Room, found: Json) -> Spoken:
    spoken = parse(room.message(found), BOT)
    assert spoken is not None
    return spoken


def test_a_mention_in_a_channel_belongs_to_the_thread_it_will_have(room: Room) -> None:
    spoken = said(room, payload(f"<@{BOT}> hello", mentions=(BOT,)))
    assert spoken.addressed
    message = spoken.message
    assert message.conversation == f"discord:{GUILD}/{MESSAGE}"
    assert message.text == "hello"
    assert message.author.id == f"discord:{ANN}"
    assert message.position == MESSAGE.zfill(20)
    assert message.keys == (f"discord:{MESSAGE}",)
    assert origin_of(message.origin) == Origin(CHANNEL, MESSAGE, ANN, GUILD)


def test_a_message_names_the_channel_that_its_thread_lies_in(room: Room) -> None:
    """So that what is limited to the channel holds for its threads."""
    for found in (payload(f"<@{BOT}> hello", mentions=(BOT,)), payload("and now?", channel_id=THREAD)):
        assert said(room, found).message.channel == f"discord:{GUILD}/{CHANNEL}"
    assert said(room, payload("hi", channel_id="600000000000000001")).message.channel == ""


def test_what_is_written_in_a_thread_belongs_to_it(room: Room) -> None:
    spoken = said(room, payload("and now?", channel_id=THREAD))
    assert spoken.message.conversation == f"discord:{GUILD}/{THREAD}"
    assert not spoken.addressed
    assert spoken.follow_up


@pytest.mark.parametrize(
    "found",
    [
        payload(f"<@{BEN}> what do you think?", mentions=(BEN,), channel_id=THREAD),
        payload("<@&500000000000000001> look", channel_id=THREAD),
        payload(
            "yes",
            channel_id=THREAD,
            type=19,
            message_reference={"message_id": "1", "channel_id": THREAD},
            referenced_message=payload("what?", author=PEOPLE[BEN], channel_id=THREAD),
        ),
    ],
    ids=["a person", "a role", "an answer to somebody"],
)
def test_what_addresses_somebody_else_is_no_follow_up(room: Room, found: Json) -> None:
    spoken = said(room, found)
    assert not spoken.follow_up
    assert not spoken.addressed


def test_everyone_is_not_maru(room: Room) -> None:
    assert not said(room, payload("@everyone hello", mention_everyone=True)).addressed


@pytest.mark.parametrize(
    "found",
    [
        payload("beep", author=user("1", "Robo", bot=True)),
        payload("hook", webhook_id="42"),
        payload("mine", author=PEOPLE[BOT]),
        payload("", type=7),
        payload("pinned", type=6),
        payload(""),
    ],
    ids=["a bot", "a webhook", "Maru", "a welcome", "a pin", "nothing"],
)
def test_programs_and_discord_itself_are_not_heard(room: Room, found: Json) -> None:
    assert parse(room.message(found), BOT) is None


def test_a_mention_alone_is_a_question(room: Room) -> None:
    assert said(room, payload(f"<@{BOT}>", mentions=(BOT,))).message.text == ""


def test_a_direct_message_needs_no_mention(room: Room) -> None:
    spoken = said(room, payload("hi", channel_id="600000000000000001"))
    assert spoken.addressed
    assert spoken.message.conversation == "discord:@me/600000000000000001"


def test_a_reply_to_an_answer_in_the_channel_goes_on_with_it(room: Room) -> None:
    """Also without a ping; where Maru answered in place, its answer is a reply to the question."""
    answer = payload(
        "42",
        author=PEOPLE[BOT],
        type=19,
        message_reference={"message_id": "800000000000000009", "channel_id": CHANNEL},
    )
    spoken = said(
        room,
        payload(
            "why?",
            type=19,
            message_reference={"message_id": "1", "channel_id": CHANNEL},
            referenced_message=answer,
        ),
    )
    assert spoken.addressed
    assert spoken.message.conversation == f"discord:{GUILD}/800000000000000009"


def test_a_reply_to_the_answer_of_a_command_goes_on_with_it(room: Room) -> None:
    about = {"id": "77", "type": 2, "user": PEOPLE[ANN], "authorizing_integration_owners": {}}
    answer = payload("42", author=PEOPLE[BOT], type=20, interaction_metadata=about)
    found = payload(
        "why?",
        type=19,
        message_reference={"message_id": "1", "channel_id": CHANNEL},
        referenced_message=answer,
    )
    assert said(room, found).message.conversation == f"discord:{GUILD}/{CHANNEL}/ask-77"


def test_mentions_become_names(room: Room) -> None:
    text = f"<@!{BOT}>, ask <@{BEN}> about <#{CHANNEL}> <:party:1> and <@{BOT}>"
    spoken = said(room, payload(text, mentions=(BOT, BEN)))
    assert spoken.message.text == f"ask @Ben about #general ({CHANNEL}) :party: and @Maru"


def test_attachments_know_where_they_hang(room: Room) -> None:
    file = {
        "id": "5",
        "filename": "a.csv",
        "size": 3,
        "url": "https://cdn.discordapp.com/attachments/1/5/a.csv?ex=1",
        "proxy_url": "https://media.discordapp.net/attachments/1/5/a.csv",
        "content_type": "text/csv; charset=utf-8",
    }
    (found,) = said(room, payload(f"<@{BOT}>", mentions=(BOT,), attachments=[file])).message.attachments
    assert (found.name, found.size, found.media_type) == ("a.csv", 3, "text/csv")
    assert json.loads(found.source) == {
        "channel": CHANNEL,
        "message": MESSAGE,
        "id": "5",
        "url": file["url"],
    }


def test_an_edit_is_one_only_when_a_person_made_it(room: Room) -> None:
    """Discord reports its own link previews as edits, too."""
    assert edited(room.message(payload("see example.com")), BOT) is None
    edit = edited(room.message(payload("two", edited_timestamp="2026-11-24T10:00:05+00:00")), BOT)
    assert edit is not None
    assert (edit.keys, edit.text) == ((f"discord:{MESSAGE}",), "two")


def test_a_deletion_names_the_message() -> None:
    assert deleted(int(MESSAGE), 1, None).keys == (f"discord:{MESSAGE}",)


@pytest.mark.parametrize(
    "place", [Place("1", "2"), Place("@me", "2"), Place("1", "2", "3"), Place("1", "2", "ask-4")]
)
def test_a_place_is_read_back_from_its_conversation(place: Place) -> None:
    assert place_of(place.conversation) == place


def test_an_origin_is_read_back_whole() -> None:
    origin = Origin("1", "2", "3", "4", private=True, interaction=Interaction("5", "t", "6", 7.0))
    assert origin_of(origin.dump()) == origin
    assert origin_of("{}") == Origin()

"""Nobody is told from a collection who may not read it."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.access import Audience, around, may_search
from bot.ports import Collection

PLACES = ("slack:T1/C1/1.0", "slack:T1/C1", "slack:T1/C10", "slack:T1", "slack:T2/C1", "discord:G1/C1")
NAMES = ("ann", "ben", "eve", "group:law", "group:all")

collections = st.builds(
    Collection,
    name=st.just("docs"),
    readers=st.lists(st.sampled_from(NAMES), unique=True).map(tuple),
    channels=st.lists(st.sampled_from(PLACES), unique=True).map(tuple),
)
authors = st.lists(st.frozensets(st.sampled_from(NAMES), min_size=1)).map(tuple)
audiences = st.builds(
    Audience,
    places=st.sampled_from(PLACES).map(around),
    private=st.booleans(),
    authors=authors,
)


@given(collections, audiences)
def test_it_is_searched_where_and_for_whom_it_may_be(collection: Collection, audience: Audience) -> None:
    """As the rule would be told to a person."""
    here = not collection.channels or any(place in audience.places for place in collection.channels)
    among_themselves = audience.private and len(audience.authors) > 0
    all_named = all(any(name in collection.readers for name in author) for author in audience.authors)
    for_them = not collection.readers or (among_themselves and all_named)
    assert may_search(collection, audience) == (here and for_them)


@given(collections, audiences, st.frozensets(st.sampled_from(NAMES), min_size=1))
def test_one_more_reader_never_opens_it(
    collection: Collection, audience: Audience, more: frozenset[str]
) -> None:
    """A turn of several people has the rights that they all share."""
    larger = Audience(audience.places, audience.private, (*audience.authors, more))
    if collection.readers and audience.authors:
        assert not may_search(collection, larger) or may_search(collection, audience)


@given(collections, audiences)
def test_what_is_public_is_not_told_more_than_what_is_private(
    collection: Collection, audience: Audience
) -> None:
    """Where others read along, nothing opens that is closed in private."""
    private = Audience(audience.places, private=True, authors=audience.authors)
    public = Audience(audience.places, private=False, authors=audience.authors)
    assert not may_search(collection, public) or may_search(collection, private)


@given(audiences)
def test_without_limits_everybody_may(audience: Audience) -> None:
    assert may_search(Collection("docs"), audience)


def test_the_cases_that_people_ask_about() -> None:
    """All of them: in the channel, its threads, elsewhere; in private and not; named, or not."""
    law = Collection("law", readers=("ann", "group:law"))
    board = Collection("board", channels=("slack:T1/C1",))
    both = Collection("both", readers=("ann",), channels=("slack:T1/C1",))
    everywhere = ("slack:T1/C1/1.0", "slack:T1/C1", "slack:T1/C10/1.0", "slack:T2/C1/1.0")
    people = (("ann",), ("eve", "group:law"), ("eve",))
    for place, private, person in product(everywhere, (True, False), people):
        audience = Audience(around(place), private, (frozenset(person),))
        inside = place.startswith("slack:T1/C1") and not place.startswith("slack:T1/C10")
        assert may_search(board, audience) == inside
        assert may_search(law, audience) == (private and person != ("eve",))
        assert may_search(both, audience) == (inside and private and person == ("ann",))


def test_a_discord_thread_lies_in_the_channel_that_its_messages_name() -> None:
    """Its own name only tells the server."""
    board = Collection("board", channels=("discord:G1/C1",))
    assert may_search(board, Audience(around("discord:G1/T9", "discord:G1/C1")))
    assert not may_search(board, Audience(around("discord:G1/T9", "")))
    assert not may_search(board, Audience(around("discord:G1/T9")))

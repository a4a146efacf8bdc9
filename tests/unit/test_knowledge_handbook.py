"""The shipped handbook answers the questions that people really ask first."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter

import pytest

from bot.assistants import load
from bot.commands import WORDS
from bot.knowledge.library import Library
from bot.knowledge.ports import Passage
from bot.knowledge.reports import Report
from bot.offline import FITTING
from bot.ports import Collection
from bot.settings import Settings
from bot.texts import LANGUAGES, language_of
from tests.fakes.shelf import shelf

ROOT = Path(__file__).parent.parent.parent
HANDBOOK = ROOT / "knowledge"
RECALL = 0.9  # of questions, at least, whose page is among the first three

# A question, and the pages any of which answers it.
QUESTIONS = """
What can you do? | about
Who are you? | about
Is it open source? | about
How do I stop an answer? | talking
How do I start over? | talking
What commands are there? | talking
Can I send you a PDF file? | talking
How do I delete my conversation? | talking privacy
Where do I put my OpenAI key? | model
What does Maru cost? | model
Can I use Ollama? | model
Which model is used by default? | model settings
How do I connect Slack? | slack
Which scopes does the Slack app need? | slack
SLACK_SIGNING_SECRET | slack settings
How do I connect Discord? | discord
Do I need the message content intent? | discord
How do I install it? | web-and-terminal
How can others open the web page? | web-and-terminal
Can I chat in the terminal? | web-and-terminal
Change the port of the web page | web-and-terminal settings troubleshooting
How do I change the instructions? | assistants
How do I add our team's documents? | knowledge
What file types can be searched? | knowledge
Can a collection be kept in a vector store at OpenAI? | knowledge
What is MARU_THREADS? | settings model
Where is my data stored? | privacy
What is sent to OpenAI? | privacy
Who can use Maru? | privacy
How do I make a backup? | privacy
Maru is already running | troubleshooting
The disk is full | troubleshooting
너는 뭘 할 수 있어? | about
넌 누구야? | about
오픈소스야? | about
답변을 멈추려면 어떻게 해? | talking
대화를 초기화하고 싶어요 | talking
명령어가 뭐가 있어? | talking
파일을 올릴 수 있나요? | talking
내 대화를 지우려면? | talking privacy
API 키는 어디에 넣어? | model settings
비용이 얼마나 들어? | model
마루는 무료야? | model
로컬 모델을 쓸 수 있어? | model
슬랙은 어떻게 연결해? | slack
슬랙 앱에는 어떤 권한이 필요해? | slack
디스코드 연결 방법 알려줘 | discord
설치는 어떻게 해? | web-and-terminal
웹 페이지를 다른 사람도 볼 수 있게 하려면? | web-and-terminal
포트를 바꾸려면? | web-and-terminal settings troubleshooting
말투를 바꾸고 싶어 | assistants
우리 팀 문서는 어떻게 추가해? | knowledge
어떤 파일 형식을 검색할 수 있어? | knowledge
관리자는 어떻게 정해? | settings
데이터는 어디에 저장돼? | privacy
OpenAI에 뭘 보내? | privacy
누가 마루를 쓸 수 있나요? | privacy
백업은 어떻게 하나요? | privacy
마루가 이미 실행 중이라고 나와요 | troubleshooting
왜 모델이 연결되지 않았다고 해? | troubleshooting
"""
UNANSWERED = [
    "What is the capital of France?",
    "How do I bake a chocolate cake?",
    "What's the weather in Seoul today?",
    "Who won the world cup in 2022?",
    "Write a poem about autumn",
    "hello",
    "오늘 서울 날씨 어때?",
    "점심 메뉴 추천해줘",
    "회의실 예약은 어떻게 해?",
    "사무실 와이파이 비밀번호가 뭐야?",
    "우리 회사 연차휴가는 며칠이야?",
    "안녕",
]
PAIRS = [(question.strip(), pages.split()) for question, _, pages in
         (line.partition("|") for line in QUESTIONS.strip().splitlines())]  # fmt: skip


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    """A library whose handbook is not read yet."""
    handbook = Collection("handbook", sources=(str(HANDBOOK),))
    async with shelf(tmp_path, builtin=handbook) as (_, opened):
        yield opened


@pytest.fixture
async def report(library: Library) -> Report:
    """The handbook is in the index."""
    report = await library.sync("handbook")
    assert report
    return report


async def ask(library: Library, question: str, limit: int = 3) -> list[Passage]:
    return list(await library.search(question, limit, ["handbook"]))


def page(passage: Passage) -> str:
    return Path(passage.path).stem


async def test_every_page_is_usable_and_there_in_both_languages(library: Library, report: Report) -> None:
    """No page is refused, and none exists in one language alone."""
    assert report.problems == ()
    listings = await library.documents(["handbook"])
    pages: dict[str, set[str]] = {"en": set(), "ko": set()}
    for listing in listings:
        assert listing.path.startswith(listing.language)
        pages[listing.language].add(Path(listing.path).stem)
    assert pages["en"] == pages["ko"]
    assert len({listing.title for listing in listings}) == len(listings)


async def test_questions_find_their_page(library: Library, report: Report) -> None:
    """Recall among the first three passages, in both languages."""
    missed: dict[str, list[str]] = {"en": [], "ko": []}
    asked = {"en": 0, "ko": 0}
    for question, pages in PAIRS:
        language = language_of(question)
        asked[language] += 1
        if not {page(passage) for passage in await ask(library, question)} & set(pages):
            missed[language].append(question)
    for spoken in LANGUAGES:
        assert len(missed[spoken]) <= (1 - RECALL) * asked[spoken], missed[spoken]


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("How do I connect Slack?", "en/slack.md"),
        ("슬랙은 어떻게 연결해?", "ko/slack.md"),
        ("How do I connect Discord?", "en/discord.md"),
        ("디스코드는 어떻게 연결해?", "ko/discord.md"),
        *(
            (starter, "")
            for starter in load(ROOT / "assistants")["maru"].starters
        ),
    ],
)  # fmt: skip
async def test_the_first_questions_get_the_first_place(
    library: Library, report: Report, question: str, path: str
) -> None:
    """The question of a newcomer, and every starter we suggest, are answered in their own language."""
    best = (await ask(library, question))[0]
    assert best.score >= FITTING
    assert best.language == language_of(question)
    if path:
        assert best.path == path


@pytest.mark.parametrize("question", UNANSWERED)
async def test_what_the_handbook_does_not_answer_is_not_quoted(
    library: Library, report: Report, question: str
) -> None:
    """Whatever single words it shares with the question."""
    assert all(passage.score < FITTING for passage in await ask(library, question))


def test_it_names_every_command_and_setting_that_exists() -> None:
    """The handbook follows the code, in both languages."""
    settings = {str(field.validation_alias) for field in Settings.model_fields.values()}
    for name, expected in (("talking", set(WORDS)), ("settings", settings)):
        for language in LANGUAGES:
            written = (HANDBOOK / language / f"{name}.md").read_text(encoding="utf-8")
            assert expected - set(re.findall(r"`([^`\s]+)`", written)) == set()


async def test_it_is_indexed_quickly(library: Library) -> None:
    """Aim: 100 ms for the whole handbook; the bound leaves room for a busy machine."""
    begun = perf_counter()
    await library.sync("handbook")
    assert perf_counter() - begun < 1.0

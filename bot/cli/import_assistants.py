"""`maru import assistant`: writes the files of assistants, and drafts of their functions."""

import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import function_files
from bot.assistants import SUFFIXES, read
from bot.environment import for_functions
from bot.errors import AssistantError, FunctionError
from bot.files import Files
from bot.moving import assistants_api
from bot.moving.drafts import draft, file_name
from bot.moving.hints import python_name
from bot.moving.pages import Page
from bot.moving.profiles import Profile, profiles
from bot.moving.toml import written
from bot.settings import Settings


def run(settings: Settings, file: Path, *, dry: bool, force: bool) -> int:
    """The status says whether everything stands as the file has it."""
    found = profiles(assistants_api.read(file))
    # Never the shipped folders: what is written there would be gone with the next release.
    assistants = settings.assistants or Path("assistants")
    functions = settings.functions or Path("functions")
    told = [*_shadowed(settings, assistants, functions, found)]
    there = _functions(settings, told)
    left = 0
    for profile in found:
        print(f"{profile.old.name or profile.old.id} ({profile.old.id})")
        if other := _defined(assistants, profile.assistant.name):
            print(f"  {other}: defines {profile.assistant.name} already. Rename or remove one of the two.")
            left += 1
            continue
        left += _put(_page(assistants, profile), dry=dry, force=force)
        for function in profile.functions:
            if (name := python_name(function.name)) in there:
                print(f"  {name}: there is such a function already. See that it takes and does the same.")
            else:
                left += _put(Page(functions / file_name(function), draft(function)), dry=dry, force=force)
        for note in profile.notes:
            print(f"  {note}")
    print(*told, sep="\n", end="\n" if told else "")
    return 1 if left else 0


def _page(folder: Path, profile: Profile) -> Page:
    origin = f"{profile.old.name} ({profile.old.id})" if profile.old.name else profile.old.id
    return Page(folder / f"{profile.assistant.name}.toml", written(profile.assistant, origin))


def _put(page: Page, *, dry: bool, force: bool) -> bool:
    """Write a file where that harms nothing, and say what was done. True when it is left as it is."""
    state = page.state
    if state == "same":
        print(f"  {page.path}: stands there already")
    elif state == "different" and not force:
        print(f"  {page.path}: was changed meanwhile, and is left as it is. --force replaces it.")
        return True
    elif dry:
        print(f"  {page.path}: would be {'written' if state == 'new' else 'replaced'}:")
        print(textwrap.indent(page.text, "  | ", lambda _: True), end="")
    else:
        page.write()
        print(f"  {page.path}: {'written' if state == 'new' else 'replaced'}")
    return False


def _functions(settings: Settings, told: list[str]) -> frozenset[str]:
    """The names of the functions that there are."""
    # They are not called, so no file of theirs is kept; a dry run leaves nothing behind.
    with TemporaryDirectory() as folder:
        try:
            found = function_files.load(settings.folder("functions"), Files(Path(folder)), for_functions())
        except FunctionError as error:
            told.append(f"The functions that there are could not be looked at:\n{error}")
            return frozenset()
    return frozenset(found)


def _defined(folder: Path, name: str) -> Path | None:
    """Another file that has an assistant of this name."""
    for path in sorted(folder.glob("[!_]*")):
        if path.suffix not in SUFFIXES or path.name == f"{name}.toml":
            continue
        try:
            if read(path).name == name:
                return path
        except AssistantError:
            continue  # Maru itself reports what is wrong with it
    return None


def _shadowed(
    settings: Settings, assistants: Path, functions: Path, found: Sequence[Profile]
) -> Iterator[str]:
    """What a folder that is new takes the place of."""
    wanted = [("assistants", assistants)]
    wanted += [("functions", functions)] if any(profile.functions for profile in found) else []
    for name, folder in wanted:
        if not folder.is_dir():
            shipped = settings.folder("assistants" if name == "assistants" else "functions")
            yield (
                f"{folder} is new: from the next start on it takes the place of {shipped}. "
                "Copy from there what you want to keep."
            )

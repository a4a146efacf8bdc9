"""Loads the team's functions: every public one of the files in a folder, and of installed packages."""

import importlib.metadata
import inspect
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from bot.errors import FunctionError
from bot.files import Files
from bot.functions import Function
from bot.signatures import function_of

logger = logging.getLogger(__name__)

GROUP = "maru.functions"  # the entry points of packages that bring functions
PACKAGE = "maru_functions"  # in front of the names of the modules made from files


class _Uncached(SourceFileLoader):
    """Always from the source: a cache goes by whole seconds, and a file may change twice in one."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def load(folder: Path, files: Files, settings: Mapping[str, str]) -> dict[str, Function]:
    """The functions of a folder and of installed packages, by name.

    Files whose names begin with `_` are left out. Raises FunctionError that names every wrong file,
    where in it, and the remedy.
    """
    found: dict[str, Function] = {}
    problems: list[str] = []
    for called, place in _candidates(folder, problems):
        name = called.__name__
        if name in found:
            problems.append(f"{place}: there is already a function {name}. Give this one a new name.")
            continue
        try:
            found[name] = function_of(called, files, settings)
        except FunctionError as error:
            problems.append(f"{place}: {error}")
    if problems:
        raise FunctionError("\n".join(problems))
    return found


def _candidates(folder: Path, problems: list[str]) -> Iterator[tuple[Callable[..., Any], str]]:
    """Every public function, and where it is written."""
    for path in sorted(folder.glob("[!_]*.py")):
        try:
            module = _imported(path)
        except FunctionError as error:
            problems.append(str(error))
        else:
            yield from _public(module)
    for entry in importlib.metadata.entry_points(group=GROUP):
        try:
            loaded = entry.load()
        except Exception as error:
            # A package may raise anything while it is imported.
            logger.exception("the functions of %s cannot be loaded", entry.value)
            problems.append(
                f"{entry.value}: cannot be loaded ({type(error).__name__}: {error}). "
                "Update or remove its package."
            )
            continue
        if isinstance(loaded, ModuleType):
            yield from _public(loaded)
        elif inspect.isfunction(loaded):
            yield loaded, _place(loaded)
        else:
            problems.append(f"{entry.value}: is neither a function nor a module. Point {GROUP} at one.")


def _public(module: ModuleType) -> Iterator[tuple[Callable[..., Any], str]]:
    for name, member in vars(module).items():
        if inspect.isfunction(member) and member.__module__ == module.__name__ and not name.startswith("_"):
            yield member, _place(member)


def _place(called: Callable[..., Any]) -> str:
    code = inspect.unwrap(called).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def _imported(path: Path) -> ModuleType:
    """Raises FunctionError when the file cannot be run."""
    name = f"{PACKAGE}.{path.stem}"
    spec = spec_from_file_location(name, path, loader=_Uncached(name, str(path)))
    if spec is None or spec.loader is None:
        raise FunctionError(f"{path}: cannot be loaded. Give it a name that ends in .py.")
    module = module_from_spec(spec)
    before = sys.modules.get(name)
    sys.modules[name] = module  # where types named in quotes are looked up
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        if not isinstance(error, (Exception, SystemExit)):
            raise
        raise FunctionError(
            f"{path}:{_line(error, path)}: {type(error).__name__}: {error}. Mend that place."
        ) from error
    return module


def _line(error: BaseException, path: Path) -> int:
    """The line of the file at which it went wrong."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 1
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return (lines[-1] if lines else 1) or 1

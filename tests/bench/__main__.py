"""`make bench`: runs every measurement, prints a table and writes JSON."""

import argparse
import asyncio
import json
import sqlite3
import tempfile
from pathlib import Path

from tests.bench.measurements import MEASUREMENTS

OUTPUT = Path("bench.json")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; all when left out")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    chosen = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    for name in chosen.names or MEASUREMENTS:
        with tempfile.TemporaryDirectory(prefix="maru-bench-") as folder:
            results[name] = asyncio.run(MEASUREMENTS[name](Path(folder)))
        print(f"\n{name}")
        for figure, value in results[name].items():
            print(f"  {figure:<46} {value:>12,.1f}")
    content = {"sqlite": sqlite3.sqlite_version, "results": results}
    chosen.output.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Writes the central results of every set in params/ beside this file, for tests/test_expected.py.

    python -m tests.expected

Do so after every change of numbers that is meant, and read the difference before committing it.
"""

import json
from pathlib import Path

from costmodel import evaluate, load
from costmodel.documents import costs_json
from costmodel.locations import set_names

FOLDER = Path(__file__).parent


def central(name):
    """Costs of a set at central values, to 12 significant digits."""

    def rounded(item):
        if isinstance(item, dict):
            return {key: rounded(value) for key, value in item.items()}
        return float(f"{item:.12g}") if isinstance(item, float) else item

    case = load(name)
    return rounded(costs_json(case, evaluate(case)))


def main():
    """Write all files, and remove those of sets that are gone."""
    names = set_names()
    for file in FOLDER.glob("*.json"):
        if file.stem not in names:
            file.unlink()
    for name in names:
        text = json.dumps(central(name), indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

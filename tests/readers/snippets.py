"""The Python snippets of docs/sweep-results.md, by the heading that they stand under."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "sweep-results.md"


def snippet(heading):
    """The text of the one snippet under `## heading`."""
    sections = re.split(r"^## ", DOCUMENT.read_text(), flags=re.MULTILINE)
    (section,) = [section for section in sections if section.startswith(heading + "\n")]
    (text,) = re.findall(r"^```python\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
    assert text.count("\n") <= 10, f"the snippet of {heading} has more than ten lines"
    return text


def run(heading):
    """What the snippet under `heading` defines, run in the current folder."""
    names = {}
    exec(compile(snippet(heading), f"{DOCUMENT}, {heading}", "exec"), names)
    return names

"""`python -m workflows [PAGE]`: print every machine's diagram as a Markdown block, or draw the blocks of a page as they are now."""

import re
import sys
from pathlib import Path

from workflows import LAWS, diagram

BLOCK = re.compile(r"<!-- diagram:(\w+) -->.*?<!-- /diagram -->", re.DOTALL)

if __name__ == "__main__":
    for page in map(Path, sys.argv[1:]):
        text = page.read_text(encoding="utf-8")
        page.write_text(BLOCK.sub(lambda block: diagram(LAWS[block[1]]), text), encoding="utf-8")
    if not sys.argv[1:]:
        print("\n\n".join(diagram(law) for law in LAWS.values()))

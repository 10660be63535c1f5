"""`python -m workflows [PAGE]`: print every machine's diagram as a Markdown block, or draw the blocks of a page as they are now."""

import re
import sys
from pathlib import Path

from workflows import LAWS, diagram

BLOCK = re.compile(r"<!-- diagram:(\w+) -->.*?<!-- /diagram -->", re.DOTALL)

if __name__ == "__main__":
    pages = [Path(name) for name in sys.argv[1:]]
    if missing := [str(page) for page in pages if not page.is_file()]:
        sys.exit(f"No such page: {', '.join(missing)}.")
    for page in pages:
        text = page.read_text(encoding="utf-8")
        page.write_text(BLOCK.sub(lambda block: diagram(LAWS[block[1]]), text), encoding="utf-8")
    if not pages:
        print("\n\n".join(diagram(law) for law in LAWS.values()))

"""The law book: the states and moves of everything that has a life here, the formula of the award, and
what an agreement freezes.

Pure Python and `transitions`: no web, no database, nothing else of ours. One module for each kind of thing. What a
move of one thing means to another is done by the actions, and told as data in tests/workflows/coupling.py.
"""

from collections.abc import Mapping

from workflows import application, funding, internship, payout, posting, submission, task
from workflows.machine import Law

LAWS: Mapping[str, Law] = {
    module.LAW.name: module.LAW
    for module in (posting, application, internship, task, submission, funding, payout)
}


def diagram(law: Law) -> str:
    """The law's Mermaid block in Markdown, between the markers by which a page is kept in step."""
    return f"<!-- diagram:{law.name} -->\n```mermaid\n{law.mermaid()}\n```\n<!-- /diagram -->"

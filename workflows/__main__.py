"""`python -m workflows`: every machine's diagram as a Markdown block that a test keeps in step."""

from workflows import LAWS, diagram

if __name__ == "__main__":
    print("\n\n".join(diagram(law) for law in LAWS.values()))

"""The catalogues of translations: drawn from the source, kept complete, compiled. Used by `make words` and `make check` only."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(__file__).resolve().parent / "translations"
SOURCES = (("webapp/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2"))
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "_n": (1, 2),
}
OPTIONS = {"templates/**": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
LOCALES = ("en", "vi")
# Messages that are the same in every language: names, codes and what consists of parameters only.
SAME = frozenset({"Stint", "Stripe", "%(name)s, %(when)s", "%(percent)s %%", "%(size)s KB", "%(size)s MB"})


def extract() -> Catalog:
    """Every message of the source, with the place of its first use."""
    catalogue = Catalog(project="Stint", charset="utf-8")
    extracted = extract_from_dir(
        ROOT,
        method_map=list(SOURCES),
        options_map=OPTIONS,
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
        directory_filter=_may_hold_words,
    )
    for name, line, message, comments, context in extracted:
        catalogue.add(message, None, [(name, line)], auto_comments=comments, context=context)
    return catalogue


def _may_hold_words(folder: str) -> bool:
    """Our own folders only; `templates/_base` is one of them, whatever its first letter says to Babel."""
    parts = Path(folder).relative_to(ROOT).parts
    return not parts or (parts[0] in ("webapp", "templates") and "__pycache__" not in parts)


def update() -> None:
    """Bring each catalogue into line with the source and compile it. English says what the source says."""
    for locale in LOCALES:
        catalogue = _read(locale)
        # Extracted again for each: a catalogue takes the messages themselves, and two would share them.
        catalogue.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        if locale == "en":
            for message in catalogue:
                if message.id:
                    message.string = message.id
        folder = _folder(locale)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "messages.po").write_bytes(_po(catalogue))
        (folder / "messages.mo").write_bytes(_mo(catalogue))


def problems() -> list[str]:
    """What is missing, left over, empty, fuzzy or not compiled, as sentences."""
    source_texts = {(m.id if isinstance(m.id, str) else m.id[0]) for m in extract() if m.id}
    faults: list[str] = []
    for locale in LOCALES:
        catalogue = _read(locale)
        messages = {(m.id if isinstance(m.id, str) else m.id[0]): m for m in catalogue if m.id}
        faults += [
            f"{locale}: not in the catalogue: {text!r}" for text in sorted(source_texts - set(messages))
        ]
        faults += [
            f"{locale}: not in the source any more: {text!r}" for text in sorted(set(messages) - source_texts)
        ]
        for text, message in messages.items():
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            if not all(strings) or message.fuzzy or (locale != "en" and text in strings and text not in SAME):
                faults.append(f"{_file(locale)}:{message.lineno}: not translated: {text!r}")
            faults += [f"{locale}: {text!r}: {error}" for error in message.check()]
        compiled = _folder(locale) / "messages.mo"
        if not compiled.exists() or compiled.read_bytes() != _mo(catalogue):
            faults.append(f"{locale}: messages.mo is not what messages.po says")
    return faults


def _folder(locale: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES"


def _file(locale: str) -> Path:
    return (_folder(locale) / "messages.po").relative_to(ROOT)


def _read(locale: str) -> Catalog:
    path = ROOT / _file(locale)
    if not path.exists():
        return Catalog(locale=locale, project="Stint", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _po(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_po(
        out, catalogue, width=100, no_location=True, omit_header=False, sort_output=True, ignore_obsolete=True
    )
    return out.getvalue()


def _mo(catalogue: Catalog) -> bytes:
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main(arguments: list[str]) -> int:
    """Update the catalogues, unless `--check`; print what a person still has to do. 1 while there is anything."""
    if "--check" not in arguments:
        update()
    missing = problems()
    print("\n".join(missing) or "The catalogues are complete.")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

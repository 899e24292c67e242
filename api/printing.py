"""An answer as a person reads it in a terminal, in the language it was put into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.rulebook.values import Language

_LABELS: Mapping[str, Mapping[Language, str]] = {
    "allow": {"en": "ALLOW", "zh": "允许", "fr": "AUTORISÉ"},
    "deny": {"en": "DENY", "zh": "不允许", "fr": "REFUSÉ"},
    "as_of": {"en": "as of", "zh": "日期", "fr": "au"},
    "line": {"en": "line", "zh": "行", "fr": "ligne"},
    "law": {"en": "law", "zh": "依据", "fr": "droit"},
    "remedy": {"en": "remedy", "zh": "补救", "fr": "remède"},
    "warning": {"en": "warning", "zh": "警告", "fr": "avertissement"},
    "applies": {"en": "if it applies", "zh": "如适用", "fr": "s'il s'applique"},
    "suspended": {"en": "if it is suspended", "zh": "如暂停", "fr": "s'il est suspendu"},
    "no_hit": {
        "en": "{name}: no listed party, as of {as_of}",
        "zh": "{name}：截至{as_of}未命中列名主体",
        "fr": "{name} : aucune partie listée au {as_of}",
    },
    "from": {"en": "from", "zh": "自", "fr": "à partir du"},
}


def in_words(answer: Mapping[str, Any], language: Language) -> str:
    """Outcome, reasons with law and remedy, warnings and outlook."""

    def label(name: str) -> str:
        return _LABELS[name][language]

    lines = [
        f"{answer['reference']}  {label(answer['outcome'])}  {answer['disposition']}"
        f"  {label('as_of')} {answer['as_of']}"
    ]
    for reason in answer["reasons"]:
        about = ", ".join(map(str, reason["lines"]))
        where = f"{label('line')} {about}: " if about else ""
        lines.append(f"\n  [{reason['disposition']}] {where}{reason['message']}")
        if reason["basis"]:
            clause = f", {reason['basis']['clause']}" if reason["basis"]["clause"] else ""
            lines.append(f"      {label('law'):<7} {reason['basis']['title']}{clause}")
            lines.append(f"              {reason['basis']['source']}")
        if reason["remedy"]:
            lines.append(f"      {label('remedy'):<7} {reason['remedy']}")
    for warning in answer["warnings"]:
        lines.append(f"\n  {label('warning')} {warning['code']}: {warning['message']}")
        for reading in warning.get("readings", ()):
            state = label("applies" if reading["applies"] else "suspended")
            lines.append(f"      {state}: {reading['outcome']} {reading['disposition']}")
    for prospect in answer["outlook"]:
        lines.append(
            f"\n  {label('from')} {prospect['from']}: "
            f"{prospect['outcome']} {prospect['disposition']}"
        )
        lines.extend(f"      {reason}" for reason in prospect["reasons"])
    return "\n".join(lines) + "\n"


def hits_in_words(answer: Mapping[str, Any], language: Language) -> str:
    """The listed parties a name may be, best first."""
    if not answer["hits"]:
        return _LABELS["no_hit"][language].format(**answer)
    lines = [f"{answer['name']}  {_LABELS['as_of'][language]} {answer['as_of']}"]
    for hit in answer["hits"]:
        until = f" → {hit['suspended_until']}" if hit["suspended_until"] else ""
        lines.append(f"\n  {hit['score']}  {hit['name']}  [{hit['list']}, {hit['state']}{until}]")
        lines.append(f"      {hit['because']}")
        lines.append(f"      {hit['title']}, {hit['listed_from']}")
    return "\n".join(lines) + "\n"

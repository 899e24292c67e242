"""How goods are named, and what customs codes themselves say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from api.rulebook.conditions import Condition
from api.rulebook.values import Text, Verified


@dataclass(frozen=True)
class CustomsCode:
    """What a customs code itself says of the goods declared under it."""

    hs: str
    title: Text
    material: str | None
    form: str | None
    means: Condition
    denied_by: tuple[str, ...]
    verified: Verified


@dataclass(frozen=True)
class Material:
    """A material, what it is called, and the words that name it."""

    id: str
    title: Text
    element: str | None
    names: tuple[str, ...]
    members: frozenset[str] = frozenset()
    headings: frozenset[str] = frozenset()
    """Customs headings (four digits) besides those of its entries under which it is declared."""


@dataclass(frozen=True)
class TakenBack:
    """Words that take a name back right before it, or right after it at the end of a clause."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Purpose:
    """Words before which (`after` which, by position) a purpose stands: "for", "用于", "…用"."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Designation:
    """A way of writing (RE2) that stands for names: "N42SH" for NdFeB."""

    pattern: str
    stands_for: tuple[str, ...]


@dataclass(frozen=True)
class System:
    """Elements that stand for names when a formula has them all: Nd, Fe and B for NdFeB."""

    elements: frozenset[str]
    stands_for: tuple[str, ...]


@dataclass(frozen=True)
class Article:
    """Finished goods that no control entry reaches: their words, and their customs codes.

    `throughout` are materials that such goods may consist of altogether: entries of others reach
    them. None for devices, of which no material is more than a part.
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    throughout: frozenset[str] | None


@dataclass(frozen=True)
class Goods:
    """How goods are named, and what customs codes say."""

    materials: Mapping[str, Material]
    form_words: Mapping[str, tuple[str, ...]]
    shapes: frozenset[str]
    """Words for forms that tell a shape and no substance: granules may be metal or oxide."""
    negation: TakenBack
    purpose: Purpose
    designations: tuple[Designation, ...]
    systems: tuple[System, ...]
    articles: tuple[Article, ...]
    attachments: tuple[str, ...]
    """Patterns (RE2) of what stands for a part of the goods: "… with magnets", "带磁铁的…"."""
    lookalikes: tuple[str, ...]
    """Names that contain a word for restricted goods and mean others: "magnet wire"."""
    variants: Mapping[str, str]
    """Characters that are read as others: 鎢 as 钨."""
    vague: tuple[str, ...]
    """Words that say nothing of the goods."""
    customs_codes: Mapping[str, CustomsCode]

    @cached_property
    def article_words(self) -> frozenset[str]:
        """All names of finished goods."""
        return frozenset(name for article in self.articles for name in article.names)

    def form_by_code(self, code: str | None) -> str | None:
        """The form that a customs code tells, or that all longer codes below it tell alike."""
        if code is None:
            return None
        if code in self.customs_codes:
            return self.customs_codes[code].form
        stem = code[:6] + code[6:].rstrip("0")
        forms = {known.form for hs, known in self.customs_codes.items() if hs.startswith(stem)}
        return forms.pop() if len(forms) == 1 else None

"""How goods are named, and what customs codes themselves say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    """A material and the words that name it."""

    id: str
    element: str | None
    names: tuple[str, ...]
    members: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TakenBack:
    """Words that take a name back when they stand right before or right after it.

    Not when one of `not_after` follows: "antimony, free of charge".
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    not_after: tuple[str, ...]


@dataclass(frozen=True)
class Purpose:
    """Words before which (`after` which, by position) a purpose stands: "for", "用于", "…用"."""

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Designation:
    """A way of writing (RE2) that stands for a name: "N42SH" for NdFeB."""

    pattern: str
    stands_for: str


@dataclass(frozen=True)
class Goods:
    """How goods are named, and what customs codes say."""

    materials: Mapping[str, Material]
    form_words: Mapping[str, tuple[str, ...]]
    negation: TakenBack
    purpose: Purpose
    designations: tuple[Designation, ...]
    customs_codes: Mapping[str, CustomsCode]

"""Finished goods, told by words and customs code: no entry for a material reaches them."""

from __future__ import annotations

import re2

from api.decide.codes import FULL_CODE, Codes
from api.decide.description import Naming, Reader
from api.decide.goods import ArticleNamed
from api.decide.naming import Vague
from api.rulebook.goods import Goods
from api.shipment import Line

# Beside the name of finished goods, these forms tell material for such goods: "LED wafers".
_MATERIAL_FORMS = frozenset(
    {"ore", "metal", "powder", "alloy", "oxide", "wafer", "target", "scrap"}
)
_DECLARED_AS_MATERIAL = _MATERIAL_FORMS - {"metal", "alloy"} | {"magnet"}
_FINISHED_CHAPTERS = tuple(str(chapter) for chapter in range(82, 98))


class Articles:
    """Finds the finished goods that lines name."""

    def __init__(self, goods: Goods, reader: Reader, codes: Codes, vague: Vague) -> None:
        self._articles = goods.articles
        self._form_by_code = goods.form_by_code
        self._attachments = tuple(re2.compile(pattern) for pattern in goods.attachments)
        self._reader = reader
        self._codes = codes
        self._vague = vague

    def named(self, naming: Naming, line: Line) -> ArticleNamed | None:
        """The finished goods that the description names, unless it speaks of material as well."""
        told = naming.told_forms | naming.told_by_model
        if not told.isdisjoint(_MATERIAL_FORMS) or line.form in _DECLARED_AS_MATERIAL:
            return None
        if line.purity_pct is not None:
            return None
        code = line.hs_code or ""
        full = len(code) == FULL_CODE and not self._codes.prints(code)
        full = full and self._form_by_code(code) is None
        found = [
            ArticleNamed(name, full and code.startswith(article.codes), article.throughout)
            for article in self._articles
            if (name := naming.meant_of(article.names)) is not None
        ]
        if full and code.startswith(_FINISHED_CHAPTERS) and not any(a.coded for a in found):
            found += self._whole_of_parts(line.description or "")
        return max(found, key=lambda article: article.coded, default=None)

    def _whole_of_parts(self, description: str) -> list[ArticleNamed]:
        """The goods that magnets are a part of: "door seal with magnets"."""
        whole = description
        for pattern in self._attachments:
            whole = pattern.sub("", whole)
        if whole == description or self._vague.says_nothing(whole):
            return []
        rest = self._reader.read(whole)
        speaks_of_more = "magnet" in rest.forms or rest.materials
        return [] if speaks_of_more else [ArticleNamed(whole.strip(), True, None, by_part=True)]

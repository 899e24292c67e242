"""What tells companies apart, more strictly than screening does: two firms must not become one.

Screening looks for one name among listed ones and may ask a person about a likeness. Here a
likeness decides whose past a shipment has, so every word counts but the legal form, and the part of
a company that ships or receives: "X Polymers GmbH, Werk 2" is X Polymers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from api.rulebook.parties import Screening
from api.screening.names import Reader
from api.shipment import Party

_LONGEST = 80
_MOST_IDENTIFIERS = 3
_REMEMBERED = 20_000
_NUMBER = r"(?:(?:no|nr|n°|#)?\.?\s*(?:\d{1,3}|[ivx]{1,4}|[a-z])\b)?"
_SITE = re.compile(
    r"[\s,;(-]+(?:werk|plant|factory|unit|site|warehouse|branch|workshop|division|depot|lager|usine"
    rf"|entrepôt|filiale|department|dept)\b\.?\s*{_NUMBER}[)\s]*$"
    r"|[\s,;(-]+(?:no|nr)\.?\s*\d{1,3}[)\s]*$"
    r"|(?:第?[一二三四五六七八九十\d]+(?:分?厂|工厂|车间|仓库|仓)|[一二三四五六七八九十\d]*分公司|分厂)$",
    re.IGNORECASE,
)
# Where a site may begin, counted from the end: its words are far shorter.
_LONGEST_SITE = 100
# Separators nobody writes in such a row; they part words as one does.
_ENDLESS = re.compile(r"[\s,;()-]{10,}")
# As they stand in company names, not the complete list of peoples: those trade goes through.
_COUNTRY_WORDS = frozenset(
    (
        "china chinese sino cn hongkong hong kong hk macau macao taiwan taiwanese japan japanese "
        "nippon nihon korea korean hanguk thailand thai siam vietnam vietnamese viet nam malaysia "
        "malaysian singapore indonesia indonesian philippines philippine india indian pakistan "
        "bangladesh myanmar burma laos lao cambodia cambodian sri lanka nepal mongolia mongolian "
        "kazakhstan uzbekistan kyrgyzstan tajikistan russia russian ukraine belarus turkey turkish "
        "turkiye turk georgia armenia azerbaijan iran iranian iraq israel israeli jordan saudi "
        "arabia arabian emirates uae dubai qatar oman kuwait bahrain egypt egyptian morocco "
        "tunisia algeria nigeria kenya ghana ethiopia tanzania africa african germany german "
        "deutschland france french italy italian italia spain spanish espana portugal netherlands "
        "holland dutch nederland belgium belgian belgie belgique luxembourg austria austrian "
        "osterreich switzerland swiss schweiz suisse denmark danish sweden swedish norway "
        "norwegian finland finnish iceland ireland irish britain british uk england poland polish "
        "polska czech czechia slovakia slovenia hungary hungarian romania bulgaria greece greek "
        "croatia serbia estonia latvia lithuania malta cyprus usa us america american canada "
        "canadian mexico mexican brazil brazilian brasil argentina chile peru colombia bolivia "
        "panama australia australian zealand asia asian europe european pacific sea eu"
    ).split()
)


class Names:
    """Makes keys of names, given the legal forms that officers keep."""

    def __init__(self, screening: Screening) -> None:
        self._reader = Reader(screening.legal_forms, screening.common_words)
        self.key = lru_cache(_REMEMBERED)(self._key)
        """All words of a name, whatever their order, spelling and number; "" where none is."""
        self.without_countries = lru_cache(_REMEMBERED)(self._without_countries)
        """The name as a group's members have it: its words less countries, in both writings."""

    def identity(self, name: str) -> str:
        """What somebody is known by of his name alone."""
        return (self.key(name) or name.casefold())[:_LONGEST]

    def identities(self, party: Party) -> tuple[str, ...]:
        """What a party is known by: its name and its numbers in registers. Any of them is it."""
        found = [self.identity(party.name)]
        for identifier in (party.identifiers or ())[:_MOST_IDENTIFIERS]:
            value = "".join(c for c in identifier.value.casefold() if c.isalnum())
            if value:
                found.append(f"{identifier.type.casefold()[:20]} {value}"[:_LONGEST])
        return tuple(dict.fromkeys(found))

    def _key(self, name: str) -> str:
        return " ".join(sorted(self._reader.read(_company(name)).words))

    def _without_countries(self, name: str) -> tuple[str, ...]:
        words = self._reader.read(_company(name)).written
        own = _less_countries(words)
        if not own or all(self._reader.is_common(word) for word in self._reader.usual(own)):
            own = words  # "China Chemicals" has no more of a name than that
        usual = " ".join(sorted(self._reader.usual(own)))
        return tuple(dict.fromkeys(key for key in (usual, "".join(own)) if key))


def _company(name: str) -> str:
    shorter = _ENDLESS.sub(" ", name)
    while (site := _SITE.search(shorter, max(0, len(shorter) - _LONGEST_SITE))) is not None:
        if not shorter[: site.start()].strip():
            break
        shorter = shorter[: site.start()]
    return shorter


def _less_countries(words: Sequence[str]) -> Sequence[str]:
    return [word for word in words if word not in _COUNTRY_WORDS]

"""What a party name comes down to: plain words, without legal form, script, case or accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from anyascii import anyascii
from rapidfuzz.distance import OSA

_LONGEST_RAW = 1_000
_LONGEST = 400
_MOST_WORDS = 24

# Words that only join others; the first are dropped, the others say little.
_JOINING = frozenset("the of and for its their und et".split())
_SMALL = (
    "a an das de degli dei del della den der des di die du el en in la le les van von y".split()
)
# Short forms that are not the beginning of the word they stand for.
_SHORT_FORMS = {
    "agcy": "agency", "assn": "association", "assoc": "associates", "bldg": "building",
    "bldrs": "builders", "bros": "brothers", "chem": "chemical", "chems": "chemicals",
    "comm": "communications", "comms": "communications", "constr": "construction",
    "ctr": "center", "centre": "center", "def": "defense", "defence": "defense",
    "dept": "department", "dev": "development", "dist": "distribution", "div": "division",
    "elec": "electric", "elect": "electronics", "electr": "electronics", "engg": "engineering",
    "eng": "engineering", "engr": "engineering", "engrg": "engineering",
    "eqpt": "equipment", "equip": "equipment", "ent": "enterprises", "entpr": "enterprises",
    "exp": "export", "fed": "federal", "fin": "finance", "gen": "general", "govt": "government",
    "grp": "group", "gp": "group", "hldg": "holding", "hldgs": "holdings", "hvy": "heavy",
    "imp": "import", "ind": "industries", "inds": "industries", "indus": "industries",
    "info": "information", "inst": "institute", "instr": "instruments", "int": "international",
    "intl": "international", "internat": "international", "lab": "laboratory",
    "labs": "laboratories", "log": "logistics", "mach": "machinery", "maint": "maintenance",
    "mar": "marine", "mat": "materials", "matls": "materials", "mech": "mechanical",
    "med": "medical", "mfg": "manufacturing", "mfr": "manufacturing", "mfrs": "manufacturers",
    "mgmt": "management", "mgt": "management", "mkt": "marketing", "mktg": "marketing",
    "natl": "national", "nat": "national", "nav": "naval", "org": "organization",
    "organisation": "organization", "pharm": "pharmaceuticals", "pharma": "pharmaceuticals",
    "prec": "precision", "prod": "products", "prods": "products", "res": "research",
    "sci": "science", "ship": "shipbuilding", "shipbldg": "shipbuilding", "svc": "services",
    "svcs": "services", "serv": "services", "sol": "solutions", "solns": "solutions",
    "sys": "systems", "syst": "systems", "tech": "technology", "technol": "technology",
    "techs": "technologies", "telecom": "telecommunications", "trans": "transport",
    "transp": "transport", "trdg": "trading", "univ": "university", "veh": "vehicles",
    "whse": "warehouse",
}  # fmt: skip

# Apostrophes and quotation marks vanish ("Int'l", "L'Oreal"); all else that is no letter parts.
_PLAIN = {code: " " for code in range(128) if not chr(code).isalnum()} | dict.fromkeys(
    map(ord, "'`"), None
)
_BRANCHES = re.compile(
    r" and (?:all )?(?:its|their) (?:branch(?:es)?|subsidiar(?:y|ies)|affiliates?)\b.*"
)
_DROPPED = re.compile(
    "[\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad"
    "\u00a9\u00ae\u2122\u2600-\u27bf\ufe00-\ufe0f\U0001f000-\U0001faff]"
)
_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_IDEOGRAPHS}]+|[\u3040-\u30ff\u31f0-\u31ff]+|[\uac00-\ud7af]+")
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")


def _plain(text: str) -> str:
    """A transliteration in lower case with nothing but letters, digits and single spaces."""
    return " ".join(anyascii(text).lower().translate(_PLAIN).split())


def _stem(word: str) -> str:
    """The singular of a common word, near enough to make "technologies" one with "technology"."""
    if len(word) > 5 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@dataclass(frozen=True, slots=True)
class Reading:
    """A name read: `written` its words as they stand, `words` the same in their common form.

    `ideographs` are its own, without those of legal forms and common words.
    """

    written: tuple[str, ...]
    words: tuple[str, ...]
    ideographs: str = ""


class Reader:
    """Reads names, given the legal forms and the common words officers keep."""

    def __init__(self, legal_forms: Sequence[str], common_words: Sequence[str]) -> None:
        self._legal, self._legal_ends = set[str](), set[str]()
        glued = set[str]()
        unspaced_legal = set[str]()
        for form in legal_forms:
            folded = unicodedata.normalize("NFKC", form).casefold().strip()
            plain = _joined_initials(_plain(folded).split())
            syllables = [_plain(c) for c in folded if _IDEOGRAPH.match(c)]
            if syllables:
                unspaced_legal.add(folded)
            if len(syllables) > 1:
                # A transliteration of 公司 may be typed in syllables: the last gives it away.
                self._legal_ends.add(syllables[-1])
                self._legal.add("".join(syllables))
                glued.add("".join(syllables))
            elif plain and not syllables:
                self._legal.add("".join(plain))
                self._legal_ends.add(plain[-1])
        # What a longer form has before a shorter one, as 股份 before 有限公司, may be left over.
        for form in unspaced_legal:
            for ending in unspaced_legal:
                rest = form.removesuffix(ending)
                if rest != form and len(rest) > 1 and _IDEOGRAPH.match(rest):
                    glued.add(_plain(rest).replace(" ", ""))
        self._glued = tuple(sorted(glued, key=lambda form: (-len(form), form)))
        unspaced_common = set[str]()
        self._common, self._usual = set(_SMALL), dict[str, str]()
        for word in common_words:
            folded = unicodedata.normalize("NFKC", word).casefold().strip()
            if _IDEOGRAPH.search(folded):
                unspaced_common.add(folded)
            plain_word = _plain(folded).replace(" ", "")
            stem = _stem(plain_word)
            if stem:
                self._common.add(stem)
                for surface in (plain_word, stem, f"{stem}s", f"{stem[:-1]}ies"):
                    if surface == plain_word or len(stem) > 3:
                        self._usual.setdefault(surface, stem)
        for short, full in _SHORT_FORMS.items():
            if short not in self._common:
                self._usual[short] = _stem(full)
        self._near_common = {
            key: word for word in sorted(self._usual) if len(word) > 4 for key in _one_less(word)
        }
        self._unspaced_legal = _any_of(unspaced_legal)
        self._unspaced_common = _any_of(unspaced_common)

    def is_common(self, word: str) -> bool:
        """Whether the word, in its common form, says little by itself."""
        return word in self._common or word in self._legal

    def is_nearly_common(self, word: str) -> bool:
        """Whether the word is a common one cut short or with one typing error."""
        if len(word) < 4:
            return False
        for key in _one_less(word):
            near = self._near_common.get(key)
            if near is not None and OSA.distance(word, near, score_cutoff=1) <= 1:
                return True
        return False

    def usual(self, written: Iterable[str]) -> tuple[str, ...]:
        """The words in their common form: "intl" is "international", plurals are singular."""
        usual = self._usual
        return tuple([usual.get(word, word) for word in written])

    def read(self, name: str) -> Reading:
        """Any text at all; what is left of it is bounded, and empty only if it holds no letter."""
        text, ideographs = name[:_LONGEST_RAW], ""
        if not text.isascii():
            text, ideographs = self._transliterated(text)
        text = text[:_LONGEST].lower().replace("&", " and ").translate(_PLAIN)
        if " its " in text or " their " in text:
            text = _BRANCHES.sub("", " ".join(text.split()))
        words = text.split()[:_MOST_WORDS]
        for word in words:
            if len(word) == 1:
                words = _joined_initials(words)
                break
        written = tuple(self._without_legal_form(words))
        return Reading(written, self.usual(written), ideographs)

    def _transliterated(self, text: str) -> tuple[str, str]:
        text = unicodedata.normalize("NFKC", _DROPPED.sub("", text))[:_LONGEST_RAW].casefold()
        text = unicodedata.normalize("NFKC", text)
        ideographs = ""
        if _RUN.search(text):
            if self._unspaced_legal is not None:
                text = self._unspaced_legal.sub(" ", text)
            own = text
            if self._unspaced_common is not None:
                own = self._unspaced_common.sub(" ", text)
                text = self._unspaced_common.sub(r" \g<0> ", text)
            ideographs = "".join(_IDEOGRAPH.findall(own)) or "".join(_IDEOGRAPH.findall(text))
            text = _RUN.sub(r" \g<0> ", text)
        return anyascii(_DROPPED.sub("", text)), ideographs

    def _without_legal_form(self, words: list[str]) -> list[str]:
        """The words less legal forms and joining words, unless nothing else is left."""
        legal, ends, first, last = self._legal, self._legal_ends, 0, len(words)
        while last > first + 1:
            ending = words[last - 1]
            if ending in ends:
                for start in range(max(first + 1, last - 7), last):
                    if "".join(words[start:last]) in legal:
                        last = start
                        break
                else:
                    break
            elif ending in _JOINING or ending in legal:
                last -= 1
            else:
                break
        while first < last - 1 and words[first] in legal:
            first += 1
        kept = [word for word in words[first:last] if word not in _JOINING]
        if self._glued and len(kept) <= 2 and kept and len(kept[-1]) > 9:
            for form in self._glued:
                if kept[-1].endswith(form) and len(kept[-1]) - len(form) > 2:
                    kept[-1] = kept[-1][: -len(form)]
        return kept or words[first:last] or words


def _joined_initials(words: Sequence[str]) -> list[str]:
    """Single letters that stand in a row made one word, as in "s r o" and "I H I"."""
    joined: list[str] = []
    open_run = False
    for word in words:
        if len(word) == 1 and open_run:
            joined[-1] += word
        else:
            joined.append(word)
            open_run = len(word) == 1
    return joined


def _one_less(word: str) -> Iterator[str]:
    """The word, and the word less one letter."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def _any_of(texts: set[str]) -> re.Pattern[str] | None:
    if not texts:
        return None
    return re.compile("|".join(map(re.escape, sorted(texts, key=lambda t: (-len(t), t)))))

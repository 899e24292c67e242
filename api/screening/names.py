"""What a party name comes down to: plain words, without legal form, script, case or accents."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anyascii import anyascii
from rapidfuzz.distance import OSA

from api.invisible import visible
from api.screening.ideographs import simplified
from api.screening.short_forms import SHORT_FORMS

# Of an endless text the beginning is read. The longest published name has 67 letters, and the
# longest name of a company that is known has some 200.
_LONGEST_RAW = 1_000
_LONGEST = 400
_MOST_WORDS = 24
# So far a text is searched for whole names among its words.
_LONGEST_SEARCHED = 10_000
# What a letter of another script comes down to, at most: "zhuang".
_MOST_LETTERS_OF_ONE = 6
# A text is told apart into so many pieces.
MOST_PIECES = 6
# A word that common words are looked for in, with an error: shorter ones are near too many.
_SHORTEST_COMMON_SPELT_WRONG = 4
# A run of pinyin that may end in that of a legal form, as "longdezaochuanyouxiangongsi".
_SHORTEST_RUN = 8
# "Gu fen you xian ze ren gong si" and "S. de R. L. de C. V." have no more words.
_MOST_WORDS_OF_FORM = 8
# Legal forms so long are known with two errors: "corporation", "partnership", "gesellschaft".
_LONG_FORM = 10
# "Aerosp" for "aerospace".
_SHORTEST_BEGINNING = 5

# Words that only join others; the first are dropped, the others say little.
_JOINING = frozenset("the of and for its their und et".split())
_SMALL = (
    "a an das de degli dei del della den der des di die du el en in la le les van von y".split()
)

# Apostrophes and quotation marks vanish ("Int'l", "L'Oreal"), as do control characters within a
# word; all else that is no letter parts words.
_VANISHING = {code: None for code in range(32) if not chr(code).isspace()} | {
    127: None, ord("'"): None, ord("`"): None,
}  # fmt: skip
_PLAIN = {code: " " for code in range(128) if not chr(code).isalnum()} | _VANISHING
_BRANCHES = re.compile(
    r" and (?:all )?(?:its|their) (?:branch(?:es)?|subsidiar(?:y|ies)|affiliates?)\b.*"
)
# Marks of trade and pictures.
_DROPPED = re.compile("[\u00a9\u00ae\u2122\u2600-\u27bf\U0001f000-\U0001faff]")
_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_IDEOGRAPHS}]+|[\u3040-\u30ff\u31f0-\u31ff]+|[\uac00-\ud7af]+")
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_CHUNK_ENDS = re.compile("[,;\n\uff0c\uff1b]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A name read: `written` its words as they stand, `words` the same in their common form.

    `full` is all of it, legal form and joining words too, without spaces. `ideographs` are those
    of the name without its legal form, `own_ideographs` those that belong to no common word either.
    `unspaced` is a name in ideographs, kana or hangul less its legal form, `unspaced_full` with it:
    its letters as they stand, foreign ones too; both are empty of any other name. `raw` are all
    words, legal form and joining words too.
    """

    written: tuple[str, ...]
    words: tuple[str, ...]
    full: str = ""
    ideographs: str = ""
    own_ideographs: str = ""
    unspaced: str = ""
    unspaced_full: str = ""
    raw: tuple[str, ...] = ()


class Reader:
    """Reads names, given the legal forms and the common words officers keep."""

    def __init__(self, legal_forms: Sequence[str], common_words: Sequence[str]) -> None:
        self._legal, self._legal_ends = set[str](), set[str]()
        run_on, unspaced = set[str](), set[str]()
        for form in legal_forms:
            folded = _folded(form)
            syllables = [_plain(c) for c in folded if _IDEOGRAPH.match(c)]
            if syllables:
                unspaced.add(folded)
                if len(syllables) > 1:
                    # Typed in pinyin, 公司 may be two words: the last one gives it away.
                    self._legal_ends.add(syllables[-1])
                    self._legal.add("".join(syllables))
                    run_on.add("".join(syllables))
            elif words := _joined_initials(_plain(folded).split()):
                self._legal.add("".join(words))
                self._legal_ends.add(words[-1])
        self._run_on = _longest_first(run_on)
        self._unspaced_legal = _any_of(unspaced)
        self._near_legal = _near(form for form in self._legal if len(form) > 2)
        # "Csbc Corporation, Taiwan". The shortest may be words of a name.
        self._inner_legal = {form for form in self._legal if len(form) > 3}
        self._long_legal = sorted(form for form in self._legal if len(form) >= _LONG_FORM)
        self._read_common(common_words)

    def _read_common(self, common_words: Sequence[str]) -> None:
        unspaced = set[str]()
        self._common, self._usual = set(_SMALL), dict[str, str]()
        for word in common_words:
            folded = _folded(word)
            if _IDEOGRAPH.search(folded):
                unspaced.add(folded)
            plain = _plain(folded).replace(" ", "")
            stem = _stem(plain)
            if not stem:
                continue
            self._common.add(stem)
            forms = {plain, stem}
            if folded.isascii() and len(stem) > 3:
                forms.add(f"{stem[:-1]}ies" if stem.endswith("y") else f"{stem}s")
            for form in sorted(forms):
                self._usual.setdefault(form, stem)
        self._usual |= {short: _stem(full) for short, full in SHORT_FORMS.items()}
        self._unspaced_common = _any_of(unspaced)
        long = {
            word
            for word in {*self._usual, *self._long_legal}
            if len(word) > _SHORTEST_COMMON_SPELT_WRONG
        }
        self._near_common = _near({*long, *(word for word in _JOINING if len(word) > 2)})
        self._sorted_common = sorted(long)

    def is_form(self, word: str) -> bool:
        """Whether the word is a legal form as it is kept."""
        return word in self._legal

    def is_common(self, word: str) -> bool:
        """Whether the word, in its common form, says little by itself."""
        return word in self._common or word in self._legal

    def is_nearly_common(self, word: str, inner: bool) -> bool:
        """Whether it is a common word with one typing error, or the beginning of one.

        `inner` words may be joining ones spelt wrong: "Institute fo Defense".
        """
        if len(word) < _SHORTEST_COMMON_SPELT_WRONG and not inner:
            return False
        if _is_near(word, self._near_common):
            return True
        if len(word) < _SHORTEST_BEGINNING:
            return False
        after = bisect(self._sorted_common, word)
        return after < len(self._sorted_common) and self._sorted_common[after].startswith(word)

    def is_legal_form(self, word: str) -> bool:
        """Whether the word is a legal form or one with typing errors, as "Ibc" for "Inc"."""
        if word in self._legal:
            return True
        if len(word) >= _LONG_FORM - 2:
            return any(OSA.distance(word, form, score_cutoff=2) <= 2 for form in self._long_legal)
        return len(word) > 1 and _is_near(word, self._near_legal)

    def usual(self, written: Iterable[str]) -> tuple[str, ...]:
        """The words in their common form: "intl" is "international", plurals are singular."""
        usual = self._usual
        return tuple([usual.get(word, word) for word in written])

    def read(self, name: str) -> Reading:
        """Any text at all; what is left of it is bounded, and empty only if it holds no letter.

        A name written again and again counts once.
        """
        # What is not shown is dropped first, lest it push a name beyond what is read.
        text, all_words, ideographs, own = _beginning(visible(name)), list[str](), "", ""
        unspaced = unspaced_full = ""
        if not text.isascii():
            text = _folded(_DROPPED.sub("", text))[:_LONGEST_RAW]
            if _RUN.search(text):
                all_words = _words(anyascii(text))
                unspaced_full = _letters(text)
                text, unspaced, ideographs, own = self._spaced(text)
            text = anyascii(text)
        words = _joined_initials(_words(text))
        full = "".join(_unrepeated(all_words or words))[:_LONGEST]
        if "its" in words or "their" in words:
            words = _BRANCHES.sub("", " ".join(words)).split()
        raw = _bounded(_unrepeated(words))
        written = tuple(_unrepeated(self._without_legal_form(raw)))
        return Reading(
            written,
            self.usual(written),
            full,
            ideographs,
            own,
            unspaced,
            unspaced_full,
            tuple(raw),
        )

    def all_words(self, text: str, reading: Reading) -> tuple[str, ...]:
        """The words of a text however long, in their common form and without legal forms.

        `reading` is what was read of it, which is all of most texts.
        """
        if len(text) <= _LONGEST_RAW and len(reading.raw) < _MOST_WORDS:
            return reading.words
        text = visible(text[:_LONGEST_SEARCHED])
        if not text.isascii():
            text = _folded(_DROPPED.sub("", text))
            if _RUN.search(text):
                text = self._spaced(text)[0]
            text = anyascii(text[:_LONGEST_SEARCHED])
        words = _joined_initials(_words(text[: _MOST_LETTERS_OF_ONE * _LONGEST_SEARCHED]))
        return self.usual(
            word for word in words if word not in _JOINING and word not in self._inner_legal
        )

    def letters(self, text: str) -> tuple[str, frozenset[int]]:
        """All letters of a text that holds unspaced words, and which of them begin anew.

        Those come first or behind a space or mark. Of any other text there are none.
        """
        text = visible(text[:_LONGEST_SEARCHED])
        if not _RUN.search(text):
            return "", frozenset()
        kept, begin = list[str](), {0}
        for c in _folded(text):
            if c.isalnum():
                kept.append(c)
            else:
                begin.add(len(kept))
        return "".join(kept), frozenset(begin)

    def pieces(self, text: str, reading: Reading) -> tuple[str, ...]:
        """The names in a text that goes on: what stands before a comma, a legal form or a number.

        So "Acme Inc. Purchasing Department" and "Acme, 12 Main Street" have a piece "acme". There
        are at most MOST_PIECES, and none but the first is one common word. `reading` is that of
        the text.
        """
        if text.isascii() and self._is_one_piece(text, reading):
            return ()
        text = _beginning(visible(text))
        if not text.isascii():
            text = _folded(_DROPPED.sub("", text))[:_LONGEST_RAW]
            if self._unspaced_legal is not None:
                text = self._unspaced_legal.sub(" , ", text)
        found: dict[str, None] = {}
        for chunk in _CHUNK_ENDS.split(text):
            piece: list[str] = []
            # Ideographs stay as they are, to be read like any name.
            plain = chunk if _RUN.search(chunk) else anyascii(chunk)
            for word in (*_joined_initials(_words(plain)), ""):
                ends = not word or word in self._legal or (word.isdigit() and len(word) > 1)
                if not ends:
                    piece.append(word)
                elif piece:
                    if not found or len(piece) > 1 or not self.is_common(*self.usual(piece)):
                        found[" ".join(piece)] = None
                    piece = []
            if len(found) >= MOST_PIECES:
                break
        return tuple(found)[:MOST_PIECES]

    def _is_one_piece(self, text: str, reading: Reading) -> bool:
        """Whether nothing stands behind a comma, a legal form or a number but legal forms."""
        legal, ends, last = self._legal, self._legal_ends, len(reading.raw)
        while last > 1 and (reading.raw[last - 1] in legal or reading.raw[last - 1] in ends):
            last -= 1
        if last == _MOST_WORDS or any(
            word in legal or word.isdigit() for word in reading.raw[1:last]
        ):
            return False
        _, *chunks = _CHUNK_ENDS.split(text)
        return all(word in legal or word in ends for chunk in chunks for word in _words(chunk))

    def without_run_on_form(self, reading: Reading) -> Reading | None:
        """The name less the pinyin of a legal form that its last word ends in, if it does."""
        last = reading.written[-1] if reading.written else ""
        if len(last) < _SHORTEST_RUN:
            return None
        for form in self._run_on:
            if last.endswith(form) and len(last) - len(form) > 2:
                written = (*reading.written[:-1], last[: -len(form)])
                return Reading(written, self.usual(written))
        return None

    def _spaced(self, text: str) -> tuple[str, str, str, str]:
        """Spaces around unspaced words, legal forms gone; it unspaced; its ideographs and own."""
        if self._unspaced_legal is not None:
            text = self._unspaced_legal.sub(" ", text)
        unspaced = _letters(text)
        ideographs = own = "".join(_IDEOGRAPH.findall(text))
        if self._unspaced_common is not None:
            own = "".join(_IDEOGRAPH.findall(self._unspaced_common.sub(" ", text)))
            text = self._unspaced_common.sub(_apart, text)
        return _RUN.sub(_apart, text), unspaced, ideographs, own

    def _without_legal_form(self, words: list[str]) -> list[str]:
        """The words less legal forms and joining words, unless nothing else is left."""
        legal, ends, first, last = self._legal, self._legal_ends, 0, len(words)
        while last > first + 1:
            ending = words[last - 1]
            if ending in ends or ending in legal:
                for start in range(max(first + 1, last - _MOST_WORDS_OF_FORM), last):
                    if "".join(words[start:last]) in legal:
                        last = start
                        break
                else:
                    break
            elif ending in _JOINING:
                last -= 1
            else:
                break
        start = first
        while start < last - 1 and words[start] in legal:
            start += 1
        kept = [w for w in words[start:last] if w not in _JOINING and w not in self._inner_legal]
        if start > first and all(self.is_common(word) for word in self.usual(kept)):
            # "SAS Institute" has a name of its own.
            kept = [w for w in words[first:last] if w not in _JOINING]
        return kept or words[first:last] or words


def _apart(found: re.Match[str]) -> str:
    return f" {found[0]} "


def _folded(text: str) -> str:
    """In one case, width and kind of ideograph. One letter may become many: the rest is cut."""
    text = unicodedata.normalize("NFKC", text)[:_LONGEST_SEARCHED].casefold()
    return simplified(unicodedata.normalize("NFKC", text)).strip()


def _beginning(text: str) -> str:
    """As much of a text as is read, and no half of a word at its end."""
    if len(text) <= _LONGEST_RAW:
        return text
    # Blanks are no way to hide a name behind the end of what is read.
    text = " ".join(text.split())
    return text[:_LONGEST_RAW].rpartition(" ")[0] or text[:_LONGEST_RAW]


def _letters(text: str) -> str:
    """Its letters and digits, without spaces and marks."""
    return "".join([c for c in text if c.isalnum()])[:_LONGEST]


def _unrepeated(words: list[str]) -> list[str]:
    """The words up to where they begin again, if they do nothing else from there on."""
    for start in range(1, len(words) // 2 + 1):
        if words[start] == words[0] and words[start:] == words[:-start]:
            return words[:start]
    return words


def _bounded(words: Sequence[str]) -> list[str]:
    """As many of the words as are read."""
    kept: list[str] = []
    room = _LONGEST
    for word in words[:_MOST_WORDS]:
        if len(word) > room:
            # The beginning of an endless word, but not half of one behind others.
            return kept or [word[:room]]
        kept.append(word)
        room -= len(word)
    return kept


def _words(ascii_text: str) -> list[str]:
    return ascii_text.lower().replace("&", " and ").translate(_PLAIN).split()


def _plain(text: str) -> str:
    """A transliteration in lower case with nothing but letters, digits and single spaces."""
    return " ".join(_words(anyascii(text)))


def _stem(word: str) -> str:
    """The singular of a common word, near enough to make "technologies" one with "technology"."""
    if len(word) > 5 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


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


def _one_less(word: str) -> set[str]:
    """The word, and the word less each of its letters."""
    less = {word[:at] + word[at + 1 :] for at in range(len(word))}
    less.add(word)
    return less


def _near(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Words by what is left of them after one letter is lost."""
    near: dict[str, tuple[str, ...]] = {}
    for word in sorted(words):
        for key in _one_less(word):
            near[key] = (*near.get(key, ()), word)
    return near


def _is_near(word: str, near: dict[str, tuple[str, ...]]) -> bool:
    """Whether one typing error makes the word one of those."""
    return any(
        OSA.distance(word, other, score_cutoff=1) <= 1
        for key in near.keys() & _one_less(word)
        for other in near[key]
    )


def _longest_first(texts: Iterable[str]) -> list[str]:
    return sorted(texts, key=lambda text: (-len(text), text))


def _any_of(texts: set[str]) -> re.Pattern[str] | None:
    if not texts:
        return None
    return re.compile("|".join(map(re.escape, _longest_first(texts))))

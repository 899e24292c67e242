"""Names spoilt as hands and forms spoil them: typing errors, words dropped, joined, shortened."""

from __future__ import annotations

import random
import string
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

from anyascii import anyascii

from api.rulebook.parties import ListedParty
from api.screening.names import Reader
from benchmarks.company_names import FORMS, HAN_FORMS, Party, without_form

_SHORT = {
    "International": "Intl", "Technologies": "Tech", "Technology": "Tech", "Aerospace": "Aerosp",
    "Manufacturing": "Mfg", "Industries": "Ind.", "Engineering": "Eng.", "Electronics": "Elec",
    "Laboratories": "Labs", "Services": "Svcs", "Systems": "Sys", "Holdings": "Hldgs",
    "Machinery": "Mach.", "Research": "Res.", "Group": "Grp", "Shipbuilding": "Shipbldg",
    "Instruments": "Instr.", "Materials": "Matls", "Semiconductor": "Semicon", "Logistics": "Log.",
    "Corporation": "Corp", "Company": "Co", "Institute": "Inst.", "National": "Nat'l",
    "Defense": "Def.", "Enterprises": "Ent.", "Operations": "Ops", "Equipment": "Eqpt",
}  # fmt: skip
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {a: b for row in _ROWS for a, b in zip(row, row[1:] + row[-2], strict=True)}

# A way is tried on so many parties for each name wanted.
_TRIES = 50

Way = Callable[[random.Random, Party], str | None]


def typing_error(make: random.Random, name: str) -> str:
    """One letter lost, doubled, swapped or replaced, often by its neighbour on the keys."""
    at = make.choice([n for n, c in enumerate(name) if c.isalnum()])
    kind = make.randrange(4)
    other = _BESIDE.get(name[at].lower(), "e")
    if make.random() < 0.5:
        other = make.choice(string.ascii_lowercase)
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + other + name[at:]
    if kind == 2 and at + 1 < len(name) and name[at + 1].isalnum():
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + other + name[at + 1 :]


def _letters(party: Party) -> int:
    return sum(c.isalnum() for word in party.words for c in word)


def _one_error(make: random.Random, party: Party) -> str | None:
    if _letters(party) < 5:
        return None
    return f"{typing_error(make, ' '.join(party.words))} {party.form}"


def _two_errors(make: random.Random, party: Party) -> str | None:
    if _letters(party) < 9:
        return None
    return f"{typing_error(make, typing_error(make, ' '.join(party.words)))} {party.form}"


def _dropped(make: random.Random, party: Party) -> str | None:
    words, at = party.words, make.randrange(len(party.words))
    if len(words) < 3 or not set(party.own) - {at}:
        return None
    return " ".join([*words[:at], *words[at + 1 :], party.form])


def _swapped(make: random.Random, party: Party) -> str | None:
    words = list(party.words)
    if len(words) < 2:
        return None
    one, two = make.sample(range(len(words)), 2)
    words[one], words[two] = words[two], words[one]
    return " ".join([*words, party.form])


def _joined(make: random.Random, party: Party) -> str | None:
    words = list(party.words)
    if len(words) < 2:
        return None
    at = make.randrange(len(words) - 1)
    words[at : at + 2] = [words[at] + words[at + 1]]
    return " ".join([*words, party.form])


def _split(make: random.Random, party: Party) -> str | None:
    words, at = list(party.words), make.randrange(len(party.words))
    if len(words[at]) < 5:
        return None
    cut = make.randrange(2, len(words[at]) - 1)
    words[at : at + 1] = [words[at][:cut], words[at][cut:]]
    return " ".join([*words, party.form])


def _shortened(make: random.Random, party: Party) -> str | None:
    if not any(word in _SHORT for word in party.words):
        return None
    return " ".join([_SHORT.get(word, word) for word in party.words] + [party.form])


def _initials(make: random.Random, party: Party) -> str | None:
    return "".join(w[0] for w in party.words).upper() if len(party.words) > 3 else None


def _dressed(make: random.Random, party: Party) -> str | None:
    plain = " ".join(party.words)
    kind = make.randrange(4)
    if kind == 0:
        return f"{plain} {make.choice(FORMS[make.choice(tuple(FORMS))])}"
    if kind == 1:
        return make.choice((plain.upper, plain.lower))()
    if kind == 2:
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in party.name)
    return anyascii(plain)


def _swapped_with_error(make: random.Random, party: Party) -> str | None:
    if len(party.words) < 2 or _letters(party) < 9:
        return None
    return typing_error(make, " ".join([*party.words[1:], party.words[0]]))


def _in_chinese(make: random.Random, party: Party) -> str | None:
    if not party.chinese:
        return None
    return without_form(party.chinese) + make.choice(["", "公司", *HAN_FORMS])


def _in_pinyin(make: random.Random, party: Party) -> str | None:
    if not party.chinese:
        return None
    kind = make.randrange(4)
    name = party.chinese if kind < 2 else without_form(party.chinese)
    syllables = [anyascii(c) for c in name if c.isalnum()]
    pinyin = " ".join(syllables) if kind % 2 else "".join(syllables).capitalize()
    return pinyin + (" Co., Ltd." if kind > 1 else "")


HanError = Literal["substitution", "deletion", "insertion", "transposition"]
_HAN = "大中新海山金木水火土东西南北天地人国家科电工机"


def han_error(make: random.Random, name: str, kind: HanError) -> str:
    """The name with one typing error in one of its letters but the last."""
    at = make.randrange(len(name) - 1)
    before, letter, after = name[:at], name[at], name[at + 1 :]
    if kind == "substitution":
        return before + make.choice(_HAN) + after
    if kind == "deletion":
        return before + after
    if kind == "insertion":
        return before + letter + make.choice(_HAN + letter) + after
    return before + after[0] + letter + after[1:]


WAYS: dict[str, Way] = {
    "one typing error": _one_error,
    "two typing errors": _two_errors,
    "a word dropped": _dropped,
    "words swapped": _swapped,
    "words joined": _joined,
    "a word split": _split,
    "shortened words": _shortened,
    "initials": _initials,
    "other legal form, case, width or accents": _dressed,
    "swapped with a typing error": _swapped_with_error,
    "Chinese": _in_chinese,
    "pinyin": _in_pinyin,
}


def spoilt(
    parties: Sequence[Party], count: int, seed: int, ways: Sequence[str] = tuple(WAYS)
) -> list[tuple[int, str, str]]:
    """Parties by number with a way of spoiling and the spoilt name, each way as often.

    Initials are taken only of a party that is alone to have them. There are fewer names if the
    parties have no room for the ways.
    """
    make = random.Random(seed)
    shared = Counter("".join(word[0] for word in p.words).upper() for p in parties)
    made: list[tuple[int, str, str]] = []
    for _ in range(_TRIES * count):
        if len(made) == count:
            break
        way = ways[len(made) % len(ways)]
        number = make.randrange(len(parties))
        name = WAYS[way](make, parties[number])
        if name and (way != "initials" or shared[name] == 1):
            made.append((number, way, name.strip()))
    return made


def party_of(listed: ListedParty, reader: Reader) -> list[Party]:
    """A listed party by each of its English names, with each of its Chinese names in turn."""
    english = [name for name in listed.names if name.isascii()]
    chinese = [name for name in listed.names if not name.isascii()] or [""]
    pairs = [(name, chinese[0]) for name in english]
    pairs += [(english[0], name) for name in chinese[1:] if english]
    parties = []
    for name, han in pairs:
        words, form = name.split(), list[str]()
        while len(words) > 1 and reader.is_legal_form("".join(reader.read(words[-1]).words)):
            form.insert(0, words.pop())
        own = tuple(
            at
            for at, word in enumerate(words)
            if any(not reader.is_common(part) for part in reader.read(word).words)
        )
        words = [word.rstrip(",") for word in words]
        parties.append(Party(tuple(words), own, " ".join(form), listed.country or "", han))
    return parties

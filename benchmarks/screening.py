"""Screening of names: what it finds and what it leaves alone, and what a name costs.

Beside it stands rapidfuzz's plain `token_sort_ratio` over all names, at the threshold that suits
it best. For quality it is computed as `ratio` of names whose words are sorted beforehand, which is
the same and quicker.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import fmean, median

import yaml
from anyascii import anyascii
from rapidfuzz import fuzz, process, utils

from api.checking import read_checked
from api.rulebook.parties import ListedParty, Screening
from api.rulebook.values import Period
from api.screening.names import Reader
from api.screening.screener import Screener
from benchmarks.company_names import Maker, Party, innocent
from benchmarks.figures import Figure
from benchmarks.nasty import NASTY
from benchmarks.spoiling import WAYS, party_of, spoilt

ROOT = Path(__file__).parent.parent
SEED = 20261123
QUALITY_LISTED = 10_000
SPOILT = INNOCENT = 5_000
SIZES = (500, 50_000, 1_000_000)
# A threshold below this finds everybody.
LOWEST_THRESHOLD = 60
ALWAYS = Period(date(2025, 1, 1), None)


def settings() -> Screening:
    """The thresholds and words of the rule set `cn`."""
    raw = yaml.safe_load((ROOT / "rules" / "cn" / "screening.yaml").read_text("utf-8"))
    points = {name: Decimal(value) for name, value in raw["points"].items()}
    return Screening(
        **points, legal_forms=tuple(raw["legal_forms"]), common_words=tuple(raw["common_words"])
    )


def listed(id_: str, names: tuple[str, ...], country: str | None) -> ListedParty:
    """A listed party of that name."""
    return ListedParty(id_, id_, "benchmark", names, (), country, (), False, ALWAYS, "memory", ())


def listed_of(parties: Sequence[Party]) -> list[ListedParty]:
    """The parties as listed, in English and where they have one by their Chinese name."""
    return [
        listed(str(n), (p.name, p.chinese) if p.chinese else (p.name,), p.country)
        for n, p in enumerate(parties)
    ]


def _unaccented(name: str) -> str:
    return utils.default_process(anyascii(name))


def _sorted_words(name: str) -> str:
    return " ".join(sorted(_unaccented(name).split()))


def quality() -> Iterator[Figure]:
    """How many spoilt names are found, and how many of the finds are right."""
    maker = Maker(SEED)
    parties = [maker.party() for _ in range(QUALITY_LISTED)]
    everyone = listed_of(parties)
    screener = Screener(everyone, settings())
    found = spoilt(parties, SPOILT, SEED + 1)
    others = innocent(parties, INNOCENT, SEED + 2)

    asked = Counter(kind for _, kind, _ in found)
    right = Counter(
        kind
        for number, kind, name in found
        if any(hit.listed.id == str(number) for hit in screener.screen(name))
    )
    wrong = Counter(kind for kind, name in others if screener.screen(name))
    recall, precision = right.total() / SPOILT, right.total() / (right.total() + wrong.total())
    plain = _plain(everyone, found, [name for _, name in others])
    best = max(plain, key=lambda pair: 2 * pair[0] * pair[1] / max(sum(pair), 1e-9))
    strict = max((found_share for found_share, share in plain if share >= 0.98), default=0.0)
    beside = f"token_sort_ratio at its best {best[0]:.3f}, {strict:.3f} at precision 0.98"
    yield Figure("screening, recall on spoilt names", recall, 0.98, at_most=False, note=beside)
    beside = f"token_sort_ratio at its best {best[1]:.3f}"
    yield Figure("screening, precision", precision, 0.98, at_most=False, note=beside)
    for kind, count in asked.items():
        note = f"{right[kind]} of {count}"
        yield Figure(f"  recall: {kind}", right[kind] / count, note=note)
    for kind, count in Counter(kind for kind, _ in others).items():
        note = f"{wrong[kind]} of {count}"
        yield Figure(f"  innocent taken for listed: {kind}", wrong[kind] / count, note=note)
    yield _as_published("made", screener, everyone)


def _plain(
    everyone: Sequence[ListedParty], found: Sequence[tuple[int, str, str]], others: Sequence[str]
) -> list[tuple[float, float]]:
    """Recall and precision of `token_sort_ratio` at each threshold."""
    names = [[_sorted_words(name) for name in party.names] for party in everyone]
    scores = [
        max(fuzz.ratio(_sorted_words(name), own) for own in names[number])
        for number, _, name in found
    ]
    every = [name for own in names for name in own]
    false_scores = [
        best[1]
        for name in others
        if (
            best := process.extractOne(
                _sorted_words(name), every, scorer=fuzz.ratio, score_cutoff=LOWEST_THRESHOLD
            )
        )
    ]
    rates = []
    for threshold in range(LOWEST_THRESHOLD, 101):
        true = sum(score >= threshold for score in scores)
        mistaken = sum(score >= threshold for score in false_scores)
        rates.append((true / len(found), true / max(1, true + mistaken)))
    return rates


def _as_published(which: str, screener: Screener, parties: Sequence[ListedParty]) -> Figure:
    names = [(party.id, name) for party in parties for name in party.names]
    exact = sum(
        any(hit.listed.id == id_ and hit.score >= 98 for hit in screener.screen(name))
        for id_, name in names
    )
    return Figure(
        f"screening, {which} names as published found at 98 or more",
        exact / len(names),
        1.0,
        at_most=False,
        note=f"{exact} of {len(names)}",
    )


def real(parties: Sequence[ListedParty]) -> Iterator[Figure]:
    """The real lists: each name spoilt in each way three times, and innocent names."""
    screener = Screener(parties, settings())
    yield _as_published("real", screener, parties)
    asked, right = Counter[str](), Counter[str]()
    # A name that counts only as published is not to be found otherwise.
    reader = Reader(settings().legal_forms, settings().common_words)
    for number, party in enumerate(parties):
        if party.full_name_only:
            continue
        for made in party_of(party, reader):
            for kind in WAYS:
                if kind == "initials":
                    continue  # Officers' hints are theirs.
                for _, _, name in spoilt([made], 3, SEED + number, [kind]):
                    asked[kind] += 1
                    right[kind] += any(
                        hit.listed.entity == party.entity for hit in screener.screen(name)
                    )
    for kind, count in asked.items():
        yield Figure(f"  real, recall: {kind}", right[kind] / count, note=f"of {count}")
    total = right.total() / asked.total()
    yield Figure("screening, recall on real names, spoilt", total, note=f"of {asked.total()}")
    names = yaml.safe_load((ROOT / "fixtures" / "innocent-names.yaml").read_text("utf-8"))
    innocents = [(name, country) for country, own in names.items() for name in own]
    taken = [name for name, _ in innocents if screener.screen(name)]
    note = f"of {len(innocents)}: {', '.join(taken)}"
    yield Figure("screening, innocent real-looking names hit", len(taken), 2, note=note)
    taken = [name for name, country in innocents if screener.screen(name, country)]
    note = f"of {len(innocents)}: {', '.join(taken)}"
    yield Figure("  the same, asked with their country", len(taken), note=note)


def cost() -> Iterator[Figure]:
    """Milliseconds a name as the list grows, beside rapidfuzz over all names."""
    maker = Maker(SEED)
    parties = [maker.party() for _ in range(SIZES[-1])]
    for size in SIZES:
        few = parties[:size]
        everyone = [listed(str(n), (p.name,), p.country) for n, p in enumerate(few)]
        started = time.perf_counter()
        screener = Screener(everyone, settings())
        built = time.perf_counter() - started
        likely = [name for _, _, name in spoilt(few, 240, SEED + 3)]
        nobody = [name for _, name in innocent(few, 240, SEED + 4)]
        mine, slowest = _milliseconds(screener.screen, likely + nobody, rounds=3)
        free, _ = _milliseconds(screener.screen, nobody, rounds=3)
        sample = (likely + nobody)[:: max(1, size // 5_000)]
        brute, _ = _milliseconds(_brute(few, fuzz.token_sort_ratio), sample, rounds=1)
        at_best, _ = _milliseconds(_brute(few, fuzz.ratio), sample, rounds=1)
        note = (
            f"{mine:.3f} ms beside {brute:.3f} ms, {at_best:.3f} ms with words sorted beforehand;"
            f" innocent {free:.3f} ms, slowest {slowest:.1f} ms, built in {built:.1f} s"
        )
        yield Figure(f"screening, {size:,} names beside brute force", mine / brute, 1.0, note=note)
        if size == SIZES[0]:
            yield Figure(f"screening, ms to build {size:,} names", built * 1e3, 100)
        if size == SIZES[-1]:
            yield Figure(f"screening, ms a name at {size:,} names", mine, 3.0)
        yield _worst(size, screener)


def _brute(parties: Sequence[Party], scorer: Callable[..., float]) -> Callable[[str], object]:
    """All names compared with one: plainly, or by `ratio` with their words sorted beforehand."""
    plain = _sorted_words if scorer is fuzz.ratio else _unaccented
    names = [plain(party.name) for party in parties]

    def extract(name: str) -> object:
        return process.extract(plain(name), names, scorer=scorer, score_cutoff=86, limit=10)

    return extract


def _milliseconds(
    call: Callable[[str], object], names: Sequence[str], rounds: int
) -> tuple[float, float]:
    """The mean over the names of each one's median time, and the longest median."""
    times: list[list[float]] = [[] for _ in names]
    for _ in range(rounds):
        for own, name in zip(times, names, strict=True):
            started = time.perf_counter()
            call(name)
            own.append(time.perf_counter() - started)
    medians = [median(own) * 1e3 for own in times]
    return fmean(medians), max(medians)


def _worst(size: int, screener: Screener) -> Figure:
    """The slowest of the texts that nobody has for a name."""
    times = {kind: _milliseconds(screener.screen, [text], 5)[0] for kind, text in NASTY.items()}
    slowest = max(times, key=lambda kind: times[kind])
    title = f"screening, ms for the nastiest text at {size:,} names"
    return Figure(title, times[slowest], 50, note=slowest)


def figures() -> Iterator[Figure]:
    """All of them; those of the real lists once the rule set has some."""
    yield from quality()
    parties = read_checked(ROOT / "rules" / "cn")[0].parties
    if parties:
        yield from real(parties)
    yield from cost()

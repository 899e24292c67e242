"""What must always hold of classification and of the answer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from api.checking import read_checked
from api.decide.evaluate import Evaluator
from api.decide.explain import render
from api.decide.facts import LookedUp
from api.decide.geometry import machinable_into
from api.disposition import Disposition
from api.rulebook.conditions import Shape
from api.rulebook.model import RuleSetVersion
from api.shipment import Dimensions, Line, Shipment
from tests.conftest import ROOT, propose

EVALUATOR = Evaluator(RuleSetVersion(read_checked(ROOT / "rules" / "cn")[0], 1), check_every=1)

REMEMBERING = Evaluator(EVALUATOR.version, check_every=10**9)

lines = st.fixed_dictionaries(
    {
        "description": st.sampled_from(
            [
                "Antimony trioxide",
                "NdFeB magnets",
                "SmCo",
                "Rotor with magnets",
                "Gallium",
                "钨棒",
                "dysprosium-free NdFeB magnets",
                "Indium antimonide",
                "copper",
                "oxide",
            ]
        )
    },
    optional={
        "hs_code": st.sampled_from(
            [
                "2825800010",
                "2825800090",
                "28258000",
                "282580",
                "8505111000",
                "8505119000",
                "8101940001",
                "2846901993",
                "2931900032",
                "7403111100",
            ]
        ),
        "form": st.sampled_from(
            ["oxide", "metal", "magnet", "assembly", "powder", "other", "alloy"]
        ),
        "purity_pct": st.sampled_from([0, 50, 99.5, 99.99, 99.9999999, 100]),
        "composition": st.lists(
            st.builds(
                lambda e, m: {"element": e, "mass_pct": m},
                st.sampled_from(["Sb", "Dy", "Tb", "Nd", "Fe", "Sm", "Co", "W", "Ga"]),
                st.sampled_from([0, 0.005, 0.05, 0.1, 2, 10]),
            ),
            max_size=5,
            unique_by=lambda c: c["element"],
        ),
        "dimensions_mm": st.fixed_dictionaries(
            {},
            optional={
                n: st.sampled_from([1, 49, 50, 115, 120, 300])
                for n in ("length", "width", "height", "diameter", "inner_diameter", "wall")
            },
        ),
        "origin": st.sampled_from(["CN", "VN"]),
    },
)
days = st.dates(date(2023, 1, 1), date(2028, 6, 1))


def load(line: dict[str, Any], **options: Any) -> Shipment:
    return msgspec.json.decode(orjson.dumps(propose(line, **options)), type=Shipment)


@settings(max_examples=300)
@given(lines, days, st.sampled_from(["US", "JP", "DE", "CN"]), st.sampled_from(["CN", "TH"]))
def test_deciding_is_a_pure_function_and_deny_only_where_a_reason_says_so(
    line: dict[str, Any], day: date, to: str, departure: str
) -> None:
    shipment = load(line, to=to, departure=departure)
    first, second = EVALUATOR.evaluate(shipment, day), EVALUATOR.evaluate(shipment, day)
    assert first.disposition == second.disposition
    assert [r.rule.id for r in first.reasons] == [r.rule.id for r in second.reasons]
    highest = max((r.disposition for r in first.reasons), default=Disposition.not_controlled)
    assert first.disposition == highest
    assert first.disposition == max(line.disposition for line in first.lines)


@settings(max_examples=150)
@given(lines, days, st.sampled_from(["US", "JP", "DE"]))
def test_nothing_changes_between_two_change_dates(line: dict[str, Any], day: date, to: str) -> None:
    shipment = load(line, to=to)
    changes = EVALUATOR.version.rule_set.change_dates
    tomorrow = day + timedelta(days=1)
    if tomorrow not in changes:
        today, later = EVALUATOR.evaluate(shipment, day), EVALUATOR.evaluate(shipment, tomorrow)
        assert today.disposition == later.disposition


@settings(max_examples=200)
@given(lines, st.sampled_from(["purity_pct", "composition", "dimensions_mm", "form", "hs_code"]))
def test_saying_less_never_turns_listed_into_allowed(line: dict[str, Any], silent: str) -> None:
    """Leaving out a figure may turn a licence into a question, never into an allow by silence."""
    full = EVALUATOR.classify(msgspec.convert({"line": 1, **line}, Line))
    less = {k: v for k, v in line.items() if k != silent}
    if silent not in ("purity_pct", "dimensions_mm"):
        return
    quiet = EVALUATOR.classify(msgspec.convert({"line": 1, **less}, Line))
    kept = {c.entry.id: c.match for c in quiet.entries}
    for found in full.entries:
        if found.match == "listed":
            assert kept.get(found.entry.id) in ("listed", "possible")


@settings(max_examples=300)
@given(
    st.lists(lines, min_size=1, max_size=2),
    days,
    st.sampled_from(["US", "JP", "DE"]),
    st.sampled_from(["CN", "TH", None]),
    st.sampled_from(["civil", "military", "nuclear", None]),
    st.sampled_from(["US", "JP", None]),
    st.sampled_from([None, "military", "trader"]),
    st.sampled_from([(), ("state_trading:antimony",)]),
    st.booleans(),
)
def test_what_is_remembered_is_what_is_decided_afresh(
    goods: list[dict[str, Any]],
    day: date,
    to: str,
    departure: str | None,
    use: str | None,
    end_user: str | None,
    business: str | None,
    qualifications: tuple[str, ...],
    licensed: bool,
) -> None:
    body = propose(goods[0], to=to, end_user=end_user, qualifications=qualifications)
    body["lines"] = [{"line": n, **line} for n, line in enumerate(goods, 1)]
    body["route"]["departure"] = departure
    body["end_use"]["category"] = use
    body["parties"][-1]["business"] = business
    body["licences"] = ["L"] if licensed else None
    shipment = msgspec.json.decode(orjson.dumps(body), type=Shipment)
    known = CLASSIFIED.setdefault
    looked_up = LookedUp(
        tuple(
            known(
                orjson.dumps(goods[line.line - 1]).decode() + str(line.line),
                REMEMBERING.classify(line),
            )
            for line in shipment.lines
        ),
        tuple(REMEMBERING.screen(party) for party in shipment.parties),
    )
    remembered = REMEMBERING.evaluate(shipment, day, looked_up)
    afresh = EVALUATOR.evaluate(shipment, day)
    said = [
        render(evaluation, EVALUATOR.version, shipment, "en") for evaluation in (remembered, afresh)
    ]
    assert said[0] == said[1]


CLASSIFIED: dict[str, Any] = {}
sizes = st.one_of(st.none(), st.integers(1, 400).map(Decimal))
SHAPES = (
    Shape("cylinder", (Decimal(120), Decimal(50))),
    Shape("tube", (Decimal(65), Decimal(25), Decimal(50))),
    Shape("block", (Decimal(120), Decimal(120), Decimal(50))),
)


@given(st.builds(Dimensions, length=sizes, width=sizes, height=sizes))
def test_a_bigger_block_never_yields_less(blank: Dimensions) -> None:
    bigger = Dimensions(
        **{
            n: None if (s := getattr(blank, n)) is None else s + 1
            for n in ("length", "width", "height")
        }
    )
    if machinable_into(blank, SHAPES):
        assert machinable_into(bigger, SHAPES)


@given(st.builds(Dimensions, length=sizes, diameter=sizes), st.sampled_from(["length", "diameter"]))
def test_a_size_left_out_decides_nothing_it_decided_otherwise(
    blank: Dimensions, silent: str
) -> None:
    known = machinable_into(blank, SHAPES)
    quiet = msgspec.structs.replace(blank, **{silent: None})
    if quiet.diameter is None and blank.diameter is not None:
        return  # what is left describes a block, another blank
    assert machinable_into(quiet, SHAPES) in (known, None)

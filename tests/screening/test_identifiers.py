"""Identifiers are compared by what they say, not by how they are written."""

from __future__ import annotations

from api.screening.identifiers import comparable


def test_case_and_punctuation_say_nothing() -> None:
    assert comparable([(" LEI ", "5493-00 1k")]) == comparable([("lei", "5493001K")])


def test_websites_are_their_hosts() -> None:
    assert comparable([("Website", "https://www.Leidos.com/a?b")]) == {("website", "leidos.com")}


def test_an_empty_value_is_none() -> None:
    assert comparable([("lei", " - "), ("website", "https://")]) == set()

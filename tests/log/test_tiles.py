"""Tiles and their paths, as C2SP tlog-tiles has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.log.errors import EntryTooLarge, Malformed
from api.log.tiles import (
    TilePath,
    entry_bundle,
    parse_tile_path,
    split_bundle,
    split_tile,
    tile_paths,
)


@pytest.mark.parametrize(
    ("path", "tile"),
    [
        ("tile/0/x001/x234/067", TilePath(0, 1_234_067)),
        ("tile/0/000", TilePath(0, 0)),
        ("tile/1/999", TilePath(1, 999)),
        ("tile/63/x001/000", TilePath(63, 1_000)),
        ("tile/4/001.p/5", TilePath(4, 1, 5)),
        ("tile/5/x123/x456/078.p/255", TilePath(5, 123_456_078, 255)),
        ("tile/entries/x001/x234/067", TilePath(None, 1_234_067)),
        ("tile/entries/000.p/1", TilePath(None, 0, 1)),
    ],
)
def test_a_path_reads_and_writes(path: str, tile: TilePath) -> None:
    assert parse_tile_path(path) == tile
    assert str(tile) == path


@given(
    st.builds(
        TilePath,
        st.one_of(st.none(), st.integers(0, 63)),
        st.integers(0, 2**63),
        st.integers(1, 256),
    )
)
def test_every_path_reads_as_it_was_written(tile: TilePath) -> None:
    assert parse_tile_path(str(tile)) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/000\n",
        " tile/0/000",
        "tile/0/" + "x123/" * 2_000 + "456",
        "tile/" + "9" * 5_000 + "/000",
        "tile/0/000.p/" + "9" * 5_000,
        *"""tile tile/ tile/0 tile/0/ tile/0/0 tile/0/00 tile/0/0000 tile/0/x000 tile/0/x000/000
    tile/0/x000/x001/000 tile/0/001/000 tile/0/X001/000 tile/0/x01/000 tile/0/x001/00 tile/00/000
    tile/01/000 tile/64/000 tile/-1/000 tile/+1/000 tile/data/000 tile/Entries/000 tile/8/0/001
    tile/0/000.p tile/0/000.p/ tile/0/000.p/0 tile/0/000.p/256 tile/0/000.p/01 tile/0/000.p/-1
    tile/0/000.P/1 tile/0/000/p/1 tile/0/000.p/1/ /tile/0/000 tile/0/000/ tile//000 tile/0/000?
    tile/0/..%2f000 tile/0/../000 tile/0/٠٠٠ tile/٣/000 tile/0/000.p/٣
    tile/0/x999/x999/x999/x999/x999/x999/x999/999""".split(),
    ],
)
def test_a_path_that_is_not_canonical_is_refused(path: str) -> None:
    with pytest.raises(Malformed, match=r"tile|level|index|width"):
        parse_tile_path(path)


def test_the_tiles_of_the_specification() -> None:
    paths = [str(path) for path in tile_paths(70_000)]
    assert sum(path.startswith("tile/0/") and ".p/" not in path for path in paths) == 273
    assert sum(path.startswith("tile/entries/") for path in paths) == 274
    partial = ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"]
    assert sorted(path for path in paths if ".p/" in path) == partial
    assert [path for path in paths if path.startswith(("tile/1/", "tile/2/"))] == [
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    assert [str(path) for path in tile_paths(256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]
    assert list(tile_paths(0)) == []


@given(st.integers(0, 200_000))
def test_a_tree_has_its_tiles_and_no_more(size: int) -> None:
    for path in tile_paths(size):
        assert path.within(size)
        if path.width < 256:
            assert not TilePath(path.level, path.index, path.width + 1).within(size)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert split_bundle(entry_bundle(entries)) == entries


def test_a_bundle_is_lengths_and_entries() -> None:
    largest = b"x" * 65_535
    assert entry_bundle([b"ab", b"", b"c"]) == b"\0\2ab\0\0\0\1c"
    assert split_bundle(entry_bundle([largest, largest])) == [largest, largest]
    with pytest.raises(EntryTooLarge, match="entry 1 of the bundle has 65536 bytes"):
        entry_bundle([b"", largest + b"x"])


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\2a", b"\0\0\0", b"\0\0" * 257])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed, match="entry bundle"):
        split_bundle(data)


def test_a_tile_gives_its_hashes_back() -> None:
    assert split_tile(b"a" * 32 + b"b" * 32) == [b"a" * 32, b"b" * 32]
    for size in (0, 31, 33, 32 * 257):
        with pytest.raises(Malformed, match=f"not {size} bytes"):
            split_tile(b"a" * size)

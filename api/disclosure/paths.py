"""The paths that fields of a request have."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

_DEEPEST = 8


def paths_of(struct: type[msgspec.Struct]) -> Iterator[str]:
    """Every path of the struct, `*` for items: `/parties`, `/parties/*`, `/parties/*/name`, …"""
    yield from _below(struct, "", _DEEPEST)


def _below(kind: Any, path: str, deep: int) -> Iterator[str]:
    if path:
        yield path
    if deep == 0:
        return
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        for member in get_args(kind):
            if member is not type(None):
                yield from (p for p in _below(member, path, deep) if p != path)
    elif origin is tuple or origin is dict:
        yield from _below(get_args(kind)[0 if origin is tuple else 1], f"{path}/*", deep - 1)
    elif origin is not Literal and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for name, member in get_type_hints(kind).items():
            if name in kind.__struct_fields__:
                yield from _below(member, f"{path}/{name}", deep - 1)

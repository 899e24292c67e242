"""Keys, signed notes and cosignatures, with the examples of Go's sumdb/note and of C2SP."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.log.cosignature import split_cosignature
from api.log.errors import Malformed, Mismatch
from api.log.keys import Algorithm, SigningKey, parse_signing_key, parse_verifier_key
from api.log.note import Note, parse_note

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SIGNS = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
BY_PETER = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
BY_ENOCH = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WW"
    "d1RvMc+QQ=\n"
)
NOTE = (TEXT + "\n" + BY_PETER).encode()
BOTH = (TEXT + "\n" + BY_PETER + BY_ENOCH).encode()

peter, enoch = parse_verifier_key(PETER), parse_verifier_key(ENOCH)


def test_the_note_of_sumdb() -> None:
    assert parse_note(NOTE).verified([peter])[peter].name == "PeterNeumann"
    assert bytes(Note(TEXT).signed(parse_signing_key(PETER_SIGNS))) == NOTE
    assert bytes(parse_note(BOTH)) == BOTH


def test_the_note_of_the_specification() -> None:
    key = parse_verifier_key(
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    )
    note = parse_note(
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK"
        "7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n".encode()
    )
    assert list(note.verified([key])) == [key]


def test_a_text_may_have_empty_lines() -> None:
    note = Note("one\n\ntwo\n").signed(parse_signing_key(PETER_SIGNS))
    assert parse_note(bytes(note)) == note


def test_signatures_of_several_keys_and_of_unknown_ones() -> None:
    assert list(parse_note(BOTH).verified([peter, enoch])) == [peter, enoch]
    assert list(parse_note(BOTH).verified([enoch])) == [enoch]
    with pytest.raises(Mismatch, match=r"nothing is signed by EnochRoot[+]af0cfe78"):
        parse_note(NOTE).verified([enoch])
    with pytest.raises(Mismatch, match="nothing is signed by a known key"):
        parse_note(NOTE).verified([])


def test_a_false_signature_of_a_known_key_is_refused_even_beside_a_genuine_one() -> None:
    forged = Note(TEXT + "or so.\n", parse_note(BOTH).signatures).signed(
        parse_signing_key(PETER_SIGNS)
    )
    assert list(forged.verified([peter])) == [peter]
    with pytest.raises(Mismatch, match=r"signed as EnochRoot[+]af0cfe78") as refused:
        forged.verified([peter, enoch])
    assert refused.value.part == "signature"


def test_another_name_or_key_id_is_another_key() -> None:
    for altered in (
        NOTE.replace(b"PeterNeumann", b"CarmenSandiego"),
        NOTE.replace(b"x08go", b"x08ho"),
    ):
        with pytest.raises(Mismatch, match="nothing is signed by PeterNeumann"):
            parse_note(altered).verified([peter])


def test_signing_again_replaces_ones_own_signature_only() -> None:
    key = parse_signing_key(PETER_SIGNS)
    again = parse_note(BOTH).signed(key)
    assert [signature.name for signature in again.signatures] == ["EnochRoot", "PeterNeumann"]
    assert list(again.verified([peter, enoch])) == [enoch, peter]


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_a_note_with_any_byte_altered_is_refused(at: int, change: int) -> None:
    altered = NOTE[:at] + bytes([NOTE[at] ^ change]) + NOTE[at + 1 :]
    with pytest.raises((Malformed, Mismatch)):
        parse_note(altered).verified([peter])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        TEXT.encode(),
        (TEXT + "\n").encode(),
        NOTE[:-1],
        b"\x01" + NOTE,
        b"\xff" + NOTE,
        NOTE.replace(b"\n", b"\r\n"),
        (TEXT + "\n" + BY_PETER + "Unexpected line.\n").encode(),
        (TEXT + "\n" + BY_PETER.replace("— ", "- ")).encode(),
        (TEXT + "\n" + BY_PETER.replace("PeterNeumann", "Peter Neumann")).encode(),
        (TEXT + "\n" + BY_PETER.replace("PeterNeumann", "Peter\u00a0Neumann")).encode(),
        (TEXT + "\n" + BY_PETER.replace("PeterNeumann", "Peter+Neumann")).encode(),
        (TEXT + "\n" + BY_PETER.replace("PeterNeumann", "")).encode(),
        (TEXT + "\n" + BY_PETER.replace("nAM=", "nAN=")).encode(),
        (TEXT + "\n" + BY_PETER.replace("nAM=", "nAM")).encode(),
        (TEXT + "\n" + BY_PETER.replace("nAM=", "nA-=")).encode(),
        (TEXT + "\n— PeterNeumann x08gow==\n").encode(),
        (TEXT + "\n" + BY_PETER * 101).encode(),
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_note(data)


def test_sixteen_signatures_are_read() -> None:
    assert len(parse_note((TEXT + "\n" + BY_PETER * 16).encode()).signatures) == 16


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "not a name, a key id and a key"),
        ("PeterNeumann+c74f20a3", "not a name, a key id and a key"),
        (PETER.replace("c74f20a3", "C74F20A3"), "key id of `PeterNeumann` is c74f20a3"),
        (PETER.replace("c74f20a3", "c74f20a4"), "key id of `PeterNeumann` is c74f20a3"),
        (PETER.replace("Peter", "Paul"), "key id of `PaulNeumann`"),
        (PETER.replace("Peter", "Peter "), "cannot name a key"),
        (PETER.replace("PeterNeumann", ""), "cannot name a key"),
        (PETER.replace("TW", "T="), "33 bytes in base64"),
        (PETER + "BADKEY==", "33 bytes in base64"),
        (PETER.replace("+ARpc", "+ZRpc"), "type 0x65; 0x01 and 0x04"),
        (PETER + "\n\n", "33 bytes in base64"),
    ],
)
def test_what_is_no_verifier_key_is_refused(key: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        parse_verifier_key(key)


def test_a_signing_key_is_refused_without_being_repeated() -> None:
    for key in (
        PETER_SIGNS.removeprefix("PRIVATE+KEY+"),
        PETER_SIGNS[:-2],
        PETER_SIGNS.replace("c74f20a3", "c74f20a4"),
        PETER_SIGNS.replace("+AYEK", "+ZYEK"),
    ):
        with pytest.raises(Malformed) as refused:
            parse_signing_key(key)
        assert "EKFALVFGyNhPJEMzD1QIDr" not in str(refused.value)
    assert "EKFALVFGyNhPJEMzD1QIDr" not in repr(parse_signing_key(PETER_SIGNS))


@pytest.mark.parametrize("name", ["", "a b", "a\u2003b", "a+b", "a\nb", "a\x00b"])
def test_a_name_is_one_word(name: str) -> None:
    with pytest.raises(Malformed, match="cannot name a key"):
        SigningKey(name, bytes(32))


names = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp"), exclude_characters="+"),
    min_size=1,
    max_size=30,
)
keys = st.builds(SigningKey, names, st.binary(min_size=32, max_size=32), st.sampled_from(Algorithm))


@given(keys)
def test_keys_read_as_they_were_written(key: SigningKey) -> None:
    assert parse_signing_key(key.text() + "\n") == key
    assert parse_verifier_key(f"{key.verifier}\n") == key.verifier


CHECKPOINT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_cosignature_of_the_specification_reads() -> None:
    data = (
        CHECKPOINT
        + "\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
        "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX"
        "3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    ).encode()
    note = parse_note(data)
    assert bytes(note) == data
    assert split_cosignature(note.signatures[1].signature)[0] == 1_679_315_147
    assert len(note.signatures[1].signature) == 72


WITNESS = SigningKey("witness.example/w1", bytes(32), Algorithm.COSIGNATURE)


@given(st.integers(0, 2**63 - 1))
def test_a_cosignature_says_when(time: int) -> None:
    note = Note(CHECKPOINT).cosigned(WITNESS, time)
    signature = parse_note(bytes(note)).verified([WITNESS.verifier])[WITNESS.verifier]
    assert split_cosignature(signature.signature)[0] == time


def test_a_cosignature_whose_time_was_altered_is_refused() -> None:
    data = bytes(Note(CHECKPOINT).cosigned(WITNESS, 1_679_315_147))
    signature = parse_note(data).signatures[0]
    for at in range(72):
        altered = bytearray(signature.signature)
        altered[at] ^= 0x80
        forged = Note(CHECKPOINT, (type(signature)(WITNESS.name, signature.key_id, altered),))
        with pytest.raises(Mismatch, match=r"signed as witness.example/w1"):
            forged.verified([WITNESS.verifier])


def test_keys_sign_only_what_they_are_for() -> None:
    with pytest.raises(Malformed, match="is for cosignatures"):
        Note(TEXT).signed(WITNESS)
    with pytest.raises(Malformed, match="is not for cosignatures"):
        Note(CHECKPOINT).cosigned(parse_signing_key(PETER_SIGNS), 1)
    for time in (-1, 2**63):
        with pytest.raises(Malformed, match="time of a cosignature"):
            Note(CHECKPOINT).cosigned(WITNESS, time)

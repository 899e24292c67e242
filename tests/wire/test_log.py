"""The log as tools that are not ours read it, over HTTP, and its proofs at the command line."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest

from api.log.checkpoint import read_checkpoint
from api.log.keys import VerifierKey, parse_verifier_key
from api.log.proofs import verify_consistency, verify_inclusion
from tests.conftest import Api, propose
from tests.log import independent_verifier

GOODS = {"description": "Copper cathode", "hs_code": "7403111100", "net_mass_kg": 100}


def log_key(api: Api) -> VerifierKey:
    return parse_verifier_key((api.settings.home / "log.pub").read_text())


def decide(api: Api, count: int) -> list[str]:
    return [api.post(propose(GOODS, reference=f"SO-{n}")).json["id"] for n in range(count)]


def fetching(api: Api) -> Callable[[str], bytes]:
    def fetch(path: str) -> bytes:
        response = api.get(f"/v1/log/{path}", "auditor")
        assert response.status_code == 200, response.json
        body: bytes = response.data
        return body

    return fetch


def lodestone(api: Api, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        env={"LODESTONE_HOME": str(api.settings.home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent.parent,
    )


def test_a_verifier_that_is_not_ours_recomputes_the_served_log(api: Api) -> None:
    decide(api, 20)
    found = independent_verifier.verify_log(fetching(api), str(log_key(api)))
    assert len(found.entries) == 27
    kinds = [b'"kind":"decision"' in entry for entry in found.entries]
    assert kinds == [False] * 7 + [True] * 20


def test_proofs_of_any_entry_and_any_two_sizes(api: Api) -> None:
    decide(api, 12)
    for index, size in ((0, 1), (7, 8), (3, 19), (18, None)):
        query = f"index={index}" + (f"&size={size}" if size else "")
        answer = api.get(f"/v1/log/inclusion?{query}", "auditor").json
        entries = fetching(api)("tile/entries/000.p/19")
        leaf = independent_verifier.hash_of_leaf(independent_verifier.entries_of(entries)[index])
        proof = [b64decode(value) for value in answer["proof"]]
        verify_inclusion(leaf, index, answer["size"], proof, b64decode(answer["root"]))
    roots = {
        size: b64decode(api.get(f"/v1/log/inclusion?index=0&size={size}").json["root"])
        for size in range(1, 20)
    }
    for old in (1, 5, 8, 19):
        answer = api.get(f"/v1/log/consistency?old={old}", "auditor").json
        proof = [b64decode(value) for value in answer["proof"]]
        verify_consistency(old, 19, proof, roots[old], b64decode(answer["root"]))


def test_a_checkpoint_given_out_stays_what_it_was(api: Api) -> None:
    first = api.get("/v1/log/checkpoint").data
    assert api.get("/v1/log/checkpoint").data == first
    decide(api, 1)
    second = api.get("/v1/log/checkpoint").data
    sizes = [read_checkpoint(note, log_key(api)).checkpoint.size for note in (first, second)]
    assert sizes == [7, 8]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/log/inclusion?index=99", 404),
        ("/v1/log/inclusion?index=0&size=99", 404),
        ("/v1/log/inclusion?index=x", 422),
        ("/v1/log/inclusion", 422),
        ("/v1/log/inclusion?index=0&depth=1", 422),
        ("/v1/log/consistency?old=9&new=99", 404),
        ("/v1/log/consistency?old=8&new=3", 404),
        ("/v1/log/tile/0/000", 404),
        ("/v1/log/tile/0/x000/001", 400),
        ("/v1/log/tile/entries/000.p/99", 404),
        ("/v1/log/tile/none/000", 400),
        ("/v1/decisions/none/proof", 404),
    ],
)
def test_what_is_not_there_is_said(api: Api, path: str, status: int) -> None:
    response = api.get(path, "auditor")
    assert response.status_code == status, response.json
    assert response.json["detail"]


def test_who_may_read_it(api: Api) -> None:
    (mine,) = decide(api, 1)
    assert api.client.get("/v1/log/checkpoint").status_code == 401
    assert api.get("/v1/log/checkpoint", "erp").status_code == 200
    assert api.get("/v1/log/tile/entries/000.p/8", "erp").status_code == 403
    assert api.get(f"/v1/decisions/{mine}/proof", "erp").status_code == 200
    officers = api.post(propose(GOODS), holder="officer").json["id"]
    assert api.get(f"/v1/decisions/{officers}/proof", "erp").status_code == 404


def test_a_proof_is_checked_offline_and_a_changed_one_is_refused(api: Api, tmp_path: Path) -> None:
    (decision, *_) = decide(api, 3)
    file = tmp_path / "decision.tlog-proof"
    file.write_bytes(api.get(f"/v1/decisions/{decision}/proof", "auditor").data)
    key = str(api.settings.home / "log.pub")
    done = lodestone(api, "log", "verify", str(file), "--key", key)
    assert done.returncode == 0, done.stderr
    assert f"proven. decision {decision}" in done.stdout
    whole = file.read_text()
    for changed, part in (
        (whole.replace("index 7", "index 6"), "root"),
        (whole.replace("\n10\n", "\n11\n"), "signature"),
    ):
        file.write_text(changed)
        refused = lodestone(api, "log", "verify", str(file), "--key", key)
        assert refused.returncode == 4
        assert f"ALTERED: {part} does not match" in refused.stderr


def test_a_checkpoint_kept_from_before_shows_that_the_log_only_grew(
    api: Api, tmp_path: Path
) -> None:
    decide(api, 2)
    kept = tmp_path / "kept"
    kept.write_bytes(api.get("/v1/log/checkpoint").data)
    decide(api, 5)
    done = lodestone(api, "log", "verify", "--since", str(kept))
    assert done.returncode == 0, done.stderr
    assert "its first 9 entries are those of the checkpoint kept; it has 14 now" in done.stdout
    whole = lodestone(api, "log", "verify")
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout.startswith("nothing was altered: the log lodestone/")


def test_a_witness_cosigns_and_is_asked_for(api: Api, tmp_path: Path) -> None:
    secret, note, cosigned = (tmp_path / name for name in ("witness.key", "note", "cosigned"))
    made = lodestone(api, "log", "witness-key", "witness.example", str(secret))
    witness = made.stdout.strip()
    note.write_bytes(api.get("/v1/log/checkpoint").data)
    without = lodestone(api, "log", "verify", str(note), "--witness", witness)
    assert without.returncode == 4
    assert "witness does not match" in without.stderr
    done = lodestone(api, "log", "cosign", str(note), "--witness-key", str(secret))
    cosigned.write_text(done.stdout)
    asked = lodestone(api, "log", "verify", str(cosigned), "--witness", witness)
    assert asked.returncode == 0, asked.stderr
    assert "cosigned by witness.example" in asked.stdout
    since = lodestone(api, "log", "verify", "--since", str(note), "--witness", witness)
    assert since.returncode == 4
    assert "ALTERED: witness does not match" in since.stderr
    alone = lodestone(api, "log", "verify", "--witness", witness)
    assert alone.returncode == 2
    assert "--witness needs a FILE or --since" in alone.stderr
    assert lodestone(api, "log", "verify", str(note), "--witness", "nonsense").returncode == 2
    independent_verifier.open_checkpoint(cosigned.read_bytes(), str(log_key(api)), (witness,))


def test_another_key_is_not_the_logs(api: Api, tmp_path: Path) -> None:
    note, other = tmp_path / "note", tmp_path / "other.pub"
    note.write_bytes(api.get("/v1/log/checkpoint").data)
    other.write_text(lodestone(api, "log", "witness-key", "w", str(tmp_path / "k")).stdout)
    assert lodestone(api, "log", "verify", str(note), "--key", str(other)).returncode == 2
    nothing = str(tmp_path / "nothing")
    assert lodestone(api, "log", "verify", nothing).returncode == 2
    assert lodestone(api, "log", "verify", "--since", nothing).returncode == 2


def test_a_kept_checkpoint_that_was_changed_is_altered(api: Api, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(api.get("/v1/log/checkpoint").data.replace(b"\n7\n", b"\n6\n"))
    refused = lodestone(api, "log", "verify", "--since", str(kept))
    assert refused.returncode == 4
    assert "ALTERED: signature does not match" in refused.stderr


def test_to_look_makes_no_database(api: Api) -> None:
    file = api.settings.home / "lodestone.db"
    file.unlink()
    refused = lodestone(api, "log", "verify")
    assert refused.returncode == 2
    assert "there is no database" in refused.stderr
    assert not file.exists()

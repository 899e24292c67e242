"""The description of the API is what the running service says."""

from __future__ import annotations

import yaml

from tests.conftest import ROOT, Api


def test_openapi_yaml_is_what_the_service_says(api: Api) -> None:
    written = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    assert written == api.client.get("/openapi.json").json, "run: make docs"


def test_every_resource_is_described(api: Api) -> None:
    paths = set(api.client.get("/openapi.json").json["paths"])
    assert paths == {
        "/v1/evaluations",
        "/v1/decisions",
        "/v1/decisions/export",
        "/v1/decisions/{decision_id}",
        "/v1/decisions/{decision_id}/replay",
        "/v1/decisions/{decision_id}/shipped",
        "/v1/decisions/{decision_id}/cancelled",
        "/v1/decisions/{decision_id}/proof",
        "/v1/log/checkpoint",
        "/v1/log/tile/{path}",
        "/v1/log/inclusion",
        "/v1/log/consistency",
        "/v1/screenings",
        "/v1/statistics/flows",
        "/v1/controls",
        "/v1/rule-sets",
        "/v1/rule-sets/{rule_set}/versions",
        "/v1/rule-sets/{rule_set}/versions/{number}",
    }

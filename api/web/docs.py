"""The API, described and tried out in the browser; nothing is fetched from elsewhere."""

from __future__ import annotations

from flask import Blueprint, Response, send_from_directory
from swagger_ui_bundle import swagger_ui_path

blueprint = Blueprint("docs", __name__, url_prefix="/docs")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Lodestone API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#api", validatorUrl: null});'


@blueprint.get("")
def page() -> Response:
    """The page."""
    return Response(_PAGE, mimetype="text/html")


@blueprint.get("/start.js")
def start() -> Response:
    """What the page runs."""
    return Response(_START, mimetype="text/javascript")


@blueprint.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """A file of Swagger UI."""
    return send_from_directory(swagger_ui_path, name)

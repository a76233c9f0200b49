# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The HTTP edge: Flask routes over the store. gunicorn calls create()."""

from __future__ import annotations

import os
import time
from typing import Any

import psycopg2
from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from . import metrics, requests, sessions, settings
from .errors import DatabaseUnavailableError, ShopError
from .pool import Pool
from .store import Store
from .telemetry import Telemetry, now

BROKEN = (psycopg2.OperationalError, psycopg2.InterfaceError)
BODY_LIMIT = 16 * 1024


def create() -> Flask:
    """The application, its settings taken from the environment."""
    given = settings.read(os.environ)
    pool = Pool(lambda: psycopg2.connect(**given.connection), BROKEN, given.pool_size)
    return build(pool)


def build(pool: Pool) -> Flask:
    """The application over a pool of connections."""
    app = Flask("shop", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    telemetry = Telemetry(now())
    _observe(app, telemetry)
    _sessions(app)
    _errors(app)
    _shop(app, Store(pool), telemetry)
    _operations(app, Store(pool), pool, telemetry)
    return app


def _shop(app: Flask, store: Store, telemetry: Telemetry) -> None:
    """What customers use."""

    @app.get("/api/products")
    def products() -> Response:
        return jsonify(store.products(requests.product_query(request.args)))

    @app.get("/api/categories")
    def categories() -> Response:
        return jsonify({"categories": store.categories()})

    @app.post("/api/orders")
    def place() -> tuple[Response, int]:
        order = requests.order_request(request.get_json(silent=True))
        number = store.place(order, g.session)
        telemetry.order()
        return jsonify(store.order(number, g.session)), 201

    @app.get("/api/orders/<int:number>")
    def show(number: int) -> Response:
        return jsonify(store.order(min(number, 2**63 - 1), g.session))


def _operations(app: Flask, store: Store, pool: Pool, telemetry: Telemetry) -> None:
    """What operations use; the proxy shows only /health to the world."""

    @app.get("/health")
    def health() -> tuple[Response, int]:
        version = store.schema_version()
        if version is None:
            return jsonify({"status": "fail", "database": "the shop's tables are empty"}), 503
        return jsonify({"status": "ok", "database": "ok", "schema": version}), 200

    @app.get("/metrics")
    def show_metrics() -> Response:
        return Response(telemetry.text(pool.state()), content_type=metrics.CONTENT_TYPE)


def _observe(app: Flask, telemetry: Telemetry) -> None:
    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(answer: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        seconds = time.perf_counter() - g.began
        telemetry.request(request.method, route, answer.status_code, seconds)
        return answer


def _sessions(app: Flask) -> None:
    """Give every customer a session; what is kept and compared is its hash."""

    @app.before_request
    def recognise() -> None:
        token = request.cookies.get(sessions.COOKIE)
        g.new_token = None if sessions.valid(token) else sessions.new_token()
        g.session = sessions.digest(g.new_token or token or "")

    @app.after_request
    def hand_out(answer: Response) -> Response:
        if request.path.startswith("/api/"):
            answer.headers["Cache-Control"] = "no-store"
            if g.new_token:
                answer.set_cookie(
                    sessions.COOKIE,
                    g.new_token,
                    max_age=sessions.LIFETIME_SECONDS,
                    secure=True,
                    httponly=True,
                    samesite="Lax",
                )
        return answer


def _errors(app: Flask) -> None:
    """One shape for every error: {"error": {"code", "message"}}."""

    @app.errorhandler(ShopError)
    def known(error: ShopError) -> tuple[Response, int]:
        if isinstance(error, DatabaseUnavailableError):
            app.logger.warning("%s: %s", error.message, str(error.__cause__ or "").strip())
        body: dict[str, Any] = {"error": {"code": error.code, "message": error.message}}
        if request.path == "/health":
            body["status"] = "fail"
        return jsonify(body), error.status

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Response, int]:
        code = error.name.lower().replace(" ", "_")
        return jsonify({"error": {"code": code, "message": error.description}}), error.code or 500

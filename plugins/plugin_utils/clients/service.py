# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The services an instance is made of, and what each kind brings along."""

from __future__ import annotations

from typing import Literal, Optional

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import formats
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients._thirdparty import (
    Field,
    model_validator,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.plan import Strict

ServiceKind = Literal["database", "backend", "frontend", "proxy"]
KINDS = ("database", "backend", "frontend", "proxy")


class Service(Strict):
    """What every kind has."""

    address: formats.ListenAddress = Field(
        default="127.0.0.1", description="Address on the host where the service answers."
    )
    latency_warn_ms: Optional[formats.Milliseconds] = Field(
        default=None, description="Slower than this is a warning."
    )
    latency_fail_ms: Optional[formats.Milliseconds] = Field(
        default=None, description="Slower than this is a failure."
    )

    @model_validator(mode="after")
    def _limits(self) -> Service:
        warn, fail = self.latency_warn_ms, self.latency_fail_ms
        if warn is not None and fail is not None and fail < warn:
            raise formats.fault("latency_fail_ms not below latency_warn_ms")
        return self


class DatabaseService(Service):
    """PostgreSQL."""

    unit: formats.Unit = Field(
        default="postgresql@*-main.service",
        description=(
            "Unit of the server, or a glob as systemctl takes it. The default finds the cluster "
            "`main` of any version: Debian's postgresql.service is an umbrella that stays active "
            "when the server is down."
        ),
    )
    port: formats.Port = Field(default=5432, description="Port of the server.")
    scheme: Literal["postgresql"] = Field(default="postgresql", description="How it is asked.")
    database: formats.Identifier = Field(
        default="postgres", description="Database the check connects to."
    )


class WebService(Service):
    """What answers HTTP, or at least TCP."""

    health: Optional[formats.UrlPath] = Field(
        default=None, description="Path that says whether the service is well."
    )
    health_status: Optional[int] = Field(
        default=None, ge=100, le=599, description="HTTP status of a good answer (200 if not set)."
    )
    health_body: Optional[formats.Title] = Field(
        default=None, description="Text that a good answer contains."
    )
    metrics: Optional[formats.UrlPath] = Field(
        default=None, description="Path of Prometheus metrics."
    )
    server_name: Optional[formats.HostName] = Field(
        default=None, description="Host name asked for (HTTP Host, TLS SNI)."
    )

    @model_validator(mode="after")
    def _has_http(self) -> WebService:
        if getattr(self, "scheme", "http") == "tcp" and (
            self.health or self.metrics or self.health_status or self.health_body
        ):
            raise formats.fault("no health and no metrics path with scheme: tcp")
        return self


class BackendService(WebService):
    """The application's own server process."""

    unit: formats.Unit = Field(description="The application's systemd unit.")
    port: formats.Port = Field(description="Port it listens on.")
    scheme: Literal["http", "https", "tcp"] = Field(default="http", description="How it is asked.")


class FrontendService(WebService):
    """What serves pages and files."""

    unit: formats.Unit = Field(default="nginx.service", description="Unit that serves them.")
    port: formats.Port = Field(default=8080, description="Port it listens on.")
    scheme: Literal["http", "https"] = Field(default="http", description="How it is asked.")
    health: Optional[formats.UrlPath] = Field(default="/", description="Path asked for.")


class ProxyService(WebService):
    """What the clients' users talk to."""

    unit: formats.Unit = Field(default="nginx.service", description="Unit of the proxy.")
    port: formats.Port = Field(default=443, description="Port it listens on.")
    scheme: Literal["http", "https"] = Field(default="https", description="How it is asked.")
    health: Optional[formats.UrlPath] = Field(default="/", description="Path asked for.")


class Services(Strict):
    """Settings by kind; a kind left out has the defaults of its kind."""

    database: Optional[DatabaseService] = Field(default=None, description="PostgreSQL.")
    backend: Optional[BackendService] = Field(
        default=None, description="The application's own server process; needed where it runs."
    )
    frontend: Optional[FrontendService] = Field(
        default=None, description="What serves pages and files."
    )
    proxy: Optional[ProxyService] = Field(
        default=None, description="What the clients' users talk to."
    )


#: Kinds that work without a word about them.
DEFAULTS: dict[str, type[Service]] = {
    "database": DatabaseService,
    "frontend": FrontendService,
    "proxy": ProxyService,
}

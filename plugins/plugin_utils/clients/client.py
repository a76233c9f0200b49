# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A client's file and the provider's file."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Optional

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import formats
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients._thirdparty import (
    AfterValidator,
    Field,
    model_validator,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.plan import Strict
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.service import (
    ServiceKind,
    Services,
)

Environment = Literal["production", "staging", "test", "development"]

Data = Annotated[Any, AfterValidator(formats.data)]


class Contact(Strict):
    """A person or a desk at the client."""

    name: formats.Title = Field(description="Who it is.")
    role: Literal["technical", "business", "security", "billing"] = Field(
        description="What they are asked about."
    )
    email: Optional[formats.Email] = Field(default=None, description="E-mail address.")
    phone: Optional[formats.Phone] = Field(default=None, description="Telephone, in quotes.")

    @model_validator(mode="after")
    def _reachable(self) -> Contact:
        if self.email is None and self.phone is None:
            raise formats.fault("an email or a phone by which the contact is reached")
        return self


class Host(Strict):
    """One machine of an instance."""

    address: formats.Address = Field(description="IPv4 or IPv6 address Ansible connects to.")
    services: Annotated[list[ServiceKind], Field(max_length=4)] = Field(
        default=[], description="Services that run on it."
    )

    @model_validator(mode="after")
    def _once(self) -> Host:
        if len(set(self.services)) != len(self.services):
            raise formats.fault("each service once in the list of a host")
        return self


class Instance(Strict):
    """One application environment of a client."""

    environment: Environment = Field(description="What it is for.")
    url: formats.Url = Field(description="Where its users reach it.")
    hosts: Annotated[dict[formats.HostName, Host], Field(min_length=1, max_length=1000)] = Field(
        description="Machines by name."
    )
    services: Services = Field(
        default=Services(), description="Settings of the services that run on the hosts."
    )
    vars: Annotated[dict[formats.VariableName, Data], Field(max_length=200)] = Field(
        default={}, description="Host variables for your own roles. Data: never rendered."
    )


class ClientFile(Strict):
    """clients/<key>.yml: everything known of one client."""

    client: formats.Key = Field(description="Key of the client; equal to the file's name.")
    name: formats.Title = Field(description="Full name.")
    plan: str = Field(description="Key of a plan of plans.yml.", examples=["gold"])
    timezone: formats.Zone = Field(description="IANA time zone of the client's civil times.")
    contacts: Annotated[list[Contact], Field(min_length=1, max_length=50)] = Field(
        description="Whom to reach."
    )
    instances: Annotated[dict[formats.Key, Instance], Field(min_length=1, max_length=100)] = Field(
        description="The client's application environments by key."
    )


class ProviderHost(Strict):
    """One of the provider's own machines."""

    address: formats.Address = Field(description="IPv4 or IPv6 address Ansible connects to.")
    services: Annotated[list[ServiceKind], Field(max_length=0)] = Field(
        default=[], description="Always empty: the services of clients run on clients' hosts."
    )


class Provider(Strict):
    """Who runs the fleet, and from where."""

    name: formats.Title = Field(description="The provider's name.")
    timezone: formats.Zone = Field(default="Etc/UTC", description="IANA time zone of its hosts.")
    networks: Annotated[list[formats.Network], Field(max_length=1000)] = Field(
        default=[],
        description="If given, every host's address lies in one of these networks.",
    )
    hosts: Annotated[dict[formats.HostName, ProviderHost], Field(max_length=1000)] = Field(
        description="Operations hosts; their addresses may scrape and administrate every host."
    )


class ProviderFile(Strict):
    """provider.yml: the provider's own hosts."""

    provider: Provider

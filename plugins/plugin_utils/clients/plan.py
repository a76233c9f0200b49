# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan: the contract a client has bought, as a machine can keep it.

Times of day are civil times in the client's own time zone.
"""

from __future__ import annotations

from typing import Annotated, Literal, Optional

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import formats
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients._thirdparty import (
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Severity = Literal["critical", "high", "normal", "low"]
Ring = Literal["canary", "early", "standard", "late"]
SEVERITIES = ("critical", "high", "normal", "low")
WEEKDAYS = Annotated[list[Weekday], Field(min_length=1, max_length=7)]
Percent = Annotated[float, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, le=1000)]


class Strict(BaseModel):
    """No conversion, no unknown key: what is written is what is meant."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class CivilWindow(Strict):
    """Hours of one day."""

    start: formats.TimeOfDay = Field(description="First minute of the window.")
    end: formats.EndOfDay = Field(description="Minute after the last; 24:00 is midnight.")

    @model_validator(mode="after")
    def _order(self) -> CivilWindow:
        if self.end <= self.start:
            raise formats.fault(f'an end later than the start "{self.start}" on the same day')
        return self


class SupportHours(Strict):
    """When somebody answers."""

    coverage: Literal["24x7", "windows"] = Field(
        description="24x7: always. windows: only in the hours listed by weekday."
    )
    windows: dict[Weekday, Annotated[list[CivilWindow], Field(min_length=1, max_length=6)]] = Field(
        default={}, description="Hours by weekday, in the client's time zone."
    )

    @model_validator(mode="after")
    def _fits(self) -> SupportHours:
        if (self.coverage == "windows") != bool(self.windows):
            raise formats.fault(
                "windows by weekday with coverage: windows, and none with coverage: 24x7"
            )
        for day, windows in self.windows.items():
            ordered = sorted(windows, key=lambda window: window.start)
            if any(b.start < a.end for a, b in zip(ordered, ordered[1:])):
                raise formats.fault(f"windows of {day} that do not overlap")
        return self


class ResponseTarget(Strict):
    """How fast one severity is answered and solved, counted in support hours."""

    first_response_minutes: formats.Minutes = Field(description="Until a person answers.")
    resolution_minutes: formats.Minutes = Field(description="Until the service works again.")

    @model_validator(mode="after")
    def _order(self) -> ResponseTarget:
        if self.resolution_minutes < self.first_response_minutes:
            raise formats.fault("resolution_minutes not shorter than first_response_minutes")
        return self


class Support(Strict):
    """Support hours and response times."""

    hours: SupportHours
    response: dict[Severity, ResponseTarget] = Field(
        description="Targets for each of critical, high, normal, low."
    )

    @model_validator(mode="after")
    def _graded(self) -> Support:
        missing = [name for name in SEVERITIES if name not in self.response]
        if missing:
            raise formats.fault(
                f"a response target for each severity; missing: {', '.join(missing)}"
            )
        steps = [self.response[name] for name in SEVERITIES]
        for name, a, b in zip(SEVERITIES[1:], steps, steps[1:]):
            if b.first_response_minutes < a.first_response_minutes:
                raise formats.fault(f"{name} answered no faster than the severity above it")
        return self


class Credit(Strict):
    """What the client gets back for a month below a level."""

    below_percent: Percent = Field(description="Availability below which the credit is due.")
    credit_percent: Percent = Field(description="Share of the month's fee.")


class Schedule(Strict):
    """Days and times at which something starts."""

    days: WEEKDAYS = Field(description="Weekdays.")
    at: Annotated[list[formats.TimeOfDay], Field(min_length=1, max_length=24)] = Field(
        description="Starting times, in quotes."
    )


class Backup(Strict):
    """When backups are taken and what they must promise."""

    full: Schedule = Field(description="Complete copies.")
    diff: Optional[Schedule] = Field(default=None, description="Changes since the last full one.")
    incr: Optional[Schedule] = Field(
        default=None, description="Changes since the last of any kind."
    )
    rpo_seconds: int = Field(
        ge=1, le=2_678_400, description="Recovery point objective: data that may be lost at most."
    )
    rto_minutes: formats.Minutes = Field(
        description="Recovery time objective: a restore takes at most this long."
    )


class Retention(Strict):
    """How many backups of each kind are kept, and how far back any moment can be restored."""

    daily: Count = Field(description="Daily backups kept.")
    weekly: Count = Field(description="Weekly backups kept.")
    monthly: Count = Field(description="Monthly backups kept.")
    yearly: Count = Field(description="Yearly backups kept.")
    pitr_days: Annotated[int, Field(ge=0, le=366)] = Field(
        description="Days back to which any moment can be restored (WAL kept)."
    )


class PatchWindow(Strict):
    """When hosts may be patched and restarted."""

    days: WEEKDAYS = Field(description="Weekdays on which a window opens.")
    start: formats.TimeOfDay = Field(description="Opening time, in quotes.")
    duration_minutes: Annotated[int, Field(ge=15, le=1440)] = Field(
        description="Length; a window may pass midnight."
    )


class Patch(Strict):
    """In which ring and when updates arrive."""

    ring: Ring = Field(description="Order of roll-out: canary, early, standard, late.")
    window: PatchWindow


class Scan(Strict):
    """How often hosts are examined."""

    vulnerability_days: formats.Days = Field(description="Days between scans for known flaws.")
    compliance_days: formats.Days = Field(description="Days between checks of the hardening.")


class Plan(Strict):
    """The terms of one contract."""

    name: formats.Title = Field(description="Name on the invoice.")
    availability_percent: Annotated[float, Field(gt=0, lt=100)] = Field(
        description="Availability promised for a calendar month.", examples=[99.9]
    )
    support: Support
    credits: Annotated[list[Credit], Field(max_length=10)] = Field(
        default=[], description="Service credits, best level first."
    )
    backup: Backup
    retention: Retention
    patch: Patch
    scan: Scan


class PlansFile(Strict):
    """plans.yml: every plan by its key."""

    plans: Annotated[dict[formats.Key, Plan], Field(min_length=1, max_length=100)] = Field(
        description="Plans by the key that client files name."
    )

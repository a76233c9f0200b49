#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: health_check_info
short_description: Check a host and all of its services in one call
version_added: 0.1.0
description:
  - Looks at every declared service of a host (systemd unit, listening port, TLS certificate,
    HTTP answer, PostgreSQL answering a query, latency) and at the host itself (disks, memory,
    load, clock, failed units, pending reboot), all side by side, and judges each by a limit.
  - What cannot be found out is C(unknown) with the reason, never C(ok).
  - Ends within O(timeout) and one second, whatever a service or a mount does. It changes nothing.
  - The module itself succeeds when it could look, whatever it found. To let a host fail, use
    C(failed_when) on RV(health_check.status).
author:
  - The Holdfast authors (@holdfast)
requirements:
  - Python 3.9 or later on the host, its standard library only.
  - systemd, for unit states.
  - The versioned C(psql) of the server's packages for services of scheme V(postgresql). It is run
    as the account V(postgres) when the module runs as root.
options:
  services:
    description:
      - The services that this host carries, usually the variable C(holdfast_services) of the
        P(holdfast.ops.clients#inventory) plugin.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - What the items of this service are called. Each name once.
        type: str
        required: true
      unit:
        description:
          - systemd unit, or a glob such as V(postgresql@*-main.service). Of several units that a
            glob matches one that runs is enough, but one that has failed is told.
          - Without a unit none is looked at.
        type: str
      port:
        description:
          - TCP port that the service listens on. Without a port no connection is tried.
        type: int
      scheme:
        description:
          - How the service is asked once it is connected.
        type: str
        choices: [http, https, tcp, postgresql]
        default: tcp
      address:
        description:
          - Address to connect to, as seen from the host.
        type: str
        default: 127.0.0.1
      health:
        description:
          - Path of a GET request over V(http) or V(https). Without it the connection is the check.
        type: str
      health_status:
        description:
          - HTTP status of a good answer. Redirects are not followed.
        type: int
        default: 200
      health_body:
        description:
          - Text that a good answer contains within its first 256 KiB.
        type: str
      metrics:
        description:
          - Path of the service's Prometheus metrics. It is the monitoring's, and not asked for
            here. It may be given so that a declaration can be handed over as it is.
        type: str
      server_name:
        description:
          - Name that the certificate must be valid for, sent as SNI and as HTTP Host.
          - By default the certificate must name O(services[].address), or the host's own name
            where that is loopback.
        type: str
      database:
        description:
          - Database to connect to, for V(postgresql).
        type: str
        default: postgres
      latency_warn_ms:
        description:
          - Milliseconds from which this service is a warning, in place of
            O(thresholds.latency_warn_ms).
        type: float
      latency_fail_ms:
        description:
          - Milliseconds from which this service fails, in place of O(thresholds.latency_fail_ms).
        type: float
  thresholds:
    description:
      - Where C(warn) and C(fail) begin; the limit itself counts as crossed. What is left out keeps
        its default.
    type: dict
    default: {}
    suboptions:
      disk_warn_percent:
        description: Space used of a filesystem, counted as C(df) does.
        type: float
        default: 80
      disk_fail_percent:
        description: Space used of a filesystem, counted as C(df) does.
        type: float
        default: 90
      inodes_warn_percent:
        description: Inodes used of a filesystem that counts them.
        type: float
        default: 80
      inodes_fail_percent:
        description: Inodes used of a filesystem that counts them.
        type: float
        default: 90
      memory_warn_percent:
        description: Memory in use that cannot be given back, of all.
        type: float
        default: 90
      memory_fail_percent:
        description: Memory in use that cannot be given back, of all.
        type: float
        default: 95
      memory_pressure_warn_percent:
        description: Part of the last minute in which all work waited for memory (PSI).
        type: float
        default: 10
      memory_pressure_fail_percent:
        description: Part of the last minute in which all work waited for memory (PSI).
        type: float
        default: 40
      load_warn_per_cpu:
        description: Load average of 5 minutes for each CPU.
        type: float
        default: 3
      load_fail_per_cpu:
        description: Load average of 5 minutes for each CPU.
        type: float
        default: 6
      tls_warn_days:
        description: Days that a certificate is still valid.
        type: float
        default: 21
      tls_fail_days:
        description: Days that a certificate is still valid.
        type: float
        default: 7
      clock_warn_ms:
        description: Milliseconds that the clock is off from its source.
        type: float
        default: 100
      clock_fail_ms:
        description: Milliseconds that the clock is off from its source.
        type: float
        default: 1000
      latency_warn_ms:
        description: >-
          Milliseconds from the first packet to the end of the answer, connection and TLS included.
          For PostgreSQL the time of the query.
        type: float
        default: 1000
      latency_fail_ms:
        description: The same, from where it fails.
        type: float
        default: 3000
      restarts_warn:
        description: Automatic restarts of a unit since it was started.
        type: int
        default: 3
      failed_units_warn:
        description: Failed units of the host besides those of O(services).
        type: int
        default: 1
      failed_units_fail:
        description: Failed units of the host besides those of O(services).
        type: int
        default: 5
  host_checks:
    description:
      - What is checked of the host itself. What is left out has no items.
    type: list
    elements: str
    choices: [disk, memory, load, clock, failed_units, reboot]
    default: [disk, memory, load, clock, failed_units, reboot]
  tls_ca_file:
    description:
      - CA certificates that services of scheme V(https) are verified against, a file in PEM, or
        a folder with hashed names as C(update-ca-certificates) keeps it. A folder is faster,
        because of it only the one issuer is read.
    type: path
    default: /etc/ssl/certs
  timeout:
    description:
      - Seconds that each check may take. All of them run side by side.
    type: float
    default: 5
attributes:
  check_mode:
    description: Can run in check mode, and does the same there since it changes nothing.
    support: full
  diff_mode:
    description: Returns what changed.
    support: none
    details: It changes nothing.
  platform:
    description: Systems it works on.
    support: full
    platforms: posix
notes:
  - Without root it reports what it can see. PostgreSQL is then asked as the connecting user, and
    being refused is C(unknown).
  - The status of the host is the worst of its items in the order C(ok), C(warn), C(unknown),
    C(fail). Unknown is worse than a warning because a warned service is known to work.
  - A certificate that fails verification is still read for its end, and the request is still
    made over it (nothing secret is sent); the item C(tls) fails all the same.
  - Bodies of health pages are never returned.
"""

EXAMPLES = r"""
- name: Check everything that the inventory declares for this host
  holdfast.ops.health_check_info:
    services: "{{ holdfast_services }}"
  become: true
  register: checked
  failed_when: checked is failed or checked.health_check.status == 'fail'

- name: Check two services with limits of their own
  holdfast.ops.health_check_info:
    services:
      - name: database
        unit: postgresql@*-main.service
        port: 5432
        scheme: postgresql
      - name: proxy
        unit: nginx.service
        port: 443
        scheme: https
        health: /
        server_name: shop.acme.example
        latency_fail_ms: 800
    thresholds:
      disk_warn_percent: 70
      disk_fail_percent: 85
    timeout: 3
"""

RETURN = r"""
msg:
  description: One line with what is wrong, worst first.
  returned: success
  type: str
  sample: "fail backend.unit: shop-backend.service does not run"
health_check:
  description: What was found.
  returned: success
  type: dict
  contains:
    status:
      description: Worst status of all items.
      type: str
      sample: fail
    checked_at:
      description: When the check began, UTC.
      type: str
      sample: "2026-03-01T03:12:05Z"
    duration_ms:
      description: How long all checks together took on the host.
      type: float
      sample: 61.3
    items:
      description: One for each thing checked, services first, in the order they were given.
      type: list
      elements: dict
      contains:
        id:
          description: Name of the item on this host, the same at every check.
          type: str
          sample: proxy.tls_expiry
        service:
          description: The service, or null for the host itself.
          type: str
          sample: proxy
        check:
          description: >-
            What was checked. Of a service C(unit), C(port), C(tls), C(tls_expiry), C(http),
            C(postgresql), C(latency); of the host C(disk), C(inodes), C(memory),
            C(memory_pressure), C(load), C(clock), C(failed_units), C(reboot).
          type: str
          sample: tls_expiry
        status:
          description: One of C(ok), C(warn), C(fail), C(unknown).
          type: str
          sample: fail
        value:
          description: What was measured, a number or a text. Null when nothing could be.
          type: raw
          sample: 2.9
        unit:
          description: Unit of value and limit.
          type: str
          sample: days
        limit:
          description: The limit that was crossed, or the nearest one ahead when all is well.
          type: raw
          sample: 7
        why:
          description: What it means, for people.
          type: str
          sample: the certificate ends on 2026-03-04 01:00 UTC
"""

import time
from dataclasses import asdict, fields

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holdfast.ops.plugins.module_utils.health.check import (
    HOST_CHECKS,
    check_host,
    summary,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    Limits,
    Service,
    faults,
    worst,
)


def service_spec():
    """Options of one service."""
    return {
        "name": {"type": "str", "required": True},
        "unit": {"type": "str"},
        "port": {"type": "int"},
        "scheme": {
            "type": "str",
            "choices": ["http", "https", "tcp", "postgresql"],
            "default": "tcp",
        },
        "address": {"type": "str", "default": "127.0.0.1"},
        "health": {"type": "str"},
        "health_status": {"type": "int", "default": 200},
        "health_body": {"type": "str"},
        "metrics": {"type": "str"},
        "server_name": {"type": "str"},
        "database": {"type": "str", "default": "postgres"},
        "latency_warn_ms": {"type": "float"},
        "latency_fail_ms": {"type": "float"},
    }


def limit_spec():
    """Limits are stated once, in `Limits`."""
    return {
        field.name: {"type": type(field.default).__name__, "default": field.default}
        for field in fields(Limits)
    }


def argument_spec():
    """Options of the module."""
    checks = list(HOST_CHECKS)
    return {
        "services": {"type": "list", "elements": "dict", "default": [], "options": service_spec()},
        "thresholds": {"type": "dict", "default": {}, "options": limit_spec()},
        "host_checks": {"type": "list", "elements": "str", "choices": checks, "default": checks},
        "tls_ca_file": {"type": "path", "default": "/etc/ssl/certs"},
        "timeout": {"type": "float", "default": 5},
    }


def main():
    """Read, check, tell."""
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    params = module.params
    services = [Service(**given) for given in params["services"]]
    limits = Limits(**params["thresholds"])
    wrong = faults(services, limits, params["timeout"])
    if wrong:
        module.fail_json(msg=f"The options do not fit together: {'; '.join(wrong)}")
    checked_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    began = time.monotonic()
    items = check_host(
        services, limits, params["host_checks"], params["tls_ca_file"], params["timeout"]
    )
    module.exit_json(
        changed=False,
        msg=summary(items),
        health_check={
            "status": worst(item.status for item in items),
            "checked_at": checked_at,
            "duration_ms": round((time.monotonic() - began) * 1000, 1),
            "items": [asdict(item) for item in items],
        },
    )


if __name__ == "__main__":
    main()

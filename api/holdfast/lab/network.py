"""The lab's bridge and its NAT: one nft table a lab, named after the bridge."""

import json

from holdfast.lab.process import attempt, run


def table(bridge: str) -> str:
    """Name of the lab's nft table."""
    return f"holdfast_{bridge}"


def rules(bridge: str, subnet: str, uplink: str) -> str:
    """The nft script: replaces the table as a whole.

    uplink: interface of the default route; empty on a machine without one.
    """
    name = table(bridge)
    nat = ""
    if uplink:
        nat = (
            "  chain nat {\n"
            "    type nat hook postrouting priority srcnat; policy accept;\n"
            f'    ip saddr {subnet} oifname "{uplink}" masquerade\n'
            "  }\n"
        )
    # Two labs side by side do not see each other.
    apart = f'    iifname "{bridge}" oifname "hf*" oifname != "{bridge}" drop\n'
    return (
        f"table inet {name}\ndelete table inet {name}\n"
        f"table inet {name} {{\n{nat}"
        "  chain apart {\n"
        "    type filter hook forward priority filter; policy accept;\n"
        f"{apart}  }}\n}}\n"
    )


def default_uplink() -> str:
    """Interface of this machine's IPv4 default route; empty where there is none."""
    routes = json.loads(run(["ip", "-json", "-4", "route", "show", "default"]) or "[]")
    return next((str(route["dev"]) for route in routes if "dev" in route), "")


def interface_addresses(skip: str = "") -> list[str]:
    """Every IPv4 address of this machine as address/prefix, leaving out one interface."""
    links = json.loads(run(["ip", "-json", "-4", "address", "show"]) or "[]")
    return [
        f"{info['local']}/{info['prefixlen']}"
        for link in links
        if link.get("ifname") != skip
        for info in link.get("addr_info", [])
        if "local" in info
    ]


def has_bridge(bridge: str, gateway: str) -> bool:
    """Whether the bridge is up and carries its address."""
    if not attempt(["ip", "link", "show", "dev", bridge]):
        return False
    link = json.loads(run(["ip", "-json", "-4", "address", "show", "dev", bridge]) or "[]")
    found = [info.get("local") for entry in link for info in entry.get("addr_info", [])]
    return gateway in found and any("UP" in entry.get("flags", []) for entry in link)


def has_table(bridge: str, uplink: str) -> bool:
    """Whether the nft table is there and masquerades out of the present default route."""
    if not attempt(["nft", "list", "table", "inet", table(bridge)]):
        return False
    text = run(["nft", "list", "table", "inet", table(bridge)])
    return "drop" in text and (not uplink or f'oifname "{uplink}"' in text)


def ensure(bridge: str, subnet: str, gateway: str) -> bool:
    """Make or repair bridge and table; True when anything was changed."""
    changed = False
    if not has_bridge(bridge, gateway):
        if not attempt(["ip", "link", "show", "dev", bridge]):
            run(["ip", "link", "add", bridge, "type", "bridge"])
        run(["ip", "address", "replace", f"{gateway}/24", "dev", bridge])
        run(["ip", "link", "set", bridge, "up"])
        changed = True
    uplink = default_uplink()
    if not has_table(bridge, uplink):
        run(["nft", "-f", "-"], text=rules(bridge, subnet, uplink))
        changed = True
    return changed


def remove(bridge: str) -> None:
    """Take table and bridge away; what is gone already is fine."""
    attempt(["nft", "delete", "table", "inet", table(bridge)])
    attempt(["ip", "link", "delete", bridge])


def remove_veth(machine: str) -> None:
    """Take away the veth of a host that no longer runs: it can outlive it."""
    attempt(["ip", "link", "delete", f"vb-{machine}"])

# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where in a file a key path stands. Only asked when something is wrong, so it may be slow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import yaml


class Places:
    """The lines of one text's keys and values."""

    def __init__(self, text: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self.root: Optional[yaml.Node] = yaml.compose(text, Loader=loader)
        except yaml.YAMLError:
            self.root = None

    def line(self, path: Sequence[Any]) -> int:
        """Line (1-based) of the deepest part of the path that exists."""
        node, line = self.root, 1
        if node is not None:
            line = node.start_mark.line + 1
        for part in path:
            key, node = _step(node, part)
            if node is None:
                break
            line = (key or node).start_mark.line + 1
        return line

    def written(self, path: Sequence[Any]) -> Optional[str]:
        """The unquoted text of a scalar as it stands in the file, None for anything else."""
        node = self.root
        for part in path:
            node = _step(node, part)[1]
        if isinstance(node, yaml.ScalarNode) and not node.style:
            return str(node.value)
        return None


def _step(node: Optional[yaml.Node], part: Any) -> tuple[Optional[yaml.Node], Optional[yaml.Node]]:
    """(key, value) nodes one step down, None where there is no such step."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None, None

# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller's half of system_catalogue: renders, has apt bring packages, calls the module."""

from __future__ import annotations

import base64
import os
import time

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.template import generate_ansible_template_vars, trust_as_template
from ansible_collections.holdfast.ops.plugins.module_utils.system.packages import (
    DELAYS,
    REFRESH,
    WAIT,
    package_items,
    remedy,
)

MODULE = "holdfast.ops.system_catalogue"
SOURCES = ("content", "template", "src")


class ActionModule(ActionBase):
    """One module call in the normal case; apt and a second call where packages are missing."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        """The module's result, with the packages' items in front."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = dict(self._task.args)
        arguments["files"], arguments["contents"] = self._contents(arguments, task_vars)
        result = self._call(arguments, task_vars)
        needs = result.pop("needs", None)
        if needs and not result.get("failed"):
            result = self._with_packages(needs, arguments, task_vars)
        return result

    def _call(self, arguments, task_vars):
        result = self._execute_module(
            module_name=MODULE, module_args=arguments, task_vars=task_vars
        )
        # What was sent holds the files' contents; the answer need not repeat it.
        result.pop("invocation", None)
        return result

    def _contents(self, arguments, task_vars):
        """The entries without their content, and {path: content in base64}.

        Contents travel apart, in an option that is never logged nor returned. What else may be
        wrong with the entries is the module's to say.
        """
        files = arguments.get("files") or []
        if not isinstance(files, list) or not all(isinstance(entry, dict) for entry in files):
            raise AnsibleActionFail("expected files to be a list of dictionaries, found otherwise")
        contents = {}
        for entry in files:
            content = self._content(entry, task_vars)
            if content is not None:
                contents[str(entry.get("path"))] = base64.b64encode(content).decode()
        return [{k: v for k, v in entry.items() if k not in SOURCES} for entry in files], contents

    def _content(self, entry, task_vars):
        """The bytes of one file; None where it has none of its own, or is not to be there."""
        given = [name for name in SOURCES if entry.get(name) is not None]
        if len(given) > 1:
            raise AnsibleActionFail(
                f"expected one of content, template and src for {entry.get('path')}, "
                f"found {' and '.join(given)}; keep one"
            )
        if not given or entry.get("state") == "absent":
            return None
        value = entry[given[0]]
        if not isinstance(value, (str, int, float)):
            raise AnsibleActionFail(f"expected {given[0]} of {entry.get('path')} to be text")
        if given == ["template"]:
            return self._render(value, entry.get("path"), task_vars).encode()
        if given == ["src"]:
            with open(self._find("files", value), "rb") as stream:
                return stream.read()
        return str(value).encode()

    def _find(self, folder, name):
        try:
            return self._find_needle(folder, name)
        except AnsibleError as error:
            raise AnsibleActionFail(
                f"expected '{name}' below {folder}/ of the role or play, found none: {error}"
            ) from error

    def _render(self, name, path, task_vars):
        """The template's text, rendered as ansible.builtin.template does."""
        source = self._find("templates", name)
        text = trust_as_template(self._loader.get_text_file_contents(source))
        paths = [*task_vars.get("ansible_search_path", []), self._loader.get_basedir()]
        paths.append(os.path.dirname(source))
        search = [place for path in paths for place in (os.path.join(path, "templates"), path)]
        variables = dict(task_vars)
        managed = variables.get("ansible_managed")
        variables.update(generate_ansible_template_vars(name, source, path))
        if managed is not None:
            variables["ansible_managed"] = managed
        templar = self._templar.copy_with_new_env(searchpath=search, available_variables=variables)
        overrides = {"trim_blocks": True, "lstrip_blocks": True}
        rendered = templar.template(text, escape_backslashes=False, overrides=overrides)
        return "" if rendered is None else str(rendered)

    def _with_packages(self, needs, arguments, task_vars):
        """apt first, then the module again; the packages' items in front of its own."""
        items = []
        for state, names in (("absent", needs["remove"]), ("present", needs["install"])):
            if names:
                failure = self._apt(state, names, arguments, task_vars)
                if failure:
                    return dict(failure, items=items, changed=bool(items))
                items += package_items(state, names)
        result = self._call(arguments, task_vars)
        missing = result.pop("needs", None)
        if missing:
            left = ", ".join(missing["install"] + missing["remove"])
            result.update(failed=True, msg=f"expected apt to deal with {left}, found it did not")
        result["items"] = items + result.get("items", [])
        result["changed"] = True
        if self._task.diff:
            shown = [{"prepared": f"{item['action']} package {item['name']}\n"} for item in items]
            result["diff"] = shown + result.get("diff", [])
        return result

    def _apt(self, state, names, arguments, task_vars):
        """Have apt do it, again after a while where a download failed; its failure, or None."""
        options = {
            "name": names,
            "state": state,
            "install_recommends": False,
            "lock_timeout": arguments.get("lock_timeout", 120),
        }
        if state == "present":
            options.update(
                update_cache=True, cache_valid_time=arguments.get("cache_valid_time", 3600)
            )
        tried = []
        while True:
            done = self._execute_module(
                module_name="ansible.builtin.apt", module_args=options, task_vars=task_vars
            )
            if not done.get("failed"):
                return None
            step = remedy(str(done.get("msg", "")), tried)
            if step is None:
                return _apt_failure(done, state, names)
            if step == WAIT:
                time.sleep(DELAYS[tried.count(WAIT)])
            elif step == REFRESH:
                options["cache_valid_time"] = 0
            else:
                self._finish_interrupted(task_vars)
            tried.append(step)

    def _finish_interrupted(self, task_vars):
        """Let dpkg finish what a run that died left half done; apt refuses to work before."""
        command = ["env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a"]
        command += ["--force-confdef", "--force-confold"]
        arguments = {"argv": command, "_uses_shell": False}
        self._execute_module(
            module_name="ansible.builtin.command", module_args=arguments, task_vars=task_vars
        )


def _apt_failure(done, state, names):
    wanted = "install" if state == "present" else "remove"
    said = done.get("msg", "nothing said")
    words = f"expected apt to {wanted} {', '.join(names)}, found: {said}"
    return {"failed": True, "changed": False, "msg": words, "stderr": done.get("stderr", "")}

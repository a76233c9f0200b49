#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: system_catalogue
short_description: Brings a host to a catalogue of packages, accounts, files and units in one call
version_added: "0.1.0"
author: The Holdfast developers (@holdfast-ops)
description:
  - Takes everything one role wants of a Debian host as data, reads the host once, plans, applies
    and reports item by item. A second run costs one module call, however long the catalogue is.
  - The order is packages, groups and users, directories, files and links, checks, daemon-reload,
    kernel settings, enabling of units, restarts and reloads, starts and stops. Units that were
    started or restarted must be active a moment later, else the module fails and quotes their log.
  - The restarts that changed files ask for are recorded on the host before the first file is
    written, in C(/var/lib/holdfast/catalogue/NAME.json), and the record is removed after the last
    restart. A run that dies in between is made good by the next one.
  - Templates and files are read on the controller and sent along with the arguments. Missing
    packages are installed by M(ansible.builtin.apt), with retries, before anything else is done.
  - Accounts are made with the host's own C(useradd), C(usermod), C(groupadd) and C(groupmod), not
    with M(ansible.builtin.user), as each further module call would cost as much as this whole one.
options:
  name:
    description:
      - Name of the catalogue, of small letters, digits and underscores. Use the role's name.
      - It names the record of owed restarts and the file of kernel settings.
    type: str
    required: true
  packages:
    description: Packages to have, by their plain names. Virtual packages count as installed when a
      package that provides them is.
    type: list
    elements: str
    default: []
  packages_absent:
    description: Packages not to have. They are removed, and their configuration is left.
    type: list
    elements: str
    default: []
  cache_valid_time:
    description: Seconds for which apt's list of packages counts as fresh when packages are missing.
    type: int
    default: 3600
  lock_timeout:
    description: Seconds to wait for another user of apt when packages are missing.
    type: int
    default: 120
  groups:
    description: Groups to have.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the group.
        type: str
        required: true
      system:
        description: Whether a new group gets its number from the system's range.
        type: bool
        default: false
      gid:
        description: Number of the group.
        type: int
  users:
    description: Accounts to have. A new account's password is locked. What an option leaves out
      stays as it is.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the account.
        type: str
        required: true
      uid:
        description: Number of the account.
        type: int
      group:
        description: Primary group. A new account without it gets a group of its own name.
        type: str
      groups:
        description: Further groups.
        type: list
        elements: str
      append:
        description: Whether further groups that the account has already are kept.
        type: bool
        default: true
      system:
        description: Whether a new account gets its number from the system's range.
        type: bool
        default: false
      shell:
        description: Login shell.
        type: str
      home:
        description: Home directory. An existing home is not moved.
        type: str
      create_home:
        description: Whether to make the home directory.
        type: bool
        default: true
      comment:
        description: Full name or purpose.
        type: str
      authorized_keys:
        description:
          - The public keys that may log in; exactly these, others are removed. Without it the keys
            are left alone.
          - The file is written below the account's home without following any symbolic link.
        type: list
        elements: str
  directories:
    description: Directories to have or not to have. Directories missing above an entry of this
      catalogue are made, owned by root, mode 0755.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: path
        required: true
      state:
        description: With V(absent) the directory is removed with all below it.
        type: str
        choices: [directory, absent]
        default: directory
      owner:
        description: Owner, a name or a number.
        type: str
        default: root
      group:
        description: Group, a name or a number.
        type: str
        default: root
      mode:
        description: Mode as quoted octal digits.
        type: raw
        default: "0755"
  files:
    description: Files to have or not to have. Each is written beside and put in place at once.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path.
        type: path
        required: true
      state:
        description: Whether the file is there. A symbolic link in its place is replaced.
        type: str
        choices: [file, absent]
        default: file
      content:
        description: The text of the file. One of O(files[].content), O(files[].template) and
          O(files[].src) is given; without any the file is empty.
        type: str
      template:
        description: A template on the controller, looked up as M(ansible.builtin.template) does.
        type: str
      src:
        description: A file on the controller, looked up as M(ansible.builtin.copy) does. It may be
          binary. It is sent in every run, so keep it small (up to a megabyte).
        type: str
      owner:
        description: Owner, a name or a number.
        type: str
        default: root
      group:
        description: Group, a name or a number.
        type: str
        default: root
      mode:
        description: Mode as quoted octal digits.
        type: raw
        default: "0644"
      validate:
        description: A command, word by word, that must succeed before the file is put in place.
          C(%s) stands for the new file. When it fails the old file stays and the module fails.
        type: list
        elements: str
        default: []
      restart:
        description: Units to restart when the file changes, if they run.
        type: list
        elements: str
        default: []
      reload:
        description: Units to reload when the file changes, if they run. A unit that cannot reload
          is restarted. A unit that is restarted anyway is not reloaded.
        type: list
        elements: str
        default: []
      no_diff:
        description: Whether the content is secret. It then appears in no diff and no message.
        type: bool
        default: false
  contents:
    description: The contents of O(files) by path, in base64. The action plugin fills it in; leave
      it out.
    type: dict
  links:
    description: Symbolic links to have or not to have.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Absolute path of the link.
        type: path
        required: true
      target:
        description: What the link says. Required unless O(links[].state=absent).
        type: str
      state:
        description: Whether the link is there.
        type: str
        choices: [link, absent]
        default: link
      force:
        description: Whether a file in the place of the link is replaced.
        type: bool
        default: false
      restart:
        description: Units to restart when the link changes, if they run.
        type: list
        elements: str
        default: []
      reload:
        description: Units to reload when the link changes, if they run.
        type: list
        elements: str
        default: []
  checks:
    description: Commands that judge several files together, such as C(nginx -t).
    type: list
    elements: dict
    default: []
    suboptions:
      command:
        description: The command, word by word. It runs when one of its files has changed, before
          any restart, and in a run that makes good an interrupted one.
        type: list
        elements: str
        required: true
      files:
        description: Paths of O(files) and O(links). When the command fails, those that changed in
          this run are put back as they were, nothing is restarted, and the module fails.
        type: list
        elements: str
        required: true
  sysctl:
    description:
      - Kernel settings, any key, such as C(net.core.somaxconn). They are written to
        C(/etc/sysctl.d/90-holdfast-NAME.conf) and applied at once.
      - A setting that this kernel refuses or does not have, as in a container, is reported with the
        action V(skip) and is no failure. A value that the kernel does not take is one.
      - An empty dictionary removes the file. Without the option it is left alone.
    type: dict
  units:
    description: systemd units. What an option leaves out stays as it is.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the unit. Without a type it is a service.
        type: str
        required: true
      enabled:
        description: Whether it starts at boot. A unit that cannot be enabled counts as enabled.
        type: bool
      state:
        description: Whether it runs.
        type: str
        choices: [started, stopped]
      masked:
        description: Whether it is masked.
        type: bool
attributes:
  check_mode:
    support: full
    description: Says what would be done and changes nothing. What an earlier step would have
      brought, such as the account or the unit of a package that is not installed yet, is taken as
      coming. Validators and checks run only when files are written.
  diff_mode:
    support: full
    description: Shows each step's before and after, except for files marked O(files[].no_diff).
  platform:
    support: full
    platforms: debian
    description: Debian with systemd, 12 and later, Python 3.9 and later.
"""

EXAMPLES = r"""
- name: Bring the proxy to its catalogue
  holdfast.ops.system_catalogue:
    name: proxy
    packages: [nginx]
    groups:
      - {name: deploy, system: true}
    users:
      - name: deploy
        group: deploy
        groups: [www-data]
        system: true
        shell: /usr/sbin/nologin
        home: /srv/deploy
    directories:
      - {path: /srv/deploy/releases, owner: deploy, group: deploy, mode: "0750"}
    files:
      - path: /etc/nginx/conf.d/limits.conf
        content: "client_max_body_size 10m;\n"
        reload: [nginx.service]
      - path: /etc/nginx/upstream.key
        content: "{{ vault_upstream_key | default('') }}"
        mode: "0600"
        no_diff: true
        restart: [nginx.service]
      - path: /etc/sudoers.d/deploy
        content: "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl reload nginx.service\n"
        mode: "0440"
        validate: [/usr/sbin/visudo, -cf, "%s"]
    links:
      - {path: /etc/nginx/sites-enabled/default, state: absent, reload: [nginx.service]}
    checks:
      - command: [/usr/sbin/nginx, -t]
        files: [/etc/nginx/conf.d/limits.conf, /etc/nginx/upstream.key]
    sysctl:
      net.core.somaxconn: 4096
    units:
      - {name: nginx.service, enabled: true, state: started}
"""

RETURN = r"""
items:
  description: One entry for each step taken, in order, and one for each that was skipped. What is
    as it shall be is not listed.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: What it is about, one of package, group, user, authorized_keys, directory, file,
        link, check, sysctl and unit.
      type: str
    name:
      description: Its name or path.
      type: str
    changed:
      description: Whether it was changed.
      type: bool
    action:
      description: What was done, such as install, create, write, attributes, restart or skip.
      type: str
    why:
      description: Why it was done.
      type: str
  sample:
    - kind: file
      name: /etc/nginx/conf.d/limits.conf
      changed: true
      action: write
      why: content differs
    - kind: unit
      name: nginx.service
      changed: true
      action: reload
      why: /etc/nginx/conf.d/limits.conf changes
"""

import gc
import os

if __name__ == "__main__":
    # A process of a quarter of a second has nothing to collect; looking costs a fifth of our share.
    gc.disable()

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.holdfast.ops.plugins.module_utils.system.bring import bring, predict
from ansible_collections.holdfast.ops.plugins.module_utils.system.catalogue import read_catalogue
from ansible_collections.holdfast.ops.plugins.module_utils.system.errors import CatalogueError
from ansible_collections.holdfast.ops.plugins.module_utils.system.host import Host
from ansible_collections.holdfast.ops.plugins.module_utils.system.spec import argument_spec


def result(module, outcome):
    """The module's result; needs tells the action plugin which packages come first."""
    items = [change.item() for change in outcome.changes]
    values = {"changed": any(item["changed"] for item in items), "items": items}
    if outcome.install or outcome.remove:
        values["needs"] = {"install": list(outcome.install), "remove": list(outcome.remove)}
    if module._diff and values["changed"]:
        from ansible_collections.holdfast.ops.plugins.module_utils.system.report import diffs

        values["diff"] = diffs(outcome.changes)
    return values


def main():
    """Read the catalogue, bring the host to it, say what was done."""
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    module.run_command_environ_update = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    os.umask(0o022)
    host = Host(module)
    done = []
    try:
        catalogue = read_catalogue(module.params, host.places.sysctl)
        outcome = (
            predict(catalogue, host) if module.check_mode else bring(catalogue, host, done.append)
        )
    except CatalogueError as error:
        items = [change.item() for change in done]
        changed = any(item["changed"] for item in items)
        module.fail_json(msg=str(error), changed=changed, items=items)
    module.exit_json(**result(module, outcome))


if __name__ == "__main__":
    main()

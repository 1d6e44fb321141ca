# SPDX-License-Identifier: GPL-2.0-or-later
"""Chooses kernel modules: what modules.list names and everything that those need, by the indexes that depmod wrote."""

import fnmatch
import os


def module_name(text):
    """The name of a module as the kernel has it, from a path or from a name written with '-'."""
    return os.path.basename(text).removesuffix(".ko").replace("-", "_")


class Tree:
    """A folder such as lib/modules/6.1.0-18-amd64 after depmod."""

    def __init__(self, folder):
        self.folder = folder
        self.paths, self.needs = {}, {}
        for line in self.lines("modules.dep"):
            path, _, needs = line.partition(":")
            self.paths[module_name(path)] = path
            self.needs[module_name(path)] = [module_name(p) for p in needs.split()]
        self.builtin = {module_name(line) for line in self.lines("modules.builtin")}
        self.aliases = [line.split()[1:] for line in self.lines("modules.alias") if line.startswith("alias ")]
        self.soft = {}
        for line in self.lines("modules.softdep"):
            if line.startswith("softdep "):
                words = line.split()
                names = [w for w in words[2:] if w not in ("pre:", "post:")]
                self.soft.setdefault(module_name(words[1]), []).extend(names)

    def lines(self, index):
        with open(os.path.join(self.folder, index), encoding="ascii") as file:
            return [line.rstrip("\n") for line in file if line.strip()]

    def by_alias(self, alias):
        """The modules for a device's modalias, or for another alias."""
        return sorted({module_name(name) for pattern, name in self.aliases if fnmatch.fnmatchcase(alias, pattern)})

    def closure(self, name):
        """`name` and all it needs. A soft dependency that is no module here is what its name says: soft."""
        found, todo = set(), [name]
        while todo:
            name = todo.pop()
            if name in found:
                continue
            found.add(name)
            todo += self.needs[name]
            for soft in self.soft.get(name, []):
                wanted = module_name(soft)
                todo += [wanted] if wanted in self.paths else [m for m in self.by_alias(soft) if m in self.paths]
        return found


def read_list(path):
    """Returns [(group, [module, ...]), ...] of a modules.list."""
    groups = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.partition("#")[0].strip()
            if line.startswith("["):
                groups.append((line.strip("[]"), []))
            elif line and not groups:
                raise ValueError(f"{path}: {line} stands before the first [group]")
            elif line:
                groups[-1][1].append(line)
    return groups


def choose(tree, groups):
    """Returns ([(group, [module, ...]), ...], [name that is no module, ...]): each module in the first group that needs
    it. Names of what is built into the kernel are no mistake and choose nothing."""
    seen, chosen, unknown = set(), [], []
    for group, names in groups:
        members = set()
        for name in map(module_name, names):
            if name in tree.paths:
                members |= tree.closure(name) - seen
            elif name not in tree.builtin:
                unknown.append(name)
        seen |= members
        chosen.append((group, sorted(members, key=tree.paths.get)))
    return chosen, unknown

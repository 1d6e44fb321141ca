# SPDX-License-Identifier: GPL-2.0-or-later
"""--help and the manual page tell of the same commands and options, and both fit a terminal."""
import os
import pathlib
import re
import subprocess

import pytest

AGENT = pathlib.Path(os.environ.get("SLIPWAY_AGENT", "build/agent/slipway-agent")).resolve()
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "slipway-agent.8"
COMMANDS = ["capture", "deploy", "verify", "inspect", "import", "export", "run", "resident", "confirm"]
OWN_OPTIONS = ["run", "resident", "confirm"]  # theirs are refused by getopt, in its words


def help_of(*words):
    done = subprocess.run([AGENT, *words, "--help"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stderr == ""
    return done.stdout


def section(command):
    return re.search(rf"^\.Ss {command}$(.*?)^\.S[sh] ", PAGE.read_text(), re.S | re.M)[1]


def test_the_page_is_clean():
    done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", PAGE], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "", done.stdout


def test_both_have_all_commands():
    assert re.findall(r"^  ([a-z]+)  ", help_of(), re.M) == COMMANDS
    assert re.findall(r"^\.Ss ([a-z]+)$", PAGE.read_text(), re.M) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_both_have_the_same_options(command):
    told = set(re.findall(r"^  --([a-z0-9-]+)", help_of(command), re.M))
    written = set(re.findall(r"^\.It Fl \\-([a-z0-9-]+)", section(command), re.M))
    assert told == written and "help" in told


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_80_columns(command):
    assert [line for line in help_of(command).splitlines() if len(line) > 79] == []


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in OWN_OPTIONS])
def test_told_options_are_taken_and_others_are_not(command):
    """An option of --help is refused neither as unknown nor as another command's."""
    told = set(re.findall(r"^  --([a-z0-9-]+)", help_of(command), re.M)) - {"help"}
    everything = set(re.findall(r"^\.It Fl \\-([a-z0-9-]+)", PAGE.read_text(), re.M)) - {"help"}
    for name in everything:
        done = subprocess.run([AGENT, command, "--" + name], capture_output=True, text=True, timeout=30)
        assert done.returncode == 2
        assert ("no option of it" in done.stderr) == (name not in told), (name, done.stderr)

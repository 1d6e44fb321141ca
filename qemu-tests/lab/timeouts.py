# SPDX-License-Identifier: GPL-2.0-or-later
"""How long to wait before something counts as never. Generous: a slow machine is no failure. In seconds."""
FIRMWARE = 120   # power-on to slipway.efi
BOOT = 240       # slipway.efi to the agent's check-in; a loader to Debian's login
NETWORK = 150    # all tries of a protocol to run out
SOON = 60        # the next thing that a machine does by itself
IMAGING = 1200   # a capture or deploy of a whole Debian

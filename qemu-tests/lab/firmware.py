# SPDX-License-Identifier: GPL-2.0-or-later
"""What servers must know of the firmware that machines of the lab have."""
NBP = "slipway.efi"          # Slipway for this firmware
DNSMASQ_NAME = "X86-64_EFI"  # what dnsmasq calls its architecture in pxe-service lines

# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: network namespaces, real servers and QEMU machines, for the scenarios, the demo and the benchmarks."""

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_PCI_REPORT_H
#define SLIPWAY_AGENT_PCI_REPORT_H

/* Says on the console which PCI network devices no driver has taken, by vendor and device: what a person needs to ask
 * for the right driver. */
void pci_report_unbound_network(void);

#endif

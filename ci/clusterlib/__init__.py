# SPDX-License-Identifier: GPL-2.0
"""Clusters of virtual machines on one machine: what ci/cluster is made of."""

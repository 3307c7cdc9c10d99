# SPDX-License-Identifier: GPL-2.0
"""What ci/bench consists of."""

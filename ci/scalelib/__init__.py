# SPDX-License-Identifier: GPL-2.0
"""What ci/scale is made of."""

"""Layers around machines that may fail: `wrap` puts them around a language model."""

from aiwriter.resilience.layers import Gear, RetryPolicy, wrap

__all__ = ["Gear", "RetryPolicy", "wrap"]

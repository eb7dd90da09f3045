"""Exposure models, one file a publication."""

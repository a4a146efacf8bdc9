"""Maru in Discord."""

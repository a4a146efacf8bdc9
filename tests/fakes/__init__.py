"""Stateful stand-ins for the services that Maru talks to."""

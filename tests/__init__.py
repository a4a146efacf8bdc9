"""The tests of Maru."""

"""The terminal as a platform: the smallest complete adapter, and the client that people type into."""

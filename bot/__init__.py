"""The core of Maru: what it does with people's messages, whatever the platform, engine or database."""

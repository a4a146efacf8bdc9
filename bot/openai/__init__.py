"""The engine that thinks with OpenAI's API."""

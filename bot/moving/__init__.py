"""Moving in from OpenAI's Assistants API, which ended on 2026-08-26."""

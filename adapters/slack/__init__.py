"""Slack as a platform, on slack-bolt's async app."""

"""What people in Discord see, whatever happens on the way."""

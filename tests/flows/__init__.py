"""What people see, from a message to its answer."""

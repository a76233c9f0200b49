"""What every feature shares: errors and places."""

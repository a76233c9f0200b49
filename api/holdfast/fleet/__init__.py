"""A fleet under management: declarations checked, health asked."""

"""Asks every host how it is, through the collection's playbook."""

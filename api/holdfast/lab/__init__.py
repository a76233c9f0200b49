"""The lab: real systemd hosts on this machine, booted by systemd-nspawn."""

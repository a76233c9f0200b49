# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Request metrics from nginx's log lines, kept free of personal data.

nginx sends one datagram a request. It is counted and forgotten: of the session cookie only a hash
under a key that never leaves memory is kept, and of the rest nothing that names a person.
"""

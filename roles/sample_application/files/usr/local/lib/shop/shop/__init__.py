# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lab's sample application: a small shop with real tables, traffic and failure modes."""

__version__ = "1.0.0"

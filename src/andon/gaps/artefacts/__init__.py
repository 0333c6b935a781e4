"""What a run of a suite leaves behind, read into `Beliefs`: reports and traces of Playwright, JUnit, HAR.

Only `reading` opens files; the rest gets bytes. Nothing here trusts a file: what is broken is a problem that
is told, what is unknown is passed over, and everything is bounded.
"""

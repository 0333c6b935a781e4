"""Applications whose suites pass and whose production fails, with the truth about why: for `andon gap`."""

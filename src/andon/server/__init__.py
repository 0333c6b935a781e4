"""The servers of Andon: what other processes speak to over HTTP."""

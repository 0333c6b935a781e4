"""Does a hotfix stay a hotfix? One module per kind of objection, each pure."""

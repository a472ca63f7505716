"""The HTTP doors of the portal, one file per kind of thing asked for; `routing` says which address leads where."""

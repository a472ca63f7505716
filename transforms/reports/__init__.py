"""Tables for the reports: what needs help this week, how the book stands, and what became of each closed deal.

Numbers and keys only; the words and the pages are made by whoever shows them. Figures about sellers stand per team of
at least five, or for the whole company; a deal's own facts stand on the deal.
"""

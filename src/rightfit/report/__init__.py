"""From records to something to look at: one self-contained html page, and sentences for the terminal.

`page` renders a run, `path_page` a path alone, `words` writes the terminal's summary. `figures` turns records into
the numbers that the pictures are drawn from, `tables` into rows; `assets` holds the page's html, css and scripts.
"""

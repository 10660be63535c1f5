"""Two builds side by side: `make bench ARGS="paired 7fb3208"` prints the medians of each and their ratio.

Beside each ratio stands that of two servers of the same build: what lies within their spread counts as equal. Whatever
is asked for is read from the pages, so that builds with other addresses and other names of fields are driven alike.
"""

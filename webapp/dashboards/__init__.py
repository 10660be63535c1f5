"""What each role sees on its first page, the public front page, the help, and the shell around every page.
It changes nothing but a browser's choices.
"""

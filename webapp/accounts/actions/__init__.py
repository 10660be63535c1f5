"""The verbs of accounts: joining, proving who one is and leaving, and the links of our mails."""

"""The inbox: what people are told, as codes and parameters, and the mails that go with it. The words belong
to the features that tell. Verbs: tell, mark read.
"""

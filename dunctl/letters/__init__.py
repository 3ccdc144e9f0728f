"""What do we send? A template and a case to a letter; nothing here opens a file or sends anything.

``template`` reads a template's text, ``compose`` gathers what a letter may say about a case and
refuses where none may go out, ``render`` fills the template in. A template is data: it prints
values and chooses between texts, it computes nothing and can neither call nor load anything.
"""

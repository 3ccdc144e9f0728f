"""Commands under injected failures: what they acknowledged is there once, whatever broke.

A world is a folder: ``desk`` is the store, ``home`` has git's settings, ``post`` is what was sent.
It is made once for each command (``acts``), copied for each fault (``worlds``), broken (``shim``
inside the process, ``traced`` by strace, ``kinds`` for the rest) and then looked at (``worlds``).
``make faults`` runs all of it and counts; the tests here run a part of it with the others.
"""

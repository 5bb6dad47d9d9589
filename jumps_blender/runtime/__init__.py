"""The GPU runtime: a Python environment with PyTorch that the extension makes for itself, and what is told of it.

pins.py          what is installed, and how much that is
environment.py   the folder it lies in, what is in there, and how it goes away
process.py       commands that can be cancelled, and that end when Blender does
pip_progress.py  how far pip is
install.py       from nothing, or from what an interrupted run left, to an environment that was checked
check.py         whether a Python solves with PyTorch what numpy solves
interpreter.py   what a Python is and has
diagnostics.py   a page for a bug report

Nothing here knows Blender: the folder is given, and so is whether the network may be used.
"""

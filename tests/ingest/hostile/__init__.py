"""Files that are broken or mean harm, each made from nothing by the test that offers it.

A family is a table: name → what becomes of the file (the code of its refusal, or ``taken``), and
what makes it in a folder. ``Trap`` holds what it may reach for: a file of the server, and a port.
"""

"""A folder of keypoint files in; results, a report and a page for the supervisor out. Knows nothing of Blender.

    options     what was asked for
    scene       and of each .blend, which Blender makes (ui/shots) of what was solved
    shots       which files belong together, and what tells that one has changed
    solving     one shot, in a child process (start, protocol) that the driver (pool, run) looks after
    records     what is kept of each shot, in its folder: the truth from which everything else is made
    report      report.json, summary.csv and index.html out of all records

The driver never solves: the child's environment limits the threads before numpy is loaded, and a file that brings the
child down costs its own shot alone.
"""

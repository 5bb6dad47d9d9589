"""A performance of the 28 joints, put onto the rig of an animator.

    parts, rotations, rest, spatial, planar, travel, layers, motion   the mathematics, on numpy arrays, without bpy
    rigs, names, mapping, options                                    what a rig calls its bones, and what is asked for
    target, source, guide, bake, presets                             Blender

A rig is led by a guide, an armature of its own that holds the motion; baking writes what the guide shows to keys.
"""

"""A performance of the 28 joints, put onto the rig of an animator.

    parts, rotations, rest, foreshortened, spatial, planar, steady, standing, layers, motion
                                                 the mathematics, on numpy arrays, without bpy
    rigs, names, mapping, presets, options       what a rig calls its bones, and what is asked for
    target, source, channels, switches, guide, follow, bake            Blender

A rig is led by a guide, an armature of its own that holds the motion; baking writes what the guide shows to keys.
"""

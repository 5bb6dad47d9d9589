"""What the sidebar tab shows, a panel a module: keypoints, their repair, the result, a rig."""

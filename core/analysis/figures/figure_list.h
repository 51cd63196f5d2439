// SPDX-License-Identifier: GPL-3.0-or-later
// The figures, a line each, in the order in which they are listed. A line WINNOW_FIGURE(Name) stands for
//   FigureKind figureName()    in core/analysis/figures: what the figure is and how its numbers are made
//   drawName(…)                in views/paper: how it is drawn
// Whoever includes this defines the macro first.
WINNOW_FIGURE(TreeKv2)
WINNOW_FIGURE(Wavelet)
WINNOW_FIGURE(ScaleSlope)
WINNOW_FIGURE(Carriers)
WINNOW_FIGURE(Coherence)
WINNOW_FIGURE(Attention)
WINNOW_FIGURE(Heads)
WINNOW_FIGURE(Retention)
WINNOW_FIGURE(Mass)
WINNOW_FIGURE(Layers)
WINNOW_FIGURE(Distance)
WINNOW_FIGURE(Sweep)
WINNOW_FIGURE(Kept)
WINNOW_FIGURE(Text)
WINNOW_FIGURE(Autopsy)
WINNOW_FIGURE(Lanes)
WINNOW_FIGURE(Jaccard)
WINNOW_FIGURE(Prediction)
WINNOW_FIGURE(Drift)
WINNOW_FIGURE(LostBands)
WINNOW_FIGURE(Resolution)
WINNOW_FIGURE(Needle)
WINNOW_FIGURE(PaperVsYours)
WINNOW_FIGURE(Deployable)

"""The colours of every figure."""

INK, FAINT, BASELINE, GREY, SAME = "#222222", "#efefef", "#6b6b6b", "#9c9ca1", "#d9d9d9"
GAIN, LOSS = "#0072B2", "#D55E00"  # kept apart by every kind of colour vision, unlike green and red
GAIN_PALE, LOSS_PALE = "#9ecae8", "#f2b48c"
BLUE, ORANGE, RED, PURPLE, VIOLET = "#5790fc", "#f89c20", "#e42536", "#964a8b", "#7a21dd"  # petroff6
KIND_COLOURS = {"large": RED, "city": BLUE, "rural": ORANGE, "private": PURPLE, "all": INK}
SERIES = (BLUE, ORANGE, PURPLE, RED, VIOLET, GAIN, LOSS, GREY)

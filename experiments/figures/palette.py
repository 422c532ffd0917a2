"""The colours of every figure."""

INK, FAINT, BASELINE, GREY, SAME = "#222222", "#efefef", "#6b6b6b", "#9c9ca1", "#d9d9d9"
GAIN, LOSS = "#0072B2", "#D55E00"  # kept apart by every kind of colour vision, unlike green and red
GAIN_PALE, LOSS_PALE = "#9ecae8", "#f2b48c"
BLUE, ORANGE, RED, PURPLE, VIOLET = "#5790fc", "#f89c20", "#e42536", "#964a8b", "#7a21dd"  # petroff6
KIND_COLOURS = {"large": RED, "city": BLUE, "rural": ORANGE, "private": PURPLE, "all": INK}
NIGHT = {  # what stands for them on a dark ground
    "#222222": "#e4e4e4", "#efefef": "#333333", "#6b6b6b": "#a6a6a6", "#0072b2": "#4fa9de", "#d55e00": "#f0853c",
    "#444444": "#bdbdbd", "#964a8b": "#c07bb5", "#7a21dd": "#a86cf0", "#dddddd": "#3a4149",
}  # fmt: skip
SERIES = (BLUE, ORANGE, PURPLE, RED, VIOLET, GAIN, LOSS, GREY)

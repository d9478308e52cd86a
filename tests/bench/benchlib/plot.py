"""Plots as SVG, without a library. The same figures give the same bytes."""

import math

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 80, 160, 50, 60
COLOURS = ["#0b6e99", "#c4571b", "#4b7f2c", "#7a4fa3", "#8a6d00"]


def _nice_top(value):
    """The next 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0:
        return 1
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * 1.05)


def _text(x, y, text, **attributes):
    extra = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}"{extra}>{escaped}</text>'


def lines(title, x_label, y_label, series, limit=None):
    """An SVG of {name: [(x, y), ...]} with a logarithmic x axis. `limit` is drawn as (label, y)."""
    xs = sorted({x for points in series.values() for x, _ in points})
    highest = max(y for points in series.values() for _, y in points)
    if limit and limit[1] < highest * 4:
        highest = max(highest, limit[1])
    top = _nice_top(highest)
    low, high = math.log10(xs[0]), math.log10(xs[-1])

    def at(x, y):
        across = (math.log10(x) - low) / (high - low)
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM),
        )

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(LEFT, 24, title, font_size=15, font_weight="bold"),
    ]
    for i in range(6):
        x, y = at(xs[0], top * i / 5)
        out.append(f'<path d="M{x:.1f} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(_text(x - 8, y + 4, f"{top * i / 5:g}", text_anchor="end"))
    for value in xs:
        x, y = at(value, 0)
        out.append(f'<path d="M{x:.1f} {y:.1f}v5" stroke="#444"/>')
        out.append(_text(x, y + 20, f"{value:,}", text_anchor="middle"))
    middle = (LEFT + WIDTH - RIGHT) / 2
    out.append(_text(middle, HEIGHT - 14, x_label, text_anchor="middle"))
    out.append(f'<g transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">')
    out.append(_text(0, 0, y_label, text_anchor="middle") + "</g>")
    if limit and limit[1] <= top:
        x, y = at(xs[0], limit[1])
        out.append(f'<path d="M{x:.1f} {y:.1f}H{WIDTH - RIGHT}" stroke="#b00" stroke-dasharray="6 4"/>')
        out.append(_text(WIDTH - RIGHT + 8, y + 4, limit[0], fill="#b00"))
    for i, (name, points) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        places = [at(x, y) for x, y in points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        out.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        x, y = places[-1]
        out.append(_text(x + 8, y + 4, name, fill=colour))
    return "\n".join([*out, "</svg>", ""])


def bars(title, x_label, values):
    """An SVG of {name: value} as horizontal bars, from the top in the order of the names."""
    left, step, right = 330, 22, 70
    width, height = left + 420 + right, TOP + step * len(values) + BOTTOM
    top = _nice_top(max(values.values()))
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        _text(16, 24, title, font_size=15, font_weight="bold"),
    ]
    for i, (name, value) in enumerate(values.items()):
        y, length = TOP + step * i, value / top * 420
        out.append(_text(left - 8, y + 13, name, text_anchor="end"))
        out.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{step - 6}" fill="{COLOURS[0]}"/>')
        out.append(_text(left + length + 6, y + 13, f"{value:.3g}"))
    out.append(_text(left, height - 24, x_label))
    return "\n".join([*out, "</svg>", ""])

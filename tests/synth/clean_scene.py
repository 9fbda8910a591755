"""Settings of a scene without noise, blur or texture, whose grey values can be computed."""

CLEAN = {
    "dose": float("inf"),
    "defocus": 0.0,
    "support_texture": 0.0,
    "thickness_gradient": 0.0,
    "contrast_spread": 0.0,
    "grain": 0.0,
    "scale_bar": "none",
    "bit_depth": 16,
}

const QUIET_MS = 400;
const state = {
  shown: null, removed: new Set(), chosen: null, mode: "choose", view: null, timer: null,
};
const svg = () => element.querySelector("svg");

// Quick clicks are told together: each one makes the server measure anew.
function tellRemoved() {
  clearTimeout(state.timer);
  const told = { shown: state.shown, removed: state.removed };
  state.timer = setTimeout(
    () => trigger("input", { shown: told.shown, removed: [...told.removed] }), QUIET_MS,
  );
}

function paint() {
  const picture = svg();
  if (!picture) return;
  if (picture.dataset.shown !== state.shown) {
    state.shown = picture.dataset.shown;
    state.removed = new Set(picture.dataset.removed.split(",").filter(Boolean).map(Number));
    state.chosen = null;
    state.view = null;
  }
  picture.querySelectorAll(".particle").forEach((path) => {
    const place = Number(path.dataset.place);
    path.classList.toggle("removed", state.removed.has(place));
    path.classList.toggle("chosen", state.chosen === place);
  });
  element.querySelectorAll("button[data-mode]").forEach((button) => {
    button.classList.toggle("on", button.dataset.mode === state.mode);
  });
  if (state.view) picture.setAttribute("viewBox", state.view.join(" "));
}

function zoom(factor, x, y) {
  const picture = svg();
  if (!picture) return;
  const { width, height } = picture.dataset;
  const [left, top, w, h] = state.view || [0, 0, Number(width), Number(height)];
  const wide = Math.min(Number(width), w * factor);
  const high = wide * h / w;
  const clamp = (value, most) => Math.max(0, Math.min(value, most));
  state.view = [
    clamp(left + (w - wide) * x, width - wide), clamp(top + (h - high) * y, height - high),
    wide, high,
  ];
  paint();
}

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && button.dataset.mode) {
    state.mode = button.dataset.mode;
    paint();
  } else if (button && button.dataset.zoom) {
    zoom(Number(button.dataset.zoom), 0.5, 0.5);
  } else if (button && button.dataset.back) {
    state.removed.clear();
    paint();
    tellRemoved();
  }
  const path = event.target.closest(".particle");
  if (!path) return;
  const place = Number(path.dataset.place);
  if (state.mode === "remove") {
    if (!state.removed.delete(place)) state.removed.add(place);
    tellRemoved();
  } else {
    state.chosen = place;
    trigger("select", { shown: state.shown, chosen: place });
  }
  paint();
});

element.addEventListener("wheel", (event) => {
  const picture = svg();
  if (!picture || !picture.contains(event.target)) return;
  event.preventDefault();
  const box = picture.getBoundingClientRect();
  zoom(event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - box.left) / box.width,
    (event.clientY - box.top) / box.height);
}, { passive: false });

watch("value", paint);
paint();

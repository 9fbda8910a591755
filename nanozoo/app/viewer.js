const QUIET_MS = 400;
const DRAG_PX = 4;
const state = {
  shown: null, removed: new Set(), chosen: null, mode: "choose", view: null, timer: null,
  drag: null, dragged: false,
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
  element.querySelectorAll(".rows tr[data-place]").forEach((row) => {
    row.classList.toggle("chosen", state.chosen === Number(row.dataset.place));
  });
  element.querySelectorAll("button[data-mode]").forEach((button) => {
    button.classList.toggle("on", button.dataset.mode === state.mode);
  });
  if (state.view) picture.setAttribute("viewBox", state.view.join(" "));
}

function look(view) {
  const { width, height, group } = svg().dataset;
  const clamp = (value, most) => Math.max(0, Math.min(value, most));
  const [left, top, wide, high] = view;
  state.view = [clamp(left, width - wide), clamp(top, height - high), wide, high];
  paint();
  if (group) {
    const detail = { group, from: element, view: state.view };
    document.dispatchEvent(new CustomEvent("nanozoo-look", { detail }));
  }
}

function seen() {
  const { width, height } = svg().dataset;
  return state.view || [0, 0, Number(width), Number(height)];
}

function zoom(factor, x, y) {
  const picture = svg();
  if (!picture) return;
  const [left, top, w, h] = seen();
  const wide = Math.min(Number(picture.dataset.width), w * factor);
  const high = wide * h / w;
  look([left + (w - wide) * x, top + (h - high) * y, wide, high]);
}

function choose(place) {
  state.chosen = place;
  paint();
  const row = element.querySelector(`.rows tr[data-place="${place}"]`);
  const rows = element.querySelector(".rows");
  if (row) rows.scrollTop = row.offsetTop - rows.clientHeight / 2;
  trigger("select", { shown: state.shown, chosen: place });
}

function sortBy(head) {
  const column = [...head.parentElement.children].indexOf(head);
  const down = head.dataset.down !== "1";
  head.dataset.down = down ? "1" : "0";
  const body = element.querySelector(".rows tbody");
  const text = (row) => row.children[column].textContent;
  const order = [...body.children].sort((a, b) => (
    text(a).localeCompare(text(b), "en", { numeric: true }) * (down ? -1 : 1)
  ));
  body.append(...order);
}

element.addEventListener("click", (event) => {
  if (state.dragged) return;
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
  const head = event.target.closest(".rows th");
  if (head) sortBy(head);
  const row = event.target.closest(".rows tr[data-place]");
  if (row) choose(Number(row.dataset.place));
  const path = event.target.closest(".particle");
  if (!path) return;
  const place = Number(path.dataset.place);
  if (state.mode === "remove") {
    if (!state.removed.delete(place)) state.removed.add(place);
    tellRemoved();
    paint();
  } else {
    choose(place);
  }
});

element.addEventListener("wheel", (event) => {
  const picture = svg();
  if (!event.ctrlKey || !picture || !picture.contains(event.target)) return;
  event.preventDefault();
  const box = picture.getBoundingClientRect();
  zoom(event.deltaY > 0 ? 1.25 : 0.8, (event.clientX - box.left) / box.width,
    (event.clientY - box.top) / box.height);
}, { passive: false });

element.addEventListener("pointerdown", (event) => {
  const picture = svg();
  state.dragged = false;
  state.drag = picture && picture.contains(event.target)
    ? { x: event.clientX, y: event.clientY, view: seen() } : null;
});

element.addEventListener("pointermove", (event) => {
  if (!state.drag || !event.buttons || !state.view) return;
  const across = event.clientX - state.drag.x;
  const down = event.clientY - state.drag.y;
  if (Math.hypot(across, down) < DRAG_PX && !state.dragged) return;
  state.dragged = true;
  const [left, top, wide, high] = state.drag.view;
  const scale = wide / svg().getBoundingClientRect().width;
  look([left - across * scale, top - down * scale, wide, high]);
});

document.addEventListener("nanozoo-look", ({ detail }) => {
  const picture = svg();
  if (!picture || detail.from === element || picture.dataset.group !== detail.group) return;
  state.view = detail.view;
  paint();
});

watch("value", paint);
paint();

// Parallel coordinates as SVG: a line a config, and a brush on each axis. Drawn by hand, since plotly's need WebGL.
"use strict";
const drawParallel = (place, { axes, lines, trials }, show) => {
  const make = (name, attributes, parent, text = "") => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.textContent = text;
    return parent.appendChild(node);
  };
  const top = 66, bottom = 26, height = 430, foot = height - bottom;
  const width = Math.max(place.clientWidth, 76 * axes.length);
  const x = (k) => 44 + (k * (width - 44 - 64)) / Math.max(axes.length - 1, 1);
  const y = (unit) => (unit === null ? foot + 14 : foot - unit * (foot - top));
  place.replaceChildren();
  const svg = make("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Parallel coordinates" }, place);
  const kept = axes.map(() => null); // of each axis the units that a line must pass between, if any

  const rank = (k) => 1 - k / Math.max(lines.length - 1, 1); // the last line is the best
  const paths = lines.map((line, k) => {
    const points = line.map((unit, j) => `${x(j).toFixed(1)},${y(unit).toFixed(1)}`).join(" ");
    const kind = rank(k) < 0.1 ? "best" : rank(k) < 0.5 ? "middle" : "rest";
    const path = make("polyline", { points, class: kind }, svg);
    path.addEventListener("click", () => show(trials[k]));
    make("title", {}, path, `trial ${trials[k]}`);
    return path;
  });
  const sift = () => lines.forEach((line, k) => {
    const out = kept.some((span, j) => span && (line[j] === null || line[j] < span[0] || line[j] > span[1]));
    paths[k].classList.toggle("out", out);
  });

  axes.forEach((axis, j) => {
    const group = make("g", { transform: `translate(${x(j)},0)` }, svg);
    make("line", { y1: top, y2: foot, class: "axis" }, group);
    make("text", { class: "name", transform: `translate(-6,${top - 14}) rotate(-18)` }, group, axis.name);
    for (const [unit, text] of axis.ticks) {
      make("line", { x1: -4, x2: 0, y1: y(unit), y2: y(unit), class: "axis" }, group);
      make("text", { class: "tick", x: 5, y: y(unit) + 4 }, group, text);
    }
    const brush = make("rect", { class: "brush", x: -9, width: 18, y: 0, height: 0 }, group);
    const ground = make("rect", { class: "ground", x: -16, width: 32, y: top - 4, height: foot - top + 8 }, group);
    const unit = (event) => (foot - (event.clientY - svg.getBoundingClientRect().top)) / (foot - top);
    let from = null;
    const move = (event) => {
      if (from === null) return;
      const span = [from, unit(event)].sort((a, b) => a - b);
      kept[j] = span[1] - span[0] < 0.01 ? null : span;
      brush.setAttribute("y", kept[j] ? y(Math.min(span[1], 1.01)) : 0);
      brush.setAttribute("height", kept[j] ? y(Math.max(span[0], -0.01)) - y(Math.min(span[1], 1.01)) : 0);
      sift();
    };
    ground.addEventListener("pointerdown", (event) => { from = unit(event); ground.setPointerCapture(event.pointerId); move(event); });
    ground.addEventListener("pointermove", move);
    ground.addEventListener("pointerup", () => { from = null; });
    ground.addEventListener("pointercancel", () => { from = null; });
  });
};

"use strict";
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // A figure names its colours, such as "@accent" or "@accent/0.3"; the style sheet says what they are.
  const colour = (text) => {
    const [name, share] = text.slice(1).split("/");
    const hex = getComputedStyle(root).getPropertyValue("--" + name).trim();
    return share ? hex + Math.round(share * 255).toString(16).padStart(2, "0") : hex;
  };
  const painted = (value, key = "") => {
    if (Array.isArray(value)) return value.map((each) => painted(each, key));
    if (value && typeof value === "object") {
      const under = (k) => (/color/.test(k) || !/color/.test(key) ? k : key);
      return Object.fromEntries(Object.entries(value).map(([k, each]) => [k, painted(each, under(k))]));
    }
    return typeof value === "string" && value[0] === "@" && /color/.test(key) ? colour(value) : value;
  };
  const merged = (base, more) => {
    const all = { ...base };
    for (const [key, value] of Object.entries(more || {}))
      all[key] = value && typeof value === "object" && !Array.isArray(value) ? merged(all[key], value) : value;
    return all;
  };
  const axis = () => ({ gridcolor: "@line", zeroline: false, linecolor: "@line", tickcolor: "@line", ticks: "outside", ticklen: 4,
    automargin: true, title: { font: { color: "@soft", size: 12 }, standoff: 8 } });
  const layout = (own, height) => {
    const base = { height, margin: { l: 12, r: 14, t: 10, b: 12 }, paper_bgcolor: "@paper", plot_bgcolor: "@paper",
      font: { color: "@soft", size: 12, family: getComputedStyle(document.body).fontFamily }, hovermode: "closest", showlegend: false,
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 12 }, bgcolor: "@paper/0" },
      hoverlabel: { bgcolor: "@panel", bordercolor: "@line", font: { color: "@ink" }, align: "left" },
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom" };
    for (const name of new Set(["xaxis", "yaxis", ...Object.keys(own).filter((key) => /^[xy]axis/.test(key))])) base[name] = axis();
    return painted(merged(base, own));
  };
  const config = { displaylogo: false, responsive: true, displayModeBar: false };

  const plots = [...document.querySelectorAll(".plot")];
  const draw = (plot) => {
    const { traces, own, height } = page.pictures[plot.dataset.picture];
    const first = !plot.classList.contains("js-plotly-plot");
    const drawn = Plotly.react(plot, painted(traces), layout(own, height), config);
    if (first) plot.on("plotly_click", (event) => show(event.points[0].customdata));
    return drawn;
  };
  const redraw = () => plots.filter((plot) => plot.classList.contains("js-plotly-plot")).forEach(draw);
  const parallels = [...document.querySelectorAll(".parallel")];
  const lay = () => parallels.forEach((place) => drawParallel(place, page.pictures[place.dataset.picture], show));
  // One after the other, so that the page can be read meanwhile.
  const next = (k) => {
    if (k === plots.length) { lay(); root.dataset.drawn = "yes"; return; }
    draw(plots[k]);
    setTimeout(next, 0, k + 1);
  };

  const card = document.getElementById("card");
  const show = (trial) => {
    const text = page.trials[Array.isArray(trial) ? trial[0] : trial];
    if (!text) return;
    card.querySelector("pre").textContent = text;
    card.hidden = false;
  };
  card.querySelector("button").addEventListener("click", () => { card.hidden = true; });

  const kept = { get: () => { try { return localStorage.getItem("caviar-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("caviar-theme", value); } catch { /* a page that may keep nothing */ } } };
  if (page.theme || kept.get()) root.dataset.theme = page.theme || kept.get();
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    kept.set(root.dataset.theme);
    redraw();
  });
  dark.addEventListener("change", redraw);
  let before;
  addEventListener("beforeprint", () => { before = root.dataset.theme; root.dataset.theme = "light"; plots.forEach(draw); });
  addEventListener("afterprint", () => { if (before) root.dataset.theme = before; else delete root.dataset.theme; redraw(); });

  for (const button of document.querySelectorAll(".code button"))
    button.addEventListener("click", async () => {
      const pre = button.parentElement.querySelector("pre");
      try { await navigator.clipboard.writeText(pre.textContent); button.textContent = "copied"; }
      catch { getSelection().selectAllChildren(pre); button.textContent = "selected"; }
    });
  if (matchMedia("(max-width: 1000px)").matches) document.querySelector("nav details").open = false;

  // A page whose pictures its reader has turned to something is not taken away: a button offers the newer one.
  const news = document.getElementById("news");
  let held = false;
  for (const place of [...plots, ...parallels, card])
    for (const name of ["pointerdown", "wheel"]) place.addEventListener(name, () => { held = true; }, { passive: true });
  news.addEventListener("click", () => location.reload());
  if (page.poll)
    setInterval(async () => {
      try {
        const answer = await fetch("version", { cache: "no-store" });
        if (!answer.ok || (await answer.text()) === page.poll) return;
        if (held) news.hidden = false; else location.reload();
      } catch { /* the server has ended; the page stays as it is */ }
    }, 2000);
  setTimeout(next, 0, 0);
})();

"use strict";
// Values under the pointer, and with the arrow keys: a guide in every panel and a small box.
(function () {
  const all = JSON.parse(document.getElementById("curves").textContent);
  const SVG = "http://www.w3.org/2000/svg";

  function number(value) {
    if (value === null) return "–";
    if (value < 0.01) return "<0.01";
    const digits = Math.max(0, 2 - Math.floor(Math.log10(value)));
    return value.toFixed(Math.min(digits, 4));
  }

  function duration(hours) {
    return Math.abs(hours) < 2 ? Math.round(hours * 60) + " min" : Number(hours.toPrecision(3)) + " h";
  }

  function when(set, k) {
    const t = set.t[k];
    if (!set.starts) return duration(t) + " after the start";
    let s = 0;
    while (s + 1 < set.starts.length && set.starts[s + 1] <= t + 1e-9) s += 1;
    const place = "Session " + (s + 1) + ", day " + set.days[s];
    return set.peaks ? place : place + ": " + duration(t - set.starts[s]) + " after its start";
  }

  function nearest(times, t) {
    let low = 0, high = times.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] > t) high = middle; else low = middle;
    }
    return t - times[low] <= times[high] - t ? low : high;
  }

  function line(parent, text, tag) {
    const element = document.createElement(tag || "div");
    element.textContent = text;
    parent.appendChild(element);
    return element;
  }

  function fill(box, set, k) {
    box.textContent = "";
    line(box, when(set, k), "b");
    for (const one of set.series) {
      const q = one.q.map((row) => number(row[k]));
      const middle = q[(q.length - 1) / 2];
      const head = line(box, one.name + ": " + middle + " ng/mL", "p");
      head.style.color = one.colour;
      if (q.length === 3) line(box, "lowest " + q[0] + ", highest " + q[2]);
      if (q.length === 5) line(box, "50 %: " + q[1] + " to " + q[3] + "; 90 %: " + q[0] + " to " + q[4]);
      for (const other of set.others || []) {
        if (other.values[one.key]) line(box, other.name + ": " + number(other.values[one.key][k]));
      }
    }
  }

  function ready(id, plot) {
    const svg = document.getElementById(id), set = all.data[plot.data];
    const host = svg.parentElement, box = document.createElement("div");
    let guides = [], at = 0;
    host.classList.add("plot");
    host.tabIndex = 0;
    host.setAttribute("role", "group");
    host.setAttribute("aria-label", "Values: left and right arrow keys");
    box.className = "values";
    box.setAttribute("role", "status");
    box.hidden = true;
    host.appendChild(box);

    function show(k) {
      at = Math.max(0, Math.min(set.t.length - 1, k));
      if (!guides.length) guides = plot.panels.map((panel) => {
        const guide = document.createElementNS(SVG, "line");
        guide.setAttribute("class", "guide");
        guide.setAttribute("y1", panel.y0);
        guide.setAttribute("y2", panel.y1);
        return svg.appendChild(guide);
      });
      plot.panels.forEach((panel, i) => {
        const x = panel.x0 + (set.t[at] - panel.t0) / (panel.t1 - panel.t0) * (panel.x1 - panel.x0);
        guides[i].setAttribute("x1", x);
        guides[i].setAttribute("x2", x);
      });
      fill(box, set, at);
      box.hidden = false;
      return Number(guides[0].getAttribute("x1"));
    }

    function place(x, y) {
      const room = host.clientWidth - box.offsetWidth;
      const left = x + 14 <= room ? x + 14 : x - 14 - box.offsetWidth;
      box.style.left = Math.max(0, Math.min(room, left)) + "px";
      box.style.top = Math.max(0, Math.min(host.clientHeight - box.offsetHeight, y - 20)) + "px";
    }

    function hide() {
      box.hidden = true;
      guides.forEach((guide) => guide.remove());
      guides = [];
    }

    function follow(event) {
      const area = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / area.width;
      const x = (event.clientX - area.left) * scale, y = (event.clientY - area.top) * scale;
      const away = (p) => Math.max(p.y0 - y, y - p.y1, 0);
      const panels = plot.panels.filter((p) => x >= p.x0 - 4 && x <= p.x1 + 4);
      if (!panels.length) return hide();
      const panel = panels.reduce((a, b) => (away(b) < away(a) ? b : a));
      show(nearest(set.t, panel.t0 + (x - panel.x0) / (panel.x1 - panel.x0) * (panel.t1 - panel.t0)));
      place(event.clientX - area.left, event.clientY - area.top);
    }

    host.addEventListener("pointermove", follow);
    host.addEventListener("pointerdown", follow);
    host.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hide(); });
    host.addEventListener("blur", hide);
    host.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 }[event.key];
      if (event.key === "Escape") return hide();
      if (!step) return;
      event.preventDefault();
      const x = show(guides.length ? at + step : at);
      place(x * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width, 40);
    });
  }

  for (const id of Object.keys(all.plots)) ready(id, all.plots[id]);

  // Paper has everything: unfold what is folded, and fold it again afterwards.
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    unfolded = [...document.querySelectorAll("details:not([open])")];
    unfolded.forEach((details) => { details.open = true; });
  });
  window.addEventListener("afterprint", () => {
    unfolded.forEach((details) => { details.open = false; });
    unfolded = [];
  });
})();

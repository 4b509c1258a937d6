"use strict";
(() => {
  const find = (query, root = document) => root.querySelector(query);
  const panel = find("#panel");
  const body = find(".body", panel);
  const title = find("#panel-title");
  const place = find(".place-in", panel);
  const lines = [...document.querySelectorAll("main .s.has")];
  const narrow = matchMedia("(max-width: 67.99rem)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const root = document.documentElement;
  const EDGE = 24;
  let at = -1;

  const ref = (line) => find(".ref", line);

  for (const line of lines) {
    const control = ref(line);
    control.setAttribute("role", "button");
    control.setAttribute("aria-controls", "panel");
    control.setAttribute("aria-expanded", "false");
  }
  root.classList.add("js");

  function fill(line) {
    const kept = document.getElementById("e-" + line.id.slice(2)).cloneNode(true);
    find(".back", kept).remove();
    body.replaceChildren(...kept.childNodes);
    place.textContent = `${at + 1} of ${lines.length}`;
  }

  // Brings the sentence into the free part of the window and, beside it, the panel to its height.
  function settle(line) {
    const box = line.getClientRects()[0];
    const height = line.getBoundingClientRect().height;
    const free = narrow.matches ? innerHeight - panel.offsetHeight : innerHeight;
    let top = box.top;
    if (top < EDGE || top + height > free - EDGE) {
      const wanted = Math.max(EDGE, (free - height) / (narrow.matches ? 2 : 3));
      const before = scrollY;
      const reach = Math.max(0, Math.min(before + top - wanted, root.scrollHeight - innerHeight));
      scrollTo({ top: reach, behavior: calm.matches ? "instant" : "smooth" });
      top -= reach - before;
    }
    const lowest = innerHeight - panel.offsetHeight - EDGE;
    root.style.setProperty("--panel-top", `${Math.max(EDGE, Math.min(top - 14, lowest))}px`);
    root.style.setProperty("--sheet", `${panel.offsetHeight}px`);
  }

  function unmark() {
    if (at < 0) return;
    lines[at].classList.remove("on");
    ref(lines[at]).setAttribute("aria-expanded", "false");
  }

  function open(index, focus) {
    unmark();
    at = index;
    const line = lines[at];
    line.classList.add("on");
    ref(line).setAttribute("aria-expanded", "true");
    fill(line);
    panel.hidden = false;
    panel.scrollTop = body.scrollTop = 0;
    root.classList.add("open");
    settle(line);
    if (focus) focus(line).focus({ preventScroll: true });
    if (location.hash !== "#" + line.id) history.replaceState(null, "", "#" + line.id);
  }

  function close() {
    if (at < 0) return;
    const line = lines[at];
    unmark();
    at = -1;
    panel.hidden = true;
    root.classList.remove("open");
    ref(line).focus({ preventScroll: true });
    history.replaceState(null, "", location.pathname + location.search);
  }

  // The next cited sentence from the open one or, if none is open, from the one that has the focus or is in view.
  function go(step) {
    let from = at;
    if (from < 0) from = lines.findIndex((line) => line.contains(document.activeElement));
    if (from < 0) {
      const seen = lines.findIndex((line) => line.getBoundingClientRect().bottom > 0);
      from = (seen < 0 ? lines.length : seen) - (step > 0 ? 1 : 0);
    }
    const next = from + step;
    if (next < 0 || next >= lines.length) return;
    const inside = panel.contains(document.activeElement);
    open(next, inside ? () => (panel.contains(document.activeElement) ? document.activeElement : title) : ref);
  }

  function follow() {
    const index = lines.findIndex((line) => "#" + line.id === location.hash);
    if (index >= 0 && index !== at) open(index);
  }

  find("main").addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const line = event.target.closest(".s.has");
    if (!line) return close();
    const control = event.target.closest(".ref");
    if (control) event.preventDefault();
    else if (!getSelection().isCollapsed) return;
    const index = lines.indexOf(line);
    if (index === at) close();
    else open(index, control && event.detail === 0 ? () => title : null);
  });

  panel.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("close" in button.dataset) close();
    else go(Number(button.dataset.go));
  });

  const steps = { j: 1, k: -1 };
  const arrows = { ArrowRight: 1, ArrowLeft: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const active = document.activeElement;
    if (event.key === "Escape") close();
    else if (event.key === " " && active.matches(".ref")) {
      event.preventDefault();
      active.click();
    } else if (event.key in steps) go(steps[event.key]);
    else if (event.key in arrows && (at >= 0 || active.matches(".ref"))) go(arrows[event.key]);
  });

  addEventListener("hashchange", follow);
  addEventListener("resize", () => at >= 0 && settle(lines[at]));
  follow();
})();

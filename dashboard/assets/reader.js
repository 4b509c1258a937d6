// An article on which each sentence shows the passages it rests on: beside the text, or on a phone in a sheet below.
export default function ({ data, parentElement, setTriggerValue }) {
  const place = root(parentElement);
  place.tell = setTriggerValue;
  const version = JSON.stringify(data);
  if (place.version === version) return; // what the reader opened stays open
  place.version = version;
  patch(place, data.nodes);
  follow(place, setTriggerValue);
  const go = place.onclick;
  const panel = place.querySelector(".panel");
  const lines = [...place.querySelectorAll(".s.has")];
  const ref = (line) => line.querySelector(".ref");
  let at = -1;

  function unmark() {
    if (at < 0) return;
    lines[at].classList.remove("on");
    ref(lines[at]).setAttribute("aria-expanded", "false");
  }

  function open(index) {
    unmark();
    at = index;
    const line = lines[at];
    line.classList.add("on");
    ref(line).setAttribute("aria-expanded", "true");
    patch(place.querySelector(".panel .body"), data.evidence[line.dataset.s] || []);
    place.querySelector(".place-in").textContent = `${at + 1} of ${lines.length}`;
    place.classList.add("open");
    panel.scrollTop = 0;
    bring(line);
  }

  // The sentence is seen, above the sheet.
  function bring(line) {
    const box = line.getBoundingClientRect();
    const sheet = getComputedStyle(panel).position === "fixed";
    const lowest = sheet ? panel.getBoundingClientRect().top : innerHeight;
    if (box.top > 70 && box.bottom < lowest - 16) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    line.scrollIntoView({ block: sheet ? "start" : "center", behavior: calm ? "instant" : "smooth" });
  }

  function close() {
    if (at < 0) return;
    const line = lines[at];
    unmark();
    at = -1;
    place.classList.remove("open");
    ref(line).focus({ preventScroll: true });
  }

  function step(by) {
    const next = (at < 0 ? lines.indexOf(place.querySelector(".s.has:focus-within")) : at) + by;
    if (next < 0 || next >= lines.length) return;
    const inside = panel.contains(place.getRootNode().activeElement);
    open(next);
    if (!inside) ref(lines[next]).focus({ preventScroll: true });
  }

  place.onclick = (event) => {
    const button = event.target.closest(".panel button");
    if (button) return "close" in button.dataset ? close() : step(Number(button.dataset.step));
    const line = event.target.closest(".s.has");
    if (!line) return go(event);
    if (!event.target.closest(".ref") && String(getSelection())) return undefined;
    const index = lines.indexOf(line);
    if (index === at) return close();
    open(index);
    if (event.target.closest(".ref") && event.detail === 0) place.querySelector(".panel-title").focus({ preventScroll: true });
    else ref(line).focus({ preventScroll: true });
    return undefined;
  };

  place.onkeydown = (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const on = event.target.closest(".ref");
    if (on && (event.key === "Enter" || event.key === " ")) on.click();
    else if (event.key === "Escape") close();
    else if (event.key === "j" || event.key === "ArrowRight") step(1);
    else if (event.key === "k" || event.key === "ArrowLeft") step(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  place.classList.remove("open");
  const wanted = lines.findIndex((line) => line.dataset.s === data.open);
  if (wanted >= 0) requestAnimationFrame(() => open(wanted));
}

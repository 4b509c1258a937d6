// Builds elements from a tree of plain values. Text is only ever put in as text; tags and attributes that are not
// named here are left out, and a link leads to a page of ours or to http(s), nowhere else.
const TAGS = new Set(
  ("div span p ul ol li h1 h2 h3 h4 a time table thead tbody tr th td caption dl dt dd strong em del ins mark code pre " +
    "blockquote figure figcaption section article aside header details summary cite small sup button nav").split(" "),
);
const ATTRIBUTES = new Set(["class", "role", "scope", "lang", "dir", "datetime", "colspan", "tabindex", "id", "type"]);
const AWAY = /^https?:\/\/[^\s"'<>`\\]+$/i;
const OURS = /^[a-z]*(\?[\w=&%.~+-]*)?$/;

function attribute(element, name, value) {
  if (name === "href") {
    if (OURS.test(value)) element.setAttribute("href", value || "./");
    else if (AWAY.test(value)) {
      element.setAttribute("href", value);
      element.setAttribute("rel", "noopener noreferrer nofollow");
      element.setAttribute("target", "_blank");
    }
  } else if (name === "share") {
    element.style.setProperty("--share", String(Math.max(0, Math.min(1, Number(value) || 0))));
  } else if (ATTRIBUTES.has(name) || name.startsWith("aria-") || name.startsWith("data-")) {
    element.setAttribute(name, value);
  }
}

function build(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const element = document.createElement(TAGS.has(node.t) ? node.t : "span");
  for (const [name, value] of Object.entries(node.a || {})) attribute(element, name, value);
  for (const child of node.c || []) element.append(build(child));
  element.made = node;
  return element;
}

function same(have, node) {
  if (typeof node === "string") return have.nodeType === Node.TEXT_NODE;
  return have.made && have.made.t === node.t && JSON.stringify(have.made.a) === JSON.stringify(node.a);
}

// Makes the children what they should be and leaves alone what already is so: focus, selection and open details stay.
function patch(parent, nodes) {
  nodes.forEach((node, index) => {
    const have = parent.childNodes[index];
    if (!have) parent.append(build(node));
    else if (!same(have, node)) have.replaceWith(build(node));
    else if (typeof node === "string") {
      if (have.data !== node) have.data = node;
    } else {
      if (!have.hasAttribute("data-own")) patch(have, node.c || []);  // its contents belong to the script
      have.made = node;
    }
  });
  while (parent.childNodes.length > nodes.length) parent.lastChild.remove();
}

// A click on a link of ours is told to Python, which changes the page without loading everything again.
function follow(place, setTriggerValue) {
  place.tell = setTriggerValue;
  place.onclick = (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const href = link.getAttribute("href");
    if (!OURS.test(href)) return;
    event.preventDefault();
    place.tell("go", href);
  };
}

function root(parentElement) {
  let found = [...parentElement.children].find((child) => child.className === "root");
  if (!found) {
    found = document.createElement("div");
    found.className = "root";
    parentElement.append(found);
  }
  return found;
}

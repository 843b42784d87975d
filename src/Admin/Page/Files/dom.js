// Elements made of text and attributes. No string ever becomes markup: the page's policy would refuse it.
import { safe, moment } from "./text.js";

export const find = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on"))
      element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? "" : value);
  }

  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

// What a stranger wrote: spelt out where it deceives, and kept apart from the direction of what is around it.
export const foreign = (text) => make("bdi", { class: "foreign", dir: "auto" }, safe(text));

export const time = (iso, text) => make("time", { datetime: iso, title: moment(iso) }, text ?? moment(iso));

export function setText(element, text) {
  if (element.textContent !== text)
    element.textContent = text;
}

// What elements show and whose rows they are stands here and in no attribute: it is what strangers wrote.
const shown = new WeakMap();
const keys = new WeakMap();

// Replaces an element's children where what they show has changed, so that what is read, selected or focused stays.
export function show(element, key, ...children) {
  if (shown.get(element) === key)
    return;
  shown.set(element, key);
  element.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== ""));
}

// Brings rows in line with a list: each keeps its element while its key stays.
export function keep(body, items, keyOf, create, update) {
  const rows = new Map([...body.children].map((row) => [keys.get(row), row]));
  let before = body.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let row = rows.get(key);
    if (row) {
      rows.delete(key);
    } else {
      row = create(item);
      keys.set(row, key);
      row.dataset.key = safe(key);
    }

    update(row, item);
    if (row === before)
      before = before.nextElementSibling;
    else
      body.insertBefore(row, before);
  }

  for (const row of rows.values())
    row.remove();
}

export const cell = (label, attributes, ...children) => make("td", { role: "cell", "data-label": label, ...attributes }, ...children);

export const heads = (...names) => make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...names.map((name) => make("th", { role: "columnheader", scope: "col" }, name))));

const Vector = "http://www.w3.org/2000/svg";

// A line of values; what it says stands beside it in words, so it is hidden from screen readers.
export function spark() {
  const picture = document.createElementNS(Vector, "svg");
  picture.setAttribute("viewBox", "0 0 100 20");
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  picture.append(document.createElementNS(Vector, "polyline"));
  return picture;
}

export function drawSpark(picture, values) {
  const most = Math.max(...values, 0.001), step = 100 / Math.max(values.length - 1, 1);
  picture.firstChild.setAttribute("points", values.map((value, i) => `${(i * step).toFixed(1)},${(19 - 18 * value / most).toFixed(1)}`).join(" "));
}

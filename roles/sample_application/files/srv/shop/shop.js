// The shop's page: lists products, keeps a basket, places an order. Texts only ever become text
// nodes, so nothing that the server sends can turn into markup.
"use strict";

const $ = (id) => document.getElementById(id);
const money = new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" });
const euros = (cents) => money.format(cents / 100);
const view = { search: "", category: "", page: 1, wanted: 0 };
const basket = new Map(); // product id -> {product, quantity}
const MOST = 99;

const SHAPES = {
  Kitchen: "M12 26h30v12a12 12 0 0 1-12 12h-6a12 12 0 0 1-12-12zM42 30h4a6 6 0 0 1 0 12h-4M22 18v-6M32 18v-6",
  Office: "M16 10h24l8 8v36H16zM40 10v8h8M24 28h16M24 36h16M24 44h10",
  Garden: "M18 38h28l-4 16H22zM32 38V22M32 26c-8 0-12-5-12-12 8 0 12 4 12 12zM32 30c7 0 11-4 11-10-7 0-11 3-11 10z",
  Travel: "M18 22h28a4 4 0 0 1 4 4v28H14V26a4 4 0 0 1 4-4zM24 22v-6a8 8 0 0 1 16 0v6M22 36h20v10H22z",
  Home: "M10 32l22-20 22 20M16 28v26h32V28M26 54V40h12v14",
  Games: "M14 14h36v36H14zM24 24h.1M40 24h.1M32 32h.1M24 40h.1M40 40h.1",
};

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function picture(category) {
  const names = Object.keys(SHAPES);
  const box = element("div", { className: `picture tint-${Math.max(0, names.indexOf(category))}` });
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  svg.setAttribute("viewBox", "0 0 64 64");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[category] || SHAPES.Home);
  svg.append(path);
  box.append(svg);
  return box;
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { headers: { "Content-Type": "application/json" }, ...options });
  } catch {
    throw new Error("The shop cannot be reached. Check your connection and try again.");
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error(body.error?.message || "The shop has a problem. Try again shortly.");
  }
  return body;
}

function notice(text, button, action, bad) {
  $("notice-text").textContent = text;
  $("notice-button").textContent = button;
  $("notice-button").onclick = action;
  $("notice").classList.toggle("bad", bad);
  $("notice").hidden = false;
}

function card(product) {
  const left = product.stock > 0;
  const add = element("button", { type: "button", textContent: left ? "Add" : "Sold out", disabled: !left });
  add.setAttribute("aria-label", `${add.textContent}: ${product.name}`);
  add.onclick = () => change(product, 1);
  return element("li", { className: "card" },
    picture(product.category),
    element("div", { className: "body" },
      element("h2", { textContent: product.name }),
      element("p", { textContent: product.category }),
      element("p", { className: "text", textContent: product.description }),
      element("div", { className: "buy" },
        element("span", { className: "price", textContent: euros(product.price_cents) }), add)));
}

async function products(more) {
  view.page = more ? view.page + 1 : 1;
  const mine = ++view.wanted; // a slow answer to an older question is dropped
  const list = $("products");
  $("notice").hidden = true;
  $("more").hidden = true;
  if (!more) list.replaceChildren(...Array.from({ length: 8 }, () => element("li", { className: "ghost" })));
  const words = new URLSearchParams({ search: view.search, category: view.category, page: view.page });
  try {
    const found = await ask(`/api/products?${words}`);
    if (mine !== view.wanted) return;
    if (!more) list.replaceChildren();
    list.append(...found.products.map(card));
    $("summary").textContent = found.total === 1 ? "1 product" : `${found.total} products`;
    $("more").hidden = found.page * found.page_size >= found.total;
    if (found.total === 0) notice("Nothing fits your search.", "Show all products", showAll, false);
  } catch (error) {
    if (mine !== view.wanted) return;
    if (more) view.page -= 1; else list.replaceChildren();
    $("summary").textContent = "";
    notice(error.message, "Try again", () => start(more), true);
  }
}

function start(more) {
  if (!$("categories").childElementCount) categories();
  products(more === true);
}

function showAll() {
  view.search = view.category = $("words").value = "";
  press();
  products();
}

function press() {
  for (const button of $("categories").children) {
    button.setAttribute("aria-pressed", String(button.value === view.category));
  }
}

async function categories() {
  try {
    const found = await ask("/api/categories");
    const names = ["", ...found.categories.map((category) => category.name)];
    $("categories").replaceChildren(...names.map((name) => {
      const button = element("button", { type: "button", value: name, textContent: name || "All" });
      button.onclick = () => { view.category = name; press(); products(); };
      return button;
    }));
    press();
  } catch { /* The list of products tells what is wrong. */ }
}

function change(product, by) {
  const line = basket.get(product.id) || { product, quantity: 0 };
  line.quantity = Math.min(MOST, Math.max(0, line.quantity + by));
  if (line.quantity) basket.set(product.id, line); else basket.delete(product.id);
  showBasket();
}

function basketLine({ product, quantity }) {
  const less = element("button", { type: "button", textContent: "−", onclick: () => change(product, -1) });
  const more = element("button", { type: "button", textContent: "+", onclick: () => change(product, 1) });
  less.setAttribute("aria-label", `One ${product.name} less`);
  more.setAttribute("aria-label", `One ${product.name} more`);
  return element("li", {},
    element("span", { textContent: product.name }),
    element("span", { className: "price", textContent: euros(product.price_cents * quantity) }),
    element("div", { className: "stepper" }, less, element("span", { textContent: quantity }), more));
}

function showBasket() {
  const lines = [...basket.values()];
  $("count").textContent = lines.reduce((sum, line) => sum + line.quantity, 0);
  $("lines").replaceChildren(...lines.map(basketLine));
  $("goods").textContent = euros(lines.reduce((sum, line) => sum + line.quantity * line.product.price_cents, 0));
  $("empty").hidden = lines.length > 0 || !$("done").hidden;
  $("order").hidden = lines.length === 0;
  if (lines.length) $("done").hidden = true;
  if ($("done").hidden) $("basket-title").textContent = "Your basket";
}

function showBill(order) {
  $("done-title").firstChild.textContent = `Thank you. Your order is number ${order.id}.`;
  const rows = [["Goods", order.goods_cents], ["Shipping", order.shipping_cents],
    ["Total", order.total_cents], ["of which VAT", order.vat_cents]];
  $("basket-title").textContent = "Your order";
  $("bill").replaceChildren(...rows.map(([name, cents]) =>
    element("div", { className: name.toLowerCase() }, element("dt", { textContent: name }), element("dd", { textContent: euros(cents) }))));
  $("done").hidden = false;
}

async function order(event) {
  event.preventDefault();
  const lines = [...basket.values()].map((line) => ({ product_id: line.product.id, quantity: line.quantity }));
  const customer = { name: $("name").value, email: $("email").value };
  $("order-error").hidden = true;
  $("place").disabled = true;
  try {
    showBill(await ask("/api/orders", { method: "POST", body: JSON.stringify({ customer, lines }) }));
    basket.clear();
    showBasket();
  } catch (error) {
    $("order-error").textContent = error.message;
    $("order-error").hidden = false;
  } finally {
    $("place").disabled = false;
  }
}

$("search").onsubmit = (event) => { event.preventDefault(); view.search = $("words").value.trim(); products(); };
$("words").oninput = () => { if (!$("words").value && view.search) { view.search = ""; products(); } };
$("more").onclick = () => products(true);
$("basket-button").onclick = () => { $("done").hidden = true; showBasket(); $("basket").showModal(); };
$("close").onclick = () => $("basket").close();
$("basket").onclick = (event) => { if (event.target === $("basket")) $("basket").close(); };
$("order").onsubmit = order;
start();

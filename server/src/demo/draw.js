// Values in, elements out: a message's bubble and a turn's explanation. Nothing here talks to the server.
"use strict";

const INTENTS_SHOWN = 3;
const LEAST_SHOWN = 0.005; // what would read 0.00

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// A message; `choose` is called with a choice that is clicked.
function bubble(message, words, choose) {
  const person = message.from?.person?.name ?? (message.from === "person" ? message.name : null);
  const from = person ? "person" : message.from;
  const who = person ?? (from === "customer" ? words.you : words.bot);
  const item = element("div", { className: from });
  item.append(element("span", { className: person ? "who" : "visually-hidden", textContent: `${who}: ` }));
  if (message.text) item.append(element("span", { className: "text", textContent: message.text }));
  for (const card of message.cards ?? []) item.append(drawCard(card));
  for (const attachment of message.attachments ?? []) item.append(drawAttachment(attachment));
  if (message.sources?.length) item.append(drawSources(message.sources, words));
  if (message.choices?.length) item.append(drawChoices(message.choices, choose));
  return item;
}

// What an answer rests on.
function drawSources(sources, words) {
  const each = sources.map((source) => source.link ? drawLink(source.link, source.title) : element("span", { textContent: source.title }));
  return element("div", { className: "sources" }, element("span", { textContent: `${words.source}: ` }), ...each);
}

function drawChoices(offered, choose) {
  const buttons = offered.map((choice) => element("button", { type: "button", textContent: choice.label, onclick: () => choose(choice) }));
  return element("div", { className: "choices" }, ...buttons);
}

function drawCard(card) {
  const links = (card.links ?? []).map((link) => drawLink(link.url, link.label));
  const image = card.image ? [element("img", { src: card.image, alt: "" })] : [];
  return element("div", { className: "card" }, ...image, element("strong", { textContent: card.title }), element("span", { textContent: card.text ?? "" }), ...links);
}

function drawAttachment(attachment) {
  const alt = attachment.alt ?? attachment.name;
  if (attachment.mime.startsWith("image/")) return element("img", { src: attachment.url, alt });
  return drawLink(attachment.url, attachment.name);
}

function drawLink(url, label) {
  return element("a", { href: url, textContent: label, target: "_blank", rel: "noopener" });
}

// Why a turn went as it did; `consider` finds out what else could have happened.
function explained(turn, words, consider) {
  const rows = [
    ["understood", ranked(turn.understanding)],
    ["found", (turn.understanding?.entities ?? []).map((one) => `${one.entity} = ${plain(one.value)}`).join(", ")],
    ["articles", typeof turn.knowledge === "number" ? `support ${turn.knowledge.toFixed(2)}` : ""],
    ["rests on", turn.sources?.join("; ")],
    ["taken by", turn.route?.replaceAll("_", " ")],
    ["answered", turn.answered.join(", ")],
    ["transition", turn.taken.join("\n")],
    ["entered", turn.entered.join(" → ")],
    ["said", turn.says.join(", ")],
    ["note", turn.notes.join("; ")],
  ];
  const list = element("dl");
  for (const [name, value] of rows) {
    if (!value) continue;
    const text = typeof value === "string" ? [value] : value;
    list.append(element("dt", { textContent: name }), element("dd", {}, ...text));
  }
  const head = element("h3", { textContent: `${turn.turn} · ${turn.event.replace(/c-[0-9a-f]{32}\//g, "")}` });
  return element("li", {}, head, list, others(turn.turn, words, consider));
}

// What a turn considered, found out when somebody opens it.
function others(turn, words, consider) {
  const details = element("details", {}, element("summary", { textContent: words.considered }));
  details.ontoggle = async () => {
    if (!details.open || details.childElementCount > 1) return;
    const list = element("ul");
    details.append(list);
    const all = await consider(turn);
    list.append(...(all.length ? all.map(considered) : [element("li", { textContent: words.nothing })]));
    list.scrollIntoView({ block: "nearest" });
  };
  return details;
}

function considered({ transition, guard, refused }) {
  const why = refused ? ` – ${[guard, refused.why].filter(Boolean).join(": ")}` : "";
  return element("li", { className: refused ? "refused" : "taken" }, `${refused ? "✗" : "✓"} ${transition}${why}`);
}

function plain(value) {
  if (value === null || typeof value !== "object") return String(value);
  return Object.values(value).map(plain).join(" ");
}

// The likely intents, each with a bar as long as its confidence.
function ranked(understanding) {
  if (!understanding) return null;
  const likely = understanding.intents.filter(({ confidence }) => confidence >= LEAST_SHOWN).slice(0, INTENTS_SHOWN);
  return likely.map(({ intent, confidence }) => {
    const bar = element("meter", { value: confidence, max: 1, ariaLabel: `confidence of ${intent}` });
    return element("div", { className: "ranked" }, bar, element("span", { textContent: `${confidence.toFixed(2)} ${intent}` }));
  });
}

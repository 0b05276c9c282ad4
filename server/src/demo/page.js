// The demo's page: a conversation on the left, why it went that way on the right. Everything comes from the public HTTP API.
"use strict";

const $ = (id) => document.getElementById(id);
const seen = new Set(); // message ids on the page: the same message may come with the answer and on the stream
let conversation = null; // { id, token, stream }
let owner = "bot";

async function api(method, path, body) {
  const headers = { Authorization: `Bearer ${conversation?.token ?? ""}`, "Content-Type": "application/json" };
  if (!conversation || path.startsWith("/v1/desk") || OPERATOR.test(path)) delete headers.Authorization;
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(answer?.detail ?? response.statusText);
  return answer;
}
// Told to the loopback operator, not to the visitor.
const OPERATOR = /\/(trace|claim|say|return)$/;

async function begin() {
  conversation?.stream.abort();
  conversation = null;
  seen.clear();
  $("log").replaceChildren();
  $("trace").replaceChildren();
  const opened = await api("POST", "/v1/conversations", { user: $("user").value || undefined, locale: $("locale").value });
  conversation = { id: opened.id, token: opened.token, stream: new AbortController() };
  opened.messages.forEach(show);
  follow(conversation);
  explain();
}

// Reads the stream of server-sent events; fetch instead of EventSource, which cannot send the token.
async function follow(mine) {
  let last = "";
  while (mine === conversation) {
    try {
      const headers = { Authorization: `Bearer ${mine.token}`, ...(last && { "Last-Event-ID": last }) };
      const response = await fetch(`/v1/conversations/${mine.id}/events`, { headers, signal: mine.stream.signal });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let buffer = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        buffer += value;
        const blocks = buffer.split("\n\n");
        buffer = blocks.pop();
        for (const block of blocks) last = dispatch(block) ?? last;
      }
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    await new Promise((resume) => setTimeout(resume, 500));
  }
}

function dispatch(block) {
  const fields = Object.fromEntries(block.split("\n").filter((line) => line.includes(":")).map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at), line.slice(at + 1).trimStart()];
  }));
  if (!fields.data) return fields.id;
  const data = JSON.parse(fields.data);
  if (fields.event === "message") { show(data); explain(); }
  if (fields.event === "owner") own(data.owner ?? data);
  if (fields.event === "typing") $("state").textContent = "…";
  if (fields.event === "end") $("state").textContent = "The conversation has ended.";
  return fields.id;
}

function show(message) {
  if (seen.has(message.id)) return;
  seen.add(message.id);
  $("state").textContent = "";
  const item = document.createElement("li");
  const from = message.from ?? "bot";
  item.className = from;
  if (from === "person") {
    const who = document.createElement("span");
    who.className = "who";
    who.textContent = message.name ?? "a person";
    item.append(who);
  }
  item.append(message.text);
  if (message.choices?.length) item.append(choices(message.choices));
  $("log").append(item);
  item.scrollIntoView({ block: "end" });
}

function choices(offered) {
  const row = document.createElement("div");
  row.className = "choices";
  for (const choice of offered) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = choice.label;
    button.onclick = () => send({ choice: choice.id }, choice.label);
    row.append(button);
  }
  return row;
}

async function send(body, text) {
  const id = crypto.randomUUID();
  show({ id, from: "customer", text });
  try {
    const answer = await api("POST", `/v1/conversations/${conversation.id}/messages`, { id, ...body });
    own(answer.owner);
    answer.messages.forEach(show);
    if (answer.pending) $("state").textContent = "…";
  } catch (error) {
    $("state").textContent = error.message;
  }
  explain();
}

function own(who) {
  owner = typeof who === "string" ? who : Object.keys(who ?? { bot: 1 })[0];
  $("desk").hidden = owner !== "queued" && owner !== "person";
  $("claim").disabled = owner !== "queued";
  for (const id of ["reply", "say", "give-back"]) $(id).disabled = owner !== "person";
}

async function explain() {
  if (!conversation) return;
  try {
    const { turns } = await api("GET", `/v1/conversations/${conversation.id}/trace`);
    $("trace").replaceChildren(...turns.map(line));
    $("trace").scrollTop = $("trace").scrollHeight;
  } catch (error) {
    $("trace").textContent = error.message;
  }
}

function line(turn) {
  const item = document.createElement("li");
  item.textContent = turn.lines.join("\n");
  item.style.whiteSpace = "pre-wrap";
  return item;
}

$("form").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  $("text").value = "";
  if (text) send({ text }, text);
};
$("new").onclick = begin;
$("locale").onchange = begin;
$("claim").onclick = () => api("POST", `/v1/conversations/${conversation.id}/claim`, { name: "Ana" }).then(() => own("person"));
$("give-back").onclick = () => api("POST", `/v1/conversations/${conversation.id}/return`, {}).then(() => own("bot"));
$("desk").onsubmit = (event) => {
  event.preventDefault();
  const text = $("reply").value.trim();
  $("reply").value = "";
  if (text) api("POST", `/v1/conversations/${conversation.id}/say`, { id: crypto.randomUUID(), text });
};
begin().catch((error) => { $("state").textContent = error.message; });

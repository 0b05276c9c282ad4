// The demo's page: a conversation on the left, why it went that way on the right. Everything comes from the public HTTP API.
"use strict";

const KEPT = "switchboard-demo"; // the open conversation, so that a page that is loaded again goes on
const AGAIN_MS = 500; // before a stream that broke is opened again
const $ = (id) => document.getElementById(id);
const shown = new Map(); // message id → its element: the same message may come with an answer, on the stream and in the transcript
let conversation = null; // { id, token, user, locale, stream }
let told = 0; // the last turn that is explained
let spoken = 0; // the last turn of which a message is shown
let standing = ""; // who speaks, where it is not the bot; below the conversation when nothing passing is said there
let words = WORDS.en;

async function api(method, path, body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.detail ?? response.statusText), { status: response.status });
  return answer;
}

// As the visitor: the token opens this conversation only.
const asVisitor = (method, rest, body) => api(method, `/v1/conversations/${conversation.id}${rest}`, body, conversation.token);
// As the operator, who needs no key on loopback.
const asOperator = (method, rest, body) => api(method, `/v1/conversations/${conversation.id}${rest}`, body);

async function begin() {
  const user = $("user").value.trim();
  const locale = $("locale").value;
  const opened = await api("POST", "/v1/conversations", { locale, ...(user && { user }) });
  enter({ id: opened.id, token: opened.token, user, locale });
  opened.messages.forEach(show);
  own("bot");
  explain();
  follow(conversation);
}

// Goes on with the conversation that was open when the page was left; none if there is none, or the server forgot it.
async function resume() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!kept) return false;
  enter(kept);
  try {
    const { messages } = await asVisitor("GET", "/transcript");
    messages.forEach(show);
    own((await asVisitor("GET", "")).owner);
    explain();
    follow(conversation);
    return true;
  } catch (error) {
    if (error.status !== 404) throw error;
    return false;
  }
}

function enter(opened) {
  conversation?.stream.abort();
  conversation = { ...opened, stream: new AbortController() };
  sessionStorage.setItem(KEPT, JSON.stringify(opened));
  shown.clear();
  told = spoken = 0;
  $("log").replaceChildren();
  $("trace").replaceChildren();
  $("user").value = opened.user;
  $("locale").value = opened.locale;
  speak(opened.locale);
}

// Reads the stream of server-sent events; fetch instead of EventSource, which cannot send the token.
async function follow(mine) {
  let last = "";
  while (mine === conversation) {
    try {
      const headers = { Authorization: `Bearer ${mine.token}`, ...(last && { "Last-Event-ID": last }) };
      const response = await fetch(`/v1/conversations/${mine.id}/events`, { headers, signal: mine.stream.signal });
      if (response.status === 404 || response.status === 410) return;
      for await (const block of blocks(response.body)) last = dispatch(block) ?? last;
    } catch (error) {
      if (error.name === "AbortError") return;
      tell(words.unreachable);
    }
    await new Promise((go) => setTimeout(go, AGAIN_MS));
  }
}

async function* blocks(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (buffer + value).split("\n\n");
    buffer = parts.pop();
    yield* parts;
  }
}

function dispatch(block) {
  const fields = Object.fromEntries(block.split("\n").map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at), line.slice(at + 1).trimStart()];
  }));
  if (!fields.data) return fields.id;
  const data = JSON.parse(fields.data);
  if (fields.event === "message") { show(data); tell(standing); explain(); }
  if (fields.event === "delta") draft(data);
  if (fields.event === "owner") own(data.owner);
  if (fields.event === "end") own("ended");
  if (fields.event === "typing") tell(words.working);
  return fields.id;
}

function show(message) {
  for (const choice of message.choices ?? []) shown.get(choice.id)?.querySelector(".text").replaceChildren(choice.label);
  spoken = Math.max(spoken, message.turn ?? 0);
  const before = shown.get(message.id);
  // The transcript has neither choices nor what a click said; the stream brings them a moment later. Only the last question is
  // still open.
  // A draft is always replaced by the whole message.
  if (before && !before.dataset.draft && (before.nextElementSibling || before.querySelector("button"))) return;
  const item = bubble(message, words, choose);
  shown.set(message.id, item);
  if (before) before.replaceWith(item);
  else $("log").append(item);
  for (const old of $("log").querySelectorAll(":scope > :not(:last-child) .choices")) old.remove();
  $("log").scrollTop = $("log").scrollHeight;
}

// A sentence of an answer that is still being written.
function draft({ message: id, text }) {
  const before = shown.get(id);
  if (before && !before.dataset.draft) return;
  if (before) {
    before.querySelector(".text").append(` ${text}`);
  } else {
    show({ id, from: "bot", text });
    shown.get(id).dataset.draft = "yes";
  }
  $("log").scrollTop = $("log").scrollHeight;
}

const choose = (choice) => send({ choice: choice.id }, choice.label);

async function send(body, text) {
  const id = crypto.randomUUID();
  show({ id: body.choice ?? id, from: "customer", text });
  $("text").focus();
  tell(standing);
  try {
    const answer = await asVisitor("POST", "/messages", { id, ...body });
    answer.messages.forEach(show);
    own(answer.owner);
    // What was pending may have come on the stream already.
    if (answer.pending && spoken <= answer.turn) tell(words.working);
  } catch (error) {
    tell(error.message);
  }
  explain();
}

const tell = (text) => { $("state").textContent = text; };

// Who speaks now: the bot, a person, or nobody yet.
function own(who) {
  const owner = typeof who === "string" ? who : Object.keys(who)[0];
  $("desk").hidden = owner !== "queued" && owner !== "person";
  $("claim").disabled = owner !== "queued";
  for (const id of ["reply", "say", "give-back"]) $(id).disabled = owner !== "person";
  standing = owner === "bot" ? "" : words[owner];
  tell(standing);
}

// Adds what is new; a turn that is told does not change.
async function explain() {
  const mine = conversation;
  try {
    const { turns } = await asOperator("GET", `/trace?from=${told + 1}`);
    if (mine !== conversation) return;
    const fresh = turns.filter(({ turn }) => turn > told);
    told = Math.max(told, ...fresh.map(({ turn }) => turn));
    $("trace").append(...fresh.map((turn) => explained(turn, words, consider)));
    if (fresh.length) $("trace").scrollTop = $("trace").scrollHeight;
  } catch (error) {
    tell(error.message);
  }
}

// Every transition that a turn considered; the server finds it out by replaying the conversation, so only who asks gets it.
async function consider(number) {
  const { turns } = await asOperator("GET", `/trace?considered=true&from=${number}`);
  return turns.find(({ turn }) => turn === number).considered;
}

// Puts the page's own words into a language.
function speak(locale) {
  words = WORDS[locale];
  document.documentElement.lang = locale;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = words[one.dataset.word];
  $("ideas").ariaLabel = words.ideas;
  $("text").placeholder = words.message;
  $("reply").placeholder = words.reply;
  const idea = (text) => element("button", { type: "button", textContent: text, onclick: () => send({ text }, text) });
  $("ideas").replaceChildren(...words.things.map(idea));
}

// Calls `done` with what was typed, once something was.
function onTyped(form, input, done) {
  form.onsubmit = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    input.value = "";
    if (text) done(text);
  };
}

const failed = (error) => tell(error.message);
onTyped($("form"), $("text"), (text) => send({ text }, text));
onTyped($("desk"), $("reply"), (text) => asOperator("POST", "/say", { id: crypto.randomUUID(), text }).catch(failed));
$("new").onclick = $("locale").onchange = $("user").onchange = () => begin().catch(failed);
$("claim").onclick = () => asOperator("POST", "/claim", { name: "Ana" }).then((answer) => { own(answer.owner); $("reply").focus(); }).catch(failed);
$("give-back").onclick = () => asOperator("POST", "/return", {}).then((answer) => { own(answer.owner); $("text").focus(); }).catch(failed);
resume().then((resumed) => resumed || begin()).catch(failed);

// The demo's page as people use it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { start, Visit } from "./support.mjs";

let demo;
before(async () => { demo = await start(); });
after(() => demo.dispose());

test("a question is answered, and the reason stands beside it", async () => {
  const visit = await Visit.open(demo);
  await visit.write("what is the exchange rate?");
  await visit.says(/Exchange in the app/);
  const trace = visit.page.locator("#trace > li").last();
  await trace.filter({ hasText: "exchange_rate" }).waitFor();
  assert.match(await trace.innerText(), /understood[\s\S]*taken by\s+answer[\s\S]*said\s+exchange_rate/);
  await visit.picture("answer");
  assert.deepEqual(visit.errors, []);
  await visit.close();
});

test("what an article tells is quoted, with the article's name", async () => {
  const visit = await Visit.open(demo);
  await visit.write("How much interest does a savings space earn?");
  await visit.says(/Money in spaces earns 1.5% a year/);
  await visit.page.locator(".sources").filter({ hasText: "Savings spaces" }).waitFor();
  const trace = visit.page.locator("#trace > li").last();
  await trace.filter({ hasText: "rests on" }).waitFor();
  await visit.close();
});

test("a choice is offered as a button, and gone once it was taken", async () => {
  const visit = await Visit.open(demo);
  await visit.write("I lost my card");
  await visit.says(/Which card/);
  await visit.picture("choices");
  await visit.button("debit card").click();
  await visit.says(/last four digits/);
  assert.equal(await visit.page.locator(".choices").count(), 0);
  assert.equal(await visit.messages().filter({ hasText: /^You: debit card$/ }).count(), 1);
  await visit.close();
});

test("a card is replaced, from the loss to the order", async () => {
  const visit = await Visit.open(demo, { viewport: { width: 1200, height: 860 }, reducedMotion: "reduce" });
  await visit.write("I lost my debit card");
  await visit.says(/last four digits/);
  await visit.write("4711");
  await visit.says(/customer number/);
  await visit.write("10000001");
  await visit.says(/PIN/);
  await visit.write("123456");
  await visit.says(/Standard post/);
  await visit.button("Express").click();
  await visit.says(/Shall I/);
  await visit.page.locator("#trace > li").last().filter({ hasText: "confirm_order" }).waitFor();
  await visit.picture("replace"); // docs/images/demo.png
  await visit.button("Yes, please").click();
  await visit.says(/^Bot: Done/);
  await visit.rests();
  assert.equal(await visit.page.locator("#trace").filter({ hasText: "123456" }).count(), 0, "no secret in the trace");
  await visit.close();
});

test("what was considered, and what refused it, can be looked at", async () => {
  const visit = await Visit.open(demo);
  await visit.write("I lost my debit card");
  await visit.says(/last four digits/);
  await visit.write("4711");
  await visit.says(/customer number/);
  await visit.rests();
  const turn = visit.page.locator("#trace > li").last();
  await turn.filter({ hasText: "replace_card.verify" }).waitFor();
  await turn.locator("summary").click();
  await turn.locator(".taken").filter({ hasText: "replace_card.lookup done #1" }).waitFor();
  await turn.locator(".refused").filter({ hasText: "slots.verified" }).waitFor();
  await visit.picture("considered");
  assert.deepEqual(await visit.barriers(), []);
  await visit.close();
});

test("a page that is loaded again goes on where it was", async () => {
  const visit = await Visit.open(demo);
  await visit.write("I lost my card");
  await visit.says(/Which card/);
  await visit.button("debit card").click();
  await visit.says(/last four digits/);
  const before = await visit.messages().allInnerTexts();
  await visit.page.reload();
  await visit.messages().filter({ hasText: /^You: debit card$/ }).waitFor();
  assert.deepEqual(await visit.messages().allInnerTexts(), before);
  await visit.write("4711");
  await visit.says(/customer number/);
  await visit.close();
});

test("an open question is open again after a reload", async () => {
  const visit = await Visit.open(demo);
  await visit.write("I lost my card");
  await visit.says(/Which card/);
  await visit.page.reload();
  await visit.button("debit card").click();
  await visit.says(/last four digits/);
  await visit.close();
});

test("the page and the bot speak German", async () => {
  const visit = await Visit.open(demo);
  await visit.page.locator("#locale").selectOption("de");
  await visit.says(/Willkommen/);
  await visit.write("Ich habe meine Girokarte verloren");
  await visit.says(/letzten vier Ziffern/);
  assert.equal(await visit.page.locator("html").getAttribute("lang"), "de");
  await visit.button("Neues Gespräch").waitFor();
  await visit.picture("german");
  assert.deepEqual(await visit.barriers(), []);
  await visit.close();
});

test("everything can be done with the keyboard", async () => {
  const visit = await Visit.open(demo);
  const focused = () => visit.page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  const tabTo = async (name) => {
    for (let presses = 0; presses < 30; presses += 1) {
      if ((await focused()) === name) return;
      await visit.page.keyboard.press("Tab");
    }
    assert.fail(`${name} can't be reached`);
  };
  await tabTo("text");
  await visit.page.keyboard.type("I lost my card");
  await visit.page.keyboard.press("Enter");
  await visit.says(/Which card/);
  await visit.page.keyboard.press("Shift+Tab");
  await tabTo("debit card");
  await visit.page.keyboard.press("Enter");
  await visit.says(/last four digits/);
  assert.equal(await focused(), "text", "who has chosen can write at once");
  await visit.close();
});

test("on a narrow screen nothing is cut off", async () => {
  const visit = await Visit.open(demo, { viewport: { width: 320, height: 640 } });
  await visit.write("I lost my card");
  await visit.says(/Which card/);
  await visit.page.locator("#trace > li").filter({ hasText: "lost_or_stolen_card" }).first().waitFor();
  const [content, screen] = await visit.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= screen, `${content} px of content on ${screen}`);
  await visit.picture("narrow");
  await visit.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`nothing keeps people out, ${colorScheme}`, async () => {
    const visit = await Visit.open(demo, { colorScheme, reducedMotion: "reduce" });
    await visit.write("I lost my card");
    await visit.says(/Which card/);
    await visit.page.locator("#trace meter").first().waitFor();
    await visit.picture(colorScheme);
    assert.deepEqual(await visit.barriers(), []);
    await visit.close();
  });
}

test("a person takes over, answers, and gives back", async () => {
  const visit = await Visit.open(demo);
  await visit.write("I want to talk to a person");
  await visit.button("Take it").click();
  await visit.page.locator("#reply").fill("Good morning, this is Ana.");
  await visit.page.keyboard.press("Enter");
  await visit.says(/^Ana: Good morning/);
  await visit.write("I lost my card");
  await visit.page.locator("#trace > li").filter({ hasText: "person" }).first().waitFor();
  await visit.picture("person");
  assert.deepEqual(await visit.barriers(), []);
  await visit.button("Give back to the bot").click();
  await visit.page.locator("#desk").waitFor({ state: "hidden" });
  await visit.close();
});

test("the server's words come when it is there again", async () => {
  const visit = await Visit.open(demo);
  await visit.context.setOffline(true);
  await visit.write("what is the exchange rate?");
  await visit.page.locator("#state").filter({ hasText: /\S/ }).waitFor();
  await visit.context.setOffline(false);
  await visit.write("what is the exchange rate?");
  await visit.says(/Exchange in the app/);
  await visit.close();
});

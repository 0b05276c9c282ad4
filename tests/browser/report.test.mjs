// The page that `switchboard eval --html` writes, opened from the disk as its author would.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";

import axe from "axe-core";

import { BINARY, launch, ROOT } from "./support.mjs";

let browser, folder, page_url;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "report-"));
  const file = join(folder, "report.html");
  execFileSync(BINARY, ["eval", join(ROOT, "benches/bot"), "--encoder", "sparse", "--html", file]);
  page_url = pathToFileURL(file).href;
  browser = await launch();
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Opens the page; what the browser refuses or misses is in `errors`. */
async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const errors = [];
  page.on("console", (line) => line.type() === "error" && errors.push(line.text()));
  page.on("request", (request) => request.url() !== page_url && errors.push(`asked for ${request.url()}`));
  await page.goto(page_url);
  return { page, errors, close: () => context.close() };
}

for (const colorScheme of ["light", "dark"]) {
  test(`the report is whole and readable, ${colorScheme}`, async () => {
    const { page, errors, close } = await open({ viewport: { width: 1200, height: 900 }, colorScheme });
    assert.match(await page.locator("h1").innerText(), /What bench misunderstands/);
    const pictures = page.locator("svg[role=img]");
    assert.equal(await pictures.count(), 3);
    for (const picture of await pictures.all()) assert.ok((await picture.boundingBox()).height > 100);
    const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(paper, colorScheme === "light" ? "rgb(251, 251, 250)" : "rgb(20, 22, 26)");
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map((one) => `${one.id}: ${one.nodes[0].html}`), []);
    assert.deepEqual(errors, []);
    if (process.env.SCREENSHOTS) {
      await page.screenshot({ path: join(process.env.SCREENSHOTS, `report-${colorScheme}.png`), fullPage: true });
    }
    await close();
  });
}

test("the report fits a narrow screen, and a confusion opens", async () => {
  const { page, close } = await open({ viewport: { width: 380, height: 800 } });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${overflow} pixels stick out`);
  const first = page.locator("details").first();
  await first.locator("summary").click();
  assert.match(await first.locator("p").first().innerText(), /“.+”.* sure/);
  await close();
});

// Starts the demo and a browser, and finds what is on its page.

import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import axe from "axe-core";
import { chromium } from "playwright-core";

export const ROOT = resolve(import.meta.dirname, "../..");
export const BINARY = process.env.SWITCHBOARD ?? join(ROOT, "target/release/switchboard");
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
// Pages answer in milliseconds; a busy machine takes longer.
const TIMEOUT_MS = 15_000;
const BOT = ["bot.yaml", "tools.yaml", "flows", "intents", "templates", "knowledge"];

/** A browser. */
export function launch() {
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find(existsSync);
  // Containers run as root, where Chromium's sandbox does not work.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** The demo with a browser. `dispose` ends both. */
export async function start() {
  const bot = await copyOfBot();
  const { address, end } = await serve(bot);
  const browser = await launch();
  const dispose = async () => {
    await browser.close();
    await end();
    await rm(bot, { recursive: true });
  };
  return { address, browser, dispose };
}

// The demo bot, but its desk is always open: a test must not depend on the hour.
async function copyOfBot() {
  const folder = await mkdtemp(join(tmpdir(), "demo-"));
  for (const name of BOT) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  const file = join(folder, "bot.yaml");
  const text = await readFile(file, "utf8");
  const open = text.replace(/hours: \{.*\}/, 'hours: { open: "Mon-Sun 00:00-24:00" }');
  if (open === text) throw new Error("the desk's hours are not where they were");
  await writeFile(file, open);
  return folder;
}

async function serve(bot) {
  const server = spawn(BINARY, ["demo", "--listen", "127.0.0.1:0", "--bot", bot], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => server.once("exit", done));
  const end = async () => {
    server.kill("SIGTERM");
    await ended;
  };
  for await (const line of createInterface(server.stdout)) {
    const found = /talk to it\s+(\S+)/.exec(line);
    if (found) return { address: found[1], end };
  }
  throw new Error("the demo did not start");
}

/** What a customer does and sees on the page. */
export class Visit {
  static async open({ browser, address }, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    const visit = new Visit();
    visit.page = await context.newPage();
    visit.context = context;
    context.setDefaultTimeout(TIMEOUT_MS);
    visit.errors = [];
    visit.page.on("pageerror", (error) => visit.errors.push(error.message));
    visit.page.on("console", (line) => line.type() === "error" && visit.errors.push(line.text()));
    await visit.page.goto(address);
    await visit.says(/Welcome/);
    return visit;
  }

  messages = () => this.page.locator("#log > div");

  /** Types a message and sends it. */
  async write(text) {
    await this.page.locator("#text").fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Waits until the last message says this. */
  async says(text) {
    await this.messages().last().filter({ hasText: text }).waitFor();
  }

  /** Waits until nothing is said below the conversation: the bot speaks, and nothing is under way. */
  async rests() {
    await this.page.waitForFunction(() => document.getElementById("state").textContent === "");
  }

  button = (name) => this.page.getByRole("button", { name, exact: true });

  /** What axe finds that keeps somebody from using the page. */
  async barriers() {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run());
    const grave = violations.filter((one) => ["serious", "critical"].includes(one.impact));
    return grave.map((one) => `${one.id}: ${one.nodes.map((node) => node.target).join(", ")}`);
  }

  /** A picture for people, where one is wanted: `SCREENSHOTS=folder`. */
  async picture(name) {
    if (process.env.SCREENSHOTS) await this.page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
  }

  close = () => this.context.close();
}

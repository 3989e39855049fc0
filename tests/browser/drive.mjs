// Opens pages in a real Chromium and prints one JSON object: what each page saw.
// stdin: { chromium, map, screenshot, pages: { name: { url, script? } } }; a `script` runs in the page in place of its own.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const asked = JSON.parse(readFileSync(0, "utf-8"));
const args = ["--no-sandbox", ...(asked.map ? [`--host-resolver-rules=${asked.map}`] : [])];
const browser = await chromium.launch({ executablePath: asked.chromium, headless: true, args });
const told = {};
try {
  for (const [name, { url, script }] of Object.entries(asked.pages)) {
    const page = await browser.newPage({ viewport: { width: 900, height: 1000 } });
    const lines = [];
    page.on("console", (line) => lines.push(line.text()));
    page.on("pageerror", (error) => lines.push(String(error)));
    await page.goto(url);
    if (script) {
      told[name] = { ...(await page.evaluate(script)), console: lines };
    } else {
      await page.waitForFunction(() => window.seen?.done, undefined, { timeout: 60_000 });
      told[name] = { ...(await page.evaluate(() => window.seen)), console: lines };
      if (asked.screenshot) await page.screenshot({ path: asked.screenshot });
    }
    await page.close();
  }
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(told));

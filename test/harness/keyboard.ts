import assert from "node:assert/strict";
import type { Locator, Page } from "@playwright/test";
import { eventually } from "./eventually.ts";

const TABS_MAX = 80;
const FRAMES_MAX = 30;
/** Longer ones are not of what has the focus, but of the whole page. */
const LABEL_MAX = 80;

/** What has the focus and cannot be seen at all: below a bar, or outside of the window. */
const HIDDEN_FOCUS = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body || one.matches("[data-tabster-dummy]")) return "";
  const { left, top, width, height } = one.getBoundingClientRect();
  const isSeen = [0.5, 0.1, 0.9].some((x) => [0.5, 0.1, 0.9].some((y) => {
    const shown = document.elementFromPoint(left + x * width, top + y * height);
    return shown !== null && (one.contains(shown) || shown.contains(one));
  }));
  return isSeen ? "" : one.outerHTML.slice(0, 200);
})()`;

/** Tabs until the focus is there; who cannot get there by keyboard never does. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor();
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    if (await target.first().evaluate((node) => node.matches(":focus"))) return;
    await page.keyboard.press("Tab");
    await seeFocus(page);
  }
  const at = await page.evaluate<string>("document.activeElement.outerHTML.slice(0, 200)");
  assert.fail(`the focus does not reach ${String(target)}, it is at ${at}`);
}

/** Tabs there, and Enter. */
export async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

/** WCAG 2.4.11; what comes into view with the focus does so a frame later. */
async function seeFocus(page: Page): Promise<void> {
  let hidden = "";
  for (let frames = 0; frames < FRAMES_MAX; frames += 1) {
    hidden = await page.evaluate<string>(HIDDEN_FOCUS);
    if (hidden === "") return;
    await page.evaluate("new Promise(requestAnimationFrame)");
  }
  assert.fail(`the focus is hidden: ${hidden}`);
}

/** Tabs to a field and types into it. */
export async function enter(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

/** By the palette: Ctrl+K, some words, Enter. */
export async function goTo(page: Page, words: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Go to or run" }).waitFor();
  await page.keyboard.type(words);
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator("h1:focus").waitFor();
}

/** What has the focus, by its name or its words. */
export async function focused(page: Page, expected: RegExp): Promise<void> {
  await eventually({ what: `the focus at ${String(expected)}` }, async () => {
    const name = await page.evaluate<string>(
      `document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent`,
    );
    return (name.length < LABEL_MAX && expected.test(name)) || undefined;
  });
}

/** What asks before something is done. */
export function dialogOf(page: Page): Locator {
  return page.getByRole("dialog").or(page.getByRole("alertdialog"));
}

/** By its dialog, once that has said what it touches. */
export async function confirm(page: Page, verb: string): Promise<void> {
  await dialogOf(page)
    .getByText(/touches/)
    .waitFor();
  await press(page, dialogOf(page).getByRole("button", { name: verb, exact: true }));
  await dialogOf(page).waitFor({ state: "detached" });
}

import type { Page } from "@playwright/test";

/**
 * What of a page is cut off, covered or wider than the window, is too small for a finger, or moves
 * for ever (WCAG 2.2: 1.4.10, 1.4.12, 2.2.2, 2.5.8); told in words.
 */
const LACK = `(() => {
  const told = new Set();
  const cut = (text) => text.slice(0, 50);
  const nameOf = (one) => cut(one.ariaLabel || one.textContent) + " <" + one.tagName + ">";
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true });
  const dialogs = document.querySelectorAll("[role=dialog], [role=alertdialog], [role=menu]");
  const root = [...dialogs].filter(isShown).at(-1) ?? document.body;
  const all = [...root.querySelectorAll("*")].filter(isShown);

  // Scrolling sideways is for tables alone, which have a scroller of their own.
  for (const one of [document.documentElement, document.getElementById("content")])
    if (one !== null && one.scrollWidth > one.clientWidth) told.add("wider than the window");

  const { top, left } = root.getBoundingClientRect();
  if (root !== document.body && (top < 0 || left < 0)) told.add("begins outside of the window");

  const MOST = 1;
  for (const one of all) {
    if (one.clientWidth <= MOST || one.clientHeight <= MOST) continue;
    // What one types scrolls within its field.
    if (one.closest("svg, input, textarea, select")) continue;
    const style = getComputedStyle(one);
    const isCut = (overflow) => overflow === "hidden" || overflow === "clip";
    const isCutX = isCut(style.overflowX) && style.textOverflow !== "ellipsis" &&
      one.scrollWidth > one.clientWidth + MOST;
    const isCutY = isCut(style.overflowY) && style.webkitLineClamp === "none" &&
      one.scrollHeight > one.clientHeight + MOST;
    const isFull = one.role === "row" && one.scrollHeight > one.clientHeight + MOST;
    if (isCutX || isCutY || isFull) told.add("cut off: " + nameOf(one));
  }

  // Words on words. In a table's scroller rows pass below its head, and charts place their own.
  const clips = new Map();
  const clipOf = (one) => {
    if (one === null) return { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity };
    if (clips.has(one)) return clips.get(one);
    const around = clipOf(one.parentElement);
    const own = getComputedStyle(one).overflow === "visible" ? around : one.getBoundingClientRect();
    const clip = { left: Math.max(around.left, own.left), right: Math.min(around.right, own.right),
      top: Math.max(around.top, own.top), bottom: Math.min(around.bottom, own.bottom) };
    clips.set(one, clip);
    return clip;
  };
  const words = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text !== null; text = walker.nextNode()) {
    const around = text.parentElement;
    if (text.data.trim() === "" || !isShown(around)) continue;
    if (around.closest("[role=grid], svg, select, option, [aria-live], [role=status]")) continue;
    if (around.clientWidth === 1 || around.clientHeight === 1) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const clip = clipOf(around);
    for (const box of range.getClientRects()) {
      const top = Math.max(box.top + 2, clip.top);
      const bottom = Math.min(box.bottom - 2, clip.bottom);
      const left = Math.max(box.left, clip.left);
      const right = Math.min(box.right, clip.right);
      if (top < bottom && left < right) words.push({ text, left, right, top, bottom });
    }
  }
  words.sort((one, other) => one.top - other.top);
  words.forEach((one, at) => {
    for (let next = at + 1; next < words.length && words[next].top < one.bottom; next += 1) {
      const other = words[next];
      if (other.text === one.text || other.left >= one.right - 2 || other.right <= one.left + 2)
        continue;
      told.add("words on words: " + cut(one.text.data) + " / " + cut(other.text.data));
    }
  });

  // Small ones are all right with nothing else within 24 pixels (2.5.8, spacing), and in sentences.
  const LEAST = 24;
  const targets = [...root.querySelectorAll("a[href], button, summary, input, select, [role=tab]")]
    .filter((one) => isShown(one) && !one.closest("svg, [data-tabster-dummy]"))
    .map((one) => ({ one, box: one.getBoundingClientRect() }))
    .filter(({ box }) => box.width > MOST && box.height > MOST);
  const isInline = ({ one }) => getComputedStyle(one).display === "inline" &&
    [...one.parentElement.childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());
  for (const target of targets) {
    const { one, box } = target;
    if ((box.width >= LEAST - 0.5 && box.height >= LEAST - 0.5) || isInline(target)) continue;
    const x = box.left + box.width / 2;
    const y = box.top + box.height / 2;
    const near = targets.find((other) => {
      if (other === target || other.one.contains(one) || one.contains(other.one)) return false;
      const dx = Math.max(other.box.left - x, 0, x - other.box.right);
      const dy = Math.max(other.box.top - y, 0, y - other.box.bottom);
      return Math.hypot(dx, dy) < LEAST / 2;
    });
    if (near) told.add("too small: " + nameOf(one) + " beside " + nameOf(near.one));
  }

  for (const { effect, playState } of document.getAnimations())
    if (playState === "running" && effect.getComputedTiming().iterations === Infinity)
      told.add("moves for ever: " + effect.target.className);
  return [...told];
})()`;

/** WCAG 1.4.12, as a reader's own style sheet has it. */
const WIDE_SPACING = `(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(\`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important;
      word-spacing: 0.16em !important; }
    p { margin-bottom: 2em !important; }\`);
  document.adoptedStyleSheets = [sheet];
})()`;
const OWN_SPACING = "document.adoptedStyleSheets = []";

/** What finds its place anew has it a moment later. */
const FINDS_PLACE_MS = 150;
const LOOKS_AGAIN = 5;
const DESK = { width: 1280, height: 800 };
/** 1,280 pixels enlarged four times (1.4.10). */
const ENLARGED = { width: 320, height: 512 };

/** What a page lacks, enlarged and with more space between its letters; it is as before then. */
export async function lackOfReach(page: Page): Promise<readonly string[]> {
  await page.evaluate(WIDE_SPACING);
  const spaced = await lackNow(page);
  await page.evaluate(OWN_SPACING);
  await page.setViewportSize(ENLARGED);
  const enlarged = await lackNow(page);
  await page.setViewportSize(DESK);
  return [
    ...spaced.map((what) => `with wide spacing, ${what}`),
    ...enlarged.map((what) => `at ${ENLARGED.width} pixels, ${what}`),
  ];
}

async function lackNow(page: Page): Promise<readonly string[]> {
  for (let again = 0; ; again += 1) {
    const lack = await page.evaluate<readonly string[]>(LACK);
    if (lack.length === 0 || again === LOOKS_AGAIN) return lack;
    await page.waitForTimeout(FINDS_PLACE_MS);
  }
}

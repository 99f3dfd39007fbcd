import type { Clock } from "../base/clock.ts";
import { HOUR, MINUTE, SECOND } from "../base/units.ts";
import type { Progress } from "../cmdlet/cmdlet.ts";
import { formatSize } from "./cell-text.ts";
import { safeText, truncateText } from "./safe-text.ts";

/** Between two drawings of the line. */
const INTERVAL_MS = SECOND / 10;
/** Before that a rate would be a guess. */
const RATE_AFTER_MS = SECOND;
/** Back to the start of the line, and clear it. */
const CLEAR = "\r\x1b[K";

/** The line at the bottom of a terminal that says how far long work has come. */
export class ProgressLine {
  readonly #clock: Clock;
  readonly #draw: (text: string) => void;
  readonly #width: number;
  #activity = "";
  #start = { atMs: 0, done: 0 };
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  /** `draw` writes to the terminal, which has so many columns. */
  constructor(clock: Clock, draw: (text: string) => void, width: number) {
    this.#clock = clock;
    this.#draw = draw;
    this.#width = width;
  }

  /** Shows the newest state; too many in a row are left out. */
  show(progress: Progress): void {
    const nowMs = this.#clock.monotonicMs();
    if (progress.activity !== this.#activity || progress.done < this.#start.done) {
      this.#activity = progress.activity;
      this.#start = { atMs: nowMs, done: progress.done };
    }
    if (nowMs - this.#drawnMs < INTERVAL_MS) return;
    this.#drawnMs = nowMs;
    this.#isDrawn = true;
    const spanMs = nowMs - this.#start.atMs;
    const text = formatProgress(progress, { spanMs, doneBefore: this.#start.done });
    this.#draw(CLEAR + truncateText(text, this.#width - 1));
  }

  /** Takes the line away, before anything else is written. */
  clear(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    this.#drawnMs = Number.NEGATIVE_INFINITY;
    this.#draw(CLEAR);
  }
}

/** `Exporting: 1,200 of 10,000 messages (12 %), 300/s, 0:29 left` */
export function formatProgress(
  { activity, done, total, unit }: Progress,
  { spanMs, doneBefore }: { readonly spanMs: number; readonly doneBefore: number },
): string {
  const isBytes = unit === "bytes";
  const count = (number: number) =>
    isBytes ? formatSize(Math.round(number)) : Math.round(number).toLocaleString("en-US");
  const parts: string[] = [];
  const named = isBytes ? "" : ` ${unit}`;
  if (total === undefined) parts.push(`${count(done)}${named}`);
  else {
    const share = total > 0 ? ` (${Math.floor((100 * done) / total)} %)` : "";
    parts.push(`${count(done)} of ${count(total)}${named}${share}`);
  }
  if (spanMs >= RATE_AFTER_MS && done > doneBefore) {
    const perMs = (done - doneBefore) / spanMs;
    parts.push(`${count(perMs * SECOND)}/s`);
    if (total !== undefined && total > done) {
      parts.push(`${formatLeft((total - done) / perMs)} left`);
    }
  }
  return safeText(`${activity}: ${parts.join(", ")}`);
}

function formatLeft(spanMs: number): string {
  const two = (number: number) => String(Math.floor(number)).padStart(2, "0");
  const rest = `${two((spanMs % MINUTE) / SECOND)}`;
  if (spanMs < HOUR) return `${Math.floor(spanMs / MINUTE)}:${rest}`;
  return `${Math.floor(spanMs / HOUR)}:${two((spanMs % HOUR) / MINUTE)}:${rest}`;
}

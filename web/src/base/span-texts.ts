import { formatNumber, textsOf } from "./texts.ts";

/** Spans of time, short. */
export const spanTexts = textsOf("base/spans", {
  days: (count: number) => `${formatNumber(count)} d`,
  hours: (count: number) => `${formatNumber(count)} h`,
  minutes: (count: number) => `${formatNumber(count)} min`,
  seconds: (count: number) => `${formatNumber(count)} s`,
  milliseconds: (count: number) => `${formatNumber(count)} ms`,
});

import type { SettingType } from "./setting.ts";
import { Problem, scalarType } from "./setting-types.ts";

/** A moment in UTC, kept as it is written: `Date.parse` reads it. */
export function instant(): SettingType<string> {
  return scalarType({
    label: "date and time in UTC",
    suffix: "",
    form: { kind: "date" },
    parse(text) {
      const atMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
      if (!Number.isNaN(atMs)) return text;
      return new Problem("is not a date and time in UTC; write one as in 2026-12-31T08:00:00Z");
    },
  });
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

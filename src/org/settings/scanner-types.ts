import { parseMalwareScanner } from "../../scan/malware-scanner.ts";
import { MACRO_STAGES } from "../../scan/milter-negotiation.ts";
import { parseScanEndpoint } from "../../scan/scan-endpoint.ts";
import type { SettingType } from "./setting.ts";
import { Problem, scalarType } from "./setting-types.ts";

/** Where a scanner listens, as it was written. */
export function scanEndpoint(): SettingType<string> {
  return scalarType({
    label: "host:port, or the path of a Unix socket",
    suffix: "",
    parse(text) {
      const parsed = parseScanEndpoint(text);
      return parsed.ok ? text : new Problem(`is no place of a scanner: ${parsed.fault}`);
    },
  });
}

/** A scanner for malware, as it was written. */
export function malwareScanner(): SettingType<string> {
  return scalarType({
    label: "clamd:… or icap://…",
    suffix: "",
    parse(text) {
      const parsed = parseMalwareScanner(text);
      return parsed.ok ? text : new Problem(`is no scanner: ${parsed.fault}`);
    },
  });
}

const MACRO = new RegExp(
  `^(?:${MACRO_STAGES.join("|")}):(?:[a-z_]|\\{[a-z][a-z0-9_]{0,60}\\})$`,
  "i",
);

/** A macro that a milter is told besides: `connect:{if_name}`. */
export function milterMacro(): SettingType<string> {
  return scalarType({
    label: "stage:macro",
    suffix: "",
    parse(text) {
      const stages = MACRO_STAGES.join(", ");
      return MACRO.test(text)
        ? text
        : new Problem(`is no macro; write connect:{if_name}, with one of ${stages}`);
    },
  });
}

const MACRO_VALUE = /^(?:[a-z_]|\{[a-z][a-z0-9_]{0,60}\})=[\x20-\x7e]{0,200}$/i;

/** A macro's value where the session has none: `{if_name}=eth0`. */
export function milterMacroValue(): SettingType<string> {
  return scalarType({
    label: "macro=value",
    suffix: "",
    parse: (text) =>
      MACRO_VALUE.test(text) ? text : new Problem("is no macro with a value; write {name}=value"),
  });
}

import { cmdletName } from "../../cmdlet/setting-names.ts";
import { type ConfigJson, fromConfigJson } from "../../org/config-value.ts";
import { FaultList } from "../../org/configuration-fault.ts";
import { declareObject } from "../../org/declared-object.ts";
import type { ObjectProperties } from "../../org/organization-editor.ts";
import { readObject } from "../../org/read-object.ts";
import type { Setting } from "../../org/settings/setting.ts";
import { TRANSPORT_RULE } from "../../org/settings/transport-rule.ts";
import { buildTransportRules } from "../../org/transport-rule.ts";
import type { BlockParameter, CommandBlock } from "./command-block.ts";

/** A rule of a collection as it can be taken over. */
export interface TakenRule {
  /** `undefined`: nothing of it can be. */
  readonly properties: ObjectProperties | undefined;
  /** What cannot be taken over, in words. */
  readonly problems: readonly string[];
  /** A condition or an action is missing: it would be another rule. */
  readonly isPartial: boolean;
}

type AnySetting = Setting<unknown, "" | "Ms">;

const BY_NAME: ReadonlyMap<string, readonly [string, AnySetting]> = new Map(
  Object.entries(TRANSPORT_RULE).map(([property, setting]) => [
    cmdletName(property).toLowerCase(),
    [property, setting],
  ]),
);

/** Parameters that say nothing about what a rule does here. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  "confirm",
  "whatif",
  "domaincontroller",
  "organization",
  "rulesubtype",
  "uselegacyregex",
  "force",
]);

/** Makes a rule's properties of its command. Total. */
export function takeRule(name: string, { parameters }: CommandBlock): TakenRule {
  const problems: string[] = [];
  const properties: Record<string, ConfigJson> = { name };
  for (const parameter of parameters) {
    const key = parameter.name.toLowerCase();
    if (key === "name" || PASSED_OVER.has(key) || isNothing(parameter)) continue;
    const known = BY_NAME.get(key);
    if (known === undefined) {
      problems.push(`-${parameter.name} is not known here`);
      continue;
    }
    const [property, setting] = known;
    const json = jsonOf(setting, parameter.values);
    const problem = problemOf(setting, json);
    if (problem === undefined) properties[property] = json;
    else problems.push(`-${parameter.name}: ${problem}`);
  }
  const isPartial = problems.length > 0;
  const whole = problemsTogether(properties);
  if (whole.length === 0) return { properties, problems, isPartial };
  return { properties: undefined, problems: [...problems, ...whole], isPartial };
}

/** `-X $null` and `-X ''` ask for nothing. */
function isNothing({ values }: BlockParameter): boolean {
  return values.length === 1 && ["null", ""].includes(values[0] ?? "");
}

function jsonOf({ type }: AnySetting, values: readonly string[]): ConfigJson {
  if (type.form?.kind === "list") return values;
  const text = values.length === 0 ? "true" : values.join(",");
  if (type.form?.kind === "bytes") {
    // `10 MB (10,485,760 bytes)`
    return text.replace(/\s*\(.*$/, "");
  }
  if (type.label.startsWith("date and time")) return momentOf(text);
  return text;
}

/** Exchange writes moments in the server's own form and time; here they are taken for UTC. */
function momentOf(text: string): string {
  const atMs = Date.parse(/[zZ]$|GMT/.test(text) ? text : `${text} UTC`);
  return Number.isNaN(atMs) ? text : `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

function problemOf({ type }: AnySetting, json: ConfigJson): string | undefined {
  const problems: string[] = [];
  const value = type.read(fromConfigJson(json), (what, problem) => {
    const text = what.kind === "scalar" ? `"${what.text.slice(0, 100)}" ` : "";
    problems.push(`${text}${problem}`);
  });
  return value === undefined ? (problems[0] ?? "cannot be read") : undefined;
}

/** What is wrong with the rule as a whole. */
function problemsTogether(properties: ObjectProperties): readonly string[] {
  const faults = new FaultList("");
  const map = fromConfigJson(properties);
  if (map.kind !== "map") return ["is no rule"];
  const read = readObject("transportRule", declareObject("transportRule", map, ""), faults);
  if (read !== undefined) buildTransportRules([read]);
  return faults.list().map(({ message }) => message);
}

/** A rule's stored properties as a command. */
export function commandOf(properties: ObjectProperties): CommandBlock {
  const parameters = Object.keys(TRANSPORT_RULE).flatMap((property): readonly BlockParameter[] => {
    const json = Object.hasOwn(properties, property) ? properties[property] : undefined;
    // Their order says it, as in Exchange.
    if (property === "priority" || json === undefined || json === null) return [];
    const values = Array.isArray(json) ? json.map(String) : [textOf(json)];
    return values.length === 0 ? [] : [{ name: cmdletName(property), values }];
  });
  return { cmdlet: "New-TransportRule", parameters };
}

function textOf(json: ConfigJson): string {
  return typeof json === "string" ? json : JSON.stringify(json);
}

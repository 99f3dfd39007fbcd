import {
  dottedName,
  type Finding,
  findingAt,
  isNode,
  type Source,
  type SyntaxNode,
  stringValue,
  walk,
} from "./source.ts";

/** Something that only some files may name. */
interface Ban {
  readonly allowed: RegExp;
  readonly reason: string;
}

const CLOCK: Ban = {
  allowed: /^src\/base\/clock\.ts$/,
  reason: "reads the machine's clock, timers or dice: take a Clock (src/base/clock.ts)",
};
const CONSOLE: Ban = {
  allowed: /^src\/server\/cli(?:-[a-z-]+)?\.ts$/,
  reason: "writes to the console: take Diagnostics (src/base/diagnostics.ts)",
};
const SOCKETS: Ban = {
  allowed: /^src\/(?:net|tls)\//,
  reason: "opens sockets: they are in src/net only",
};
const SQLITE: Ban = {
  allowed: /^src\/store\//,
  reason: "opens SQLite: SQL stays behind the interfaces of src/store",
};
const BLOCKING: Ban = {
  allowed: /^src\/(?:store\/|server\/|base\/(?:log|pino)-|.*\.test\.ts$)/,
  reason: "blocks its thread on the disk: use node:fs/promises",
};

const BANNED_NAMES: ReadonlyMap<string, Ban> = new Map([
  ["Date.now", CLOCK],
  ["Math.random", CLOCK],
  ["performance.now", CLOCK],
  ["process.hrtime", CLOCK],
  ["AbortSignal.timeout", CLOCK],
  ["console.log", CONSOLE],
  ["console.info", CONSOLE],
  ["console.warn", CONSOLE],
  ["console.error", CONSOLE],
  ["console.debug", CONSOLE],
]);

const BANNED_CALLS: ReadonlyMap<string, Ban> = new Map([
  ["setTimeout", CLOCK],
  ["setInterval", CLOCK],
]);

const BANNED_MODULES: ReadonlyMap<string, Ban> = new Map([
  ["node:timers", CLOCK],
  ["node:timers/promises", CLOCK],
  ["node:perf_hooks", { ...CLOCK, allowed: /^src\/(?:base\/clock\.ts$|server\/)/ }],
  ["node:net", SOCKETS],
  ["node:tls", SOCKETS],
  ["node:dgram", { ...SOCKETS, allowed: /^src\/net\// }],
  ["node:sqlite", SQLITE],
]);

/** Pure functions and values that modules of sockets happen to hold. */
const HARMLESS_IMPORTS = new Set([
  ...["isIP", "isIPv4", "isIPv6", "BlockList", "AddressInfo"],
  "SecureContext",
]);

/** Calls and modules that belong to one room and are used in another (files under src). */
export function findBanned(source: Source): readonly Finding[] {
  const findings: Finding[] = [];
  const report = (ban: Ban | undefined, node: SyntaxNode, name: string): void => {
    if (ban === undefined || ban.allowed.test(source.path)) return;
    findings.push(findingAt(source, node.start, `${name} ${ban.reason}`));
  };
  const fsNames = namesOfFs(source);
  walk(source.program, (node) => {
    switch (node.type) {
      case "MemberExpression": {
        const name = dottedName(node);
        report(BANNED_NAMES.get(name), node, name);
        const [object = "", property = ""] = name.split(".");
        if (fsNames.has(object) && property.endsWith("Sync")) report(BLOCKING, node, name);
        return;
      }
      case "CallExpression": {
        const name = dottedName(node["callee"]).replace(/^globalThis\./, "");
        return report(BANNED_CALLS.get(name), node, name);
      }
      case "NewExpression": {
        const bare = dottedName(node["callee"]) === "Date" && isEmpty(node["arguments"]);
        return report(bare ? CLOCK : undefined, node, "new Date()");
      }
      case "ImportDeclaration":
        return reportImport(node, report);
      default:
    }
  });
  return findings;
}

function reportImport(
  node: SyntaxNode,
  report: (ban: Ban | undefined, node: SyntaxNode, name: string) => void,
): void {
  const module = stringValue(node["source"]) ?? "";
  const names = importedNames(node);
  const harmless = names.length > 0 && names.every((name) => HARMLESS_IMPORTS.has(name));
  if (!harmless) report(BANNED_MODULES.get(module), node, module);
  if (module !== "node:fs" && module !== "fs") return;
  for (const name of names) if (name.endsWith("Sync")) report(BLOCKING, node, name);
}

function importedNames(node: SyntaxNode): readonly string[] {
  const specifiers = node["specifiers"];
  if (!Array.isArray(specifiers)) return [];
  return specifiers.map((specifier) =>
    isNode(specifier) ? dottedName(specifier["imported"] ?? specifier["local"]) : "",
  );
}

/** Local names that stand for the whole of node:fs. */
function namesOfFs(source: Source): ReadonlySet<string> {
  const names = new Set<string>();
  walk(source.program, (node) => {
    if (node.type !== "ImportDeclaration") return;
    if (!/^(?:node:)?fs$/.test(stringValue(node["source"]) ?? "")) return;
    const specifiers = node["specifiers"];
    for (const specifier of Array.isArray(specifiers) ? specifiers : []) {
      if (isNode(specifier) && specifier.type !== "ImportSpecifier") {
        names.add(dottedName(specifier["local"]));
      }
    }
  });
  return names;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

const TEST_CALL = /^(?:test|it|describe|suite|t|context)\b/;
const SWITCHED_OFF = /^(?:test|it|describe|suite|t|context)\.(?:skip|only|todo)$/;

/** Tests that are switched off, or switch the others off. */
export function findSwitchedOffTests(source: Source): readonly Finding[] {
  const findings: Finding[] = [];
  walk(source.program, (node) => {
    const name = dottedName(node);
    if (node.type === "MemberExpression" && SWITCHED_OFF.test(name)) {
      findings.push(findingAt(source, node.start, `${name}: every test runs, or goes`));
    }
    if (node.type !== "CallExpression" || !TEST_CALL.test(dottedName(node["callee"]))) return;
    const options = Array.isArray(node["arguments"]) ? node["arguments"].filter(isNode) : [];
    for (const option of options.filter(({ type }) => type === "ObjectExpression")) {
      const properties = Array.isArray(option["properties"]) ? option["properties"] : [];
      for (const property of properties.filter(isNode)) {
        const key = dottedName(property["key"]);
        if (/^(?:skip|only|todo)$/.test(key)) {
          findings.push(findingAt(source, property.start, `${key}: every test runs, or goes`));
        }
      }
    }
  });
  return findings;
}

/** Notes of unfinished work; what is missing stands in an issue. */
export function findUnfinished(source: Source): readonly Finding[] {
  return source.comments
    .filter(({ value }) => /\b(?:TODO|FIXME|XXX|HACK)\b/.test(value))
    .map((comment) => findingAt(source, comment.start, "marks unfinished work"));
}

/** Faults that vanish: an empty `catch` without a word of why, or `.catch(() => {})`. */
export function findSwallowed(source: Source): readonly Finding[] {
  const findings: Finding[] = [];
  const isSilent = (body: unknown): boolean => {
    if (!isNode(body) || body.type !== "BlockStatement" || !isEmpty(body["body"])) return false;
    return !source.comments.some(({ start, end }) => start > body.start && end < body.end);
  };
  walk(source.program, (node) => {
    if (node.type === "CatchClause" && isSilent(node["body"])) {
      findings.push(findingAt(source, node.start, "swallows a fault: say why in a comment"));
    }
    if (node.type !== "CallExpression" || !isNode(node["callee"])) return;
    const property = node["callee"]["property"];
    if (!isNode(property) || property["name"] !== "catch") return;
    const [handler] = Array.isArray(node["arguments"]) ? node["arguments"] : [];
    if (isNode(handler) && isSilent(handler["body"])) {
      findings.push(findingAt(source, property.start, "swallows a fault: say why in a comment"));
    }
  });
  return findings;
}

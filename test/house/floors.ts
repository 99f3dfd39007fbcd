import { readdirSync } from "node:fs";
import { join, posix } from "node:path";
import {
  dottedName,
  type Finding,
  findingAt,
  isNode,
  ROOT,
  type Source,
  type SyntaxNode,
  stringValue,
  walk,
} from "./source.ts";

/** Floors, lowest first. A room imports from lower floors only, never from one on its own. */
export const FLOORS: readonly (readonly string[])[] = [
  ["base", "agent-api"],
  ["mail"],
  ["smtp", "dns", "sasl", "dkim"],
  ["tls", "mailauth", "gssapi", "content"],
  ["net"],
  ["acme", "scan"],
  ["store"],
  ["org", "cluster"],
  ["transport/tracking", "authentication", "cmdlet"],
  ["transport/queue", "logs", "access"],
  ["transport/agents", "figures"],
  ["transport/moderation"],
  [
    "transport/receive",
    "transport/categorize",
    "transport/send",
    "transport/deliver",
    "transport/hygiene",
    "transport/rules",
    "transport/compliance",
    "transport/quarantine",
  ],
  ["diagnosis"],
  [
    "cmdlets/queues",
    "cmdlets/organization",
    "cmdlets/recipients",
    "cmdlets/certificates",
    "cmdlets/logs",
    "cmdlets/diagnosis",
    "cmdlets/figures",
    "cmdlets/access",
    "cmdlets/server",
    "cmdlets/hygiene",
    "cmdlets/quarantine",
    "cmdlets/rules",
    "cmdlets/compliance",
  ],
  ["management"],
  ["console"],
  ["server"],
];

/** Those of the admin center; areas of pages don't know one another. */
const WEB_FLOORS: readonly (readonly string[])[] = [
  ["base"],
  ["api"],
  ["widgets"],
  ["frame"],
  readdirSync(join(ROOT, "web/src/pages")).map((area) => `pages/${area}`),
  // main, router and the table of areas, which are in no folder.
  [""],
];

/** A source tree with floors of its own. */
interface Tree {
  readonly root: string;
  readonly floors: readonly (readonly string[])[];
  /** What its files may import besides; what its tests may. */
  readonly also?: RegExp;
  readonly tests: RegExp;
}

const PARTS: readonly Tree[] = [
  // Tests of the center hold it against the server.
  { root: "web/src", floors: WEB_FLOORS, also: /^web\/generated\//, tests: /^(?:test|src)\// },
  { root: "src", floors: FLOORS, tests: /^test\// },
];

const TREES = PARTS.map((tree) => {
  const rows = tree.floors.flatMap((rooms, at) => rooms.map((room) => [room, at] as const));
  return { ...tree, floorOf: new Map(rows) };
});

function treeOf(path: string) {
  return TREES.find(({ root }) => path.startsWith(`${root}/`));
}

/** The room of a source file, or `undefined` when no floor names it. */
export function roomOf(path: string): string | undefined {
  const tree = treeOf(path);
  if (tree === undefined) return undefined;
  const folder = posix.dirname(path).slice(tree.root.length + 1);
  const parts = folder.split("/");
  return [parts.slice(0, 2).join("/"), parts[0] ?? ""].find((room) => tree.floorOf.has(room));
}

/** A file that another one names: import, type import, dynamic import, re-export, worker entry. */
interface Reference {
  readonly specifier: string;
  readonly offset: number;
}

const IMPORTING = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
]);

/** Everything that a file takes from elsewhere, in whatever form it is written. */
export function readReferences(source: Source): readonly Reference[] {
  const found: Reference[] = [];
  walk(source.program, (node) => {
    const named = IMPORTING.has(node.type) ? node["source"] : workerEntry(node);
    const specifier = stringValue(named);
    if (specifier !== undefined) found.push({ specifier, offset: node.start });
  });
  return found;
}

/** The literal in `new URL("./file.ts", import.meta.url)`: that is how a thread is started. */
function workerEntry(node: SyntaxNode): unknown {
  if (node.type !== "NewExpression" || dottedName(node["callee"]) !== "URL") return undefined;
  const parameters = node["arguments"];
  if (!Array.isArray(parameters) || !isNode(parameters[1])) return undefined;
  const base = parameters[1];
  return base.type === "MemberExpression" ? parameters[0] : undefined;
}

function resolve(source: Source, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(source.path), specifier));
}

/** Imports that go up, sideways, or out of src; files in no known room. */
export function findFloorBreaks(source: Source): readonly Finding[] {
  const room = roomOf(source.path);
  const tree = treeOf(source.path);
  if (room === undefined || tree === undefined)
    return [findingAt(source, 0, "is in a room that no floor names")];
  const floor = tree.floorOf.get(room) ?? 0;
  return readReferences(source).flatMap(({ specifier, offset }) => {
    if (!specifier.startsWith(".")) return [];
    const target = resolve(source, specifier);
    if (tree.tests.test(target) && source.path.endsWith(".test.ts")) return [];
    if (tree.also?.test(target)) return [];
    // A file of data, package.json for one, is no room; outside the repository there is nothing.
    if (!target.startsWith("..") && !/\.(?:[cm]?[jt]sx?)$/.test(target)) return [];
    if (!target.startsWith(`${tree.root}/`)) {
      return [findingAt(source, offset, `imports ${target}, which is outside ${tree.root}`)];
    }
    const other = roomOf(target);
    if (other === room) return [];
    if (other === undefined) return [findingAt(source, offset, `imports unknown room ${target}`)];
    if ((tree.floorOf.get(other) ?? 0) < floor) return [];
    return [findingAt(source, offset, `${room} must not import from ${other} (${specifier})`)];
  });
}

/** Chains of files of one room that import one another in a circle. */
export function findCycles(sources: readonly Source[]): readonly Finding[] {
  const known = new Map(sources.map((source) => [source.path, source]));
  const findings: Finding[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const source = known.get(path);
    if (source === undefined || done.has(path)) return;
    const at = trail.indexOf(path);
    if (at >= 0) {
      const circle = [...trail.slice(at), path].join(" -> ");
      findings.push(findingAt(source, 0, `import cycle: ${circle}`));
      return;
    }
    for (const { specifier } of readReferences(source)) {
      if (specifier.startsWith(".")) visit(resolve(source, specifier), [...trail, path]);
    }
    done.add(path);
  };
  for (const path of known.keys()) visit(path, []);
  return findings;
}

const FILE_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|fake))?\.tsx?$/;
const VAGUE_NAME = /^(?:index|util|utils|common|helper|helpers|misc|shared|types|lib)\b/;

/** File names that say nothing, or are not in kebab case. */
export function findVagueName(source: Source): readonly Finding[] {
  const name = posix.basename(source.path);
  if (VAGUE_NAME.test(name)) return [findingAt(source, 0, "needs a name for what it exports")];
  return FILE_NAME.test(name) ? [] : [findingAt(source, 0, "is not a kebab-case name")];
}

// Writes web/generated from the OpenAPI document: the types of every cmdlet, and what forms, tables
// and menus need to know of them, a file per noun that is loaded when a page needs it.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ALL_CMDLETS } from "../../src/management/all-cmdlets.ts";
import { formatOpenApi } from "../../src/management/openapi.ts";
import { formatSchemaType, type JsonSchema, recordOf } from "./schema-type.ts";

const FOLDER = join(import.meta.dirname, "../generated");
const NOTE = "// Made by web/build/generate.ts from the OpenAPI document; not kept in git.\n";

/** A cmdlet as the document has it. */
interface Operation {
  readonly name: string;
  readonly noun: string;
  /** By parameter name. */
  readonly parameters: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
  /** Name of the schema of its output. */
  readonly output: string;
  readonly facts: JsonSchema;
}

/** Writes the folder anew. */
export async function generateApi(): Promise<void> {
  const document = recordOf(formatOpenApi(ALL_CMDLETS));
  const schemas = recordOf(recordOf(document["components"])["schemas"]);
  const operations = listOperations(document);
  const byNoun = Map.groupBy(operations, ({ noun }) => noun);
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(join(FOLDER, "nouns"), { recursive: true });
  await writeFile(join(FOLDER, "cmdlets.ts"), formatTypes(operations, schemas));
  await writeFile(join(FOLDER, "nouns.ts"), formatNounTable([...byNoun.keys()]));
  for (const [noun, own] of byNoun) {
    const facts = Object.fromEntries(own.map((one) => [one.name, formatFacts(one, schemas)]));
    await writeFile(join(FOLDER, "nouns", `${noun}.json`), JSON.stringify(facts));
  }
}

function listOperations(document: JsonSchema): readonly Operation[] {
  return Object.values(recordOf(document["paths"])).flatMap((path) =>
    Object.values(recordOf(path)).flatMap((operation) => {
      const facts = recordOf(operation);
      const name = String(facts["operationId"]);
      // What is no cmdlet (login, health) has its types in src/api.
      if (ALL_CMDLETS.find(name) === undefined) return [];
      return [readOperation(name, facts)];
    }),
  );
}

function readOperation(name: string, facts: JsonSchema): Operation {
  const noun = name.slice(name.indexOf("-") + 1);
  const queried = Array.isArray(facts["parameters"]) ? facts["parameters"].map(recordOf) : [];
  const own = queried.filter((one) => one["in"] === "query" && one["name"] !== "whatIf");
  const body = contentSchema(facts["requestBody"]);
  const bodyRequired = Array.isArray(body["required"]) ? body["required"].map(String) : [];
  const parameters = {
    ...Object.fromEntries(
      own.map((one) => [
        String(one["name"]),
        { ...recordOf(one["schema"]), description: one["description"] },
      ]),
    ),
    ...recordOf(body["properties"]),
  };
  const required = own.filter((one) => one["required"] === true).map((one) => String(one["name"]));
  const answer = contentSchema(recordOf(facts["responses"])["200"]);
  const items = recordOf(recordOf(recordOf(answer["properties"])["value"])["items"]);
  const output = String(items["$ref"]).split("/").at(-1) ?? "";
  return {
    name,
    noun,
    parameters: asSchemas(parameters),
    required: [...required, ...bodyRequired],
    output,
    facts,
  };
}

function contentSchema(part: unknown): JsonSchema {
  const content = recordOf(recordOf(part)["content"]);
  return recordOf(recordOf(content["application/json"])["schema"]);
}

function asSchemas(all: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, recordOf(one)]));
}

function formatTypes(operations: readonly Operation[], schemas: JsonSchema): string {
  const shapes = Object.entries(schemas).map(
    ([name, schema]) => `  ${JSON.stringify(name)}: ${formatSchemaType(recordOf(schema))};`,
  );
  const cmdlets = operations.map(({ name, parameters, required, output }) => {
    const input = formatSchemaType({ type: "object", properties: parameters, required });
    const shape = Object.keys(parameters).length === 0 ? "Readonly<Record<string, never>>" : input;
    const result = `Schemas[${JSON.stringify(output)}]`;
    return `  ${JSON.stringify(name)}: { parameters: ${shape}; output: ${result} };`;
  });
  return [
    NOTE,
    "/** Every schema of the document, by name. */",
    "export interface Schemas {",
    ...shapes,
    "}",
    "",
    "/** Every cmdlet: what it takes and what its objects are. */",
    "export interface Cmdlets {",
    ...cmdlets,
    "}",
    "",
  ].join("\n");
}

function formatFacts(operation: Operation, schemas: JsonSchema): JsonSchema {
  const { facts, parameters, required, output } = operation;
  const schema = recordOf(schemas[output]);
  const { "x-role-groups": roles, summary } = facts;
  const extensions = Object.entries(facts).filter(([name]) => name.startsWith("x-"));
  return {
    summary,
    roles,
    ...Object.fromEntries(extensions),
    parameters,
    required,
    output: {
      name: output,
      properties: schema["properties"],
      table: schema["x-table"] ?? [],
      tree: schema["x-tree"],
    },
  };
}

function formatNounTable(nouns: readonly string[]): string {
  const rows = nouns
    .toSorted()
    .map((noun) => `  ${JSON.stringify(noun)}: () => import("./nouns/${noun}.json"),`);
  return [
    NOTE,
    "/** What is said of the cmdlets of a noun. */",
    "export const NOUNS = {",
    ...rows,
    "} as const;",
    "",
  ].join("\n");
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { ALL_CMDLETS } from "./all-cmdlets.ts";
import { formatOpenApi } from "./openapi.ts";
import { isJsonObject, type JsonObject } from "./request-body.ts";
import { kebabCase, listEndpoints, takesQuery } from "./rest-endpoint.ts";

/** As a client gets it. */
const DOCUMENT: unknown = JSON.parse(JSON.stringify(formatOpenApi(ALL_CMDLETS)));

function at(value: unknown, ...path: readonly string[]): JsonObject {
  let found = value;
  for (const name of path) found = isJsonObject(found) ? found[name] : undefined;
  assert.ok(isJsonObject(found), path.join(" "));
  return found;
}

test("the document is OpenAPI 3.1", async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(at(DOCUMENT)));
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(validator.version, "3.1");
});

test("the validator would have noticed", async () => {
  const broken = structuredClone(at(DOCUMENT));
  Object.assign(at(broken, "paths", "/api/v1/administrator", "get"), { responses: 5 });
  const { valid } = await new Validator().validate(broken);
  assert.equal(valid, false);
});

test("every cmdlet is an operation, and all of its parameters are there", () => {
  for (const endpoint of listEndpoints(ALL_CMDLETS)) {
    const { path, method, cmdlet } = endpoint;
    const operation = at(DOCUMENT, "paths", path, method.toLowerCase());
    assert.equal(operation["operationId"], cmdlet.name);
    const names = takesQuery(endpoint) ? queryNames(operation) : bodyNames(operation);
    assert.deepEqual(names, Object.keys(cmdlet.parameters), cmdlet.name);
  }
});

function queryNames({ parameters }: JsonObject): readonly unknown[] {
  assert.ok(Array.isArray(parameters));
  return parameters
    .map((one) => at(one))
    .filter((one) => one["in"] === "query" && one["name"] !== "whatIf")
    .map((one) => one["name"]);
}

function bodyNames(operation: JsonObject): readonly string[] {
  const schema = at(operation, "requestBody", "content", "application/json", "schema");
  return Object.keys(at(schema, "properties"));
}

test("no two cmdlets share an endpoint, and none is where the server has its own", () => {
  const paths = at(DOCUMENT, "paths");
  const operations = Object.values(paths).flatMap((path) => Object.values(at(path)));
  const names = operations.map((operation) => String(at(operation)["operationId"]));
  assert.equal(new Set(names).size, names.length);
  for (const { name } of ALL_CMDLETS.all) assert.ok(names.includes(name), name);
});

test("every reference leads somewhere", () => {
  const references = [...JSON.stringify(DOCUMENT).matchAll(/"\$ref":"#\/([^"]+)"/g)];
  assert.ok(references.length > 10);
  for (const [, path = ""] of references) at(DOCUMENT, ...path.split("/"));
});

test("no output type's name means two things", () => {
  const seen = new Map<string, string>();
  for (const { output } of ALL_CMDLETS.all) {
    const properties = JSON.stringify(output.properties);
    assert.equal(seen.get(output.name) ?? properties, properties, output.name);
    seen.set(output.name, properties);
  }
});

test("only what lets one in, and health, is open", () => {
  const open: string[] = [];
  for (const [path, methods] of Object.entries(at(DOCUMENT, "paths"))) {
    for (const operation of Object.values(at(methods))) {
      if (Array.isArray(at(operation)["security"])) open.push(path);
    }
  }
  assert.deepEqual(open, [
    ...["/api/v1/login", "/healthz", "/readyz", "/api/v1/sign-in", "/api/v1/setup"],
    ...["/api/v1/passkey/options", "/api/v1/passkey"],
    ...["/api/v1/oidc", "/api/v1/oidc/callback", "/api/v1/story/{reference}"],
  ]);
});

test("secrets are marked", () => {
  const body = at(DOCUMENT, "paths", "/api/v1/administrator", "post", "requestBody");
  const schema = at(body, "content", "application/json", "schema", "properties", "Password");
  assert.equal(schema["format"], "password");
});

for (const [name, expected] of [
  ["Queue", "queue"],
  ["ReceiveConnector", "receive-connector"],
  ["DnsRecords", "dns-records"],
  ["DNSRecords", "dns-records"],
  ["OAuthIssuer", "oauth-issuer"],
  ["X509Certificate", "x509-certificate"],
] as const) {
  test(`${name} is ${expected} in a path`, () => {
    assert.equal(kebabCase(name), expected);
  });
}

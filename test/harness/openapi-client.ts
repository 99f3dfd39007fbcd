import assert from "node:assert/strict";
import type { RestAnswer, RestClient } from "./rest-client.ts";

type Json = Readonly<Record<string, unknown>>;

/** What an operation has answered, held against the document. */
export interface OperationAnswer {
  readonly status: number;
  readonly values: readonly Json[];
  readonly warnings: readonly string[];
  readonly error: Json | undefined;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly description: Json;
}

/**
 * A client that knows of the server nothing but its OpenAPI document: where an operation is, which
 * of its parameters go where, and what comes back. What the document does not promise is a failure.
 */
export class OpenApiClient {
  readonly #document: Json;
  readonly #send: RestClient;
  readonly #token: string;
  readonly #operations: ReadonlyMap<string, Operation>;

  private constructor(document: Json, send: RestClient, token: string) {
    this.#document = document;
    this.#send = send;
    this.#token = token;
    this.#operations = new Map(
      Object.entries(at(document, "paths")).flatMap(([path, methods]) =>
        Object.entries(object(methods)).map(([method, description]) => [
          String(object(description)["operationId"]),
          { method: method.toUpperCase(), path, description: object(description) },
        ]),
      ),
    );
  }

  /** Reads the document with a token and makes a client of it. */
  static async open(send: RestClient, token: string): Promise<OpenApiClient> {
    const { status, body } = await send("GET /api/openapi.json", { token });
    assert.equal(status, 200);
    return new OpenApiClient(object(body), send, token);
  }

  /** Names of all operations. */
  get operations(): readonly string[] {
    return [...this.#operations.keys()];
  }

  /** Names of all operations that only read: their method is GET. */
  get reads(): readonly string[] {
    return this.operations.filter((name) => this.#operations.get(name)?.method === "GET");
  }

  /** Calls a cmdlet's operation with values by the names that the document has. */
  async call(name: string, values: Json = {}): Promise<OperationAnswer> {
    const answer = await this.ask(name, values);
    const { value, warnings, error } = object(answer.body);
    return {
      status: answer.status,
      values: list(value).map(object),
      warnings: list(warnings).map(String),
      error: error === undefined ? undefined : object(error),
    };
  }

  /** As `call`, for any operation; the body is what the document says it would be. */
  async ask(name: string, values: Json = {}): Promise<RestAnswer> {
    const operation = this.#operations.get(name);
    assert.ok(operation, `the document has no operation ${name}`);
    const { method, path, description } = operation;
    const query = new URLSearchParams();
    const body: Record<string, unknown> = {};
    const inQuery = list(description["parameters"]).map((one) => String(object(one)["name"]));
    const inBody = this.#bodyNames(description);
    for (const [key, value] of Object.entries(values)) {
      if (inQuery.includes(key)) {
        for (const item of Array.isArray(value) ? value : [value]) query.append(key, String(item));
      } else {
        assert.ok(inBody.includes(key), `the document has no parameter ${key} of ${name}`);
        body[key] = value;
      }
    }
    const search = query.size === 0 ? "" : `?${query}`;
    const asked = { token: this.#token, ...(inBody.length > 0 && { body }) };
    const answer = await this.#send(`${method} ${path}${search}`, asked);
    this.#check(description, answer);
    return answer;
  }

  #bodyNames(description: Json): readonly string[] {
    if (description["requestBody"] === undefined) return [];
    const schema = at(description, "requestBody", "content", "application/json", "schema");
    return Object.keys(at(this.#resolve(schema), "properties"));
  }

  #check(description: Json, { status, body }: RestAnswer): void {
    const responses = at(description, "responses");
    assert.ok(String(status) in responses, `the document has no answer ${status}`);
    const response = this.#resolve(object(responses[String(status)]));
    const content = at(response, "content");
    const [type = ""] = Object.keys(content);
    this.#checkValue(body, this.#resolve(at(content, type, "schema")), "answer");
  }

  #resolve(schema: Json): Json {
    const reference = schema["$ref"];
    if (typeof reference !== "string") return schema;
    return at(this.#document, ...reference.replace("#/", "").split("/"));
  }

  /** The parts of JSON Schema that the document uses for answers. */
  #checkValue(value: unknown, given: Json, where: string): void {
    const schema = this.#resolve(given);
    const types = [schema["type"] ?? []].flat();
    if (types.length > 0) {
      assert.ok(
        types.includes(typeOf(value)) || isWhole(value, types),
        `${where}: ${JSON.stringify(types)}`,
      );
    }
    const choices = schema["enum"];
    if (Array.isArray(choices)) assert.ok(choices.includes(value), `${where}: ${choices}`);
    if (Array.isArray(value)) {
      const items = object(schema["items"] ?? {});
      for (const item of value) this.#checkValue(item, items, `${where}[]`);
    } else if (typeof value === "object" && value !== null && schema["properties"] !== undefined) {
      for (const name of list(schema["required"]))
        assert.ok(String(name) in value, `${where} ${name}`);
      const properties = at(schema, "properties");
      for (const [name, inner] of Object.entries(value)) {
        assert.ok(name in properties, `${where} has ${name}, which the document has not`);
        this.#checkValue(inner, object(properties[name]), `${where}.${name}`);
      }
    }
  }
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isWhole(value: unknown, types: readonly unknown[]): boolean {
  return types.includes("integer") && Number.isInteger(value);
}

function object(value: unknown): Json {
  assert.ok(typeof value === "object" && value !== null && !Array.isArray(value));
  return value as Json;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function at(value: Json, ...path: readonly string[]): Json {
  return path.reduce((inner, name) => object(inner[name]), value);
}

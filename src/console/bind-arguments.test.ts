import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SAMPLE_TYPE } from "../cmdlet/filter-sample.fake.ts";
import { pagingParameters } from "../cmdlet/paging.ts";
import { optionalParameter, requiredParameter, switchParameter } from "../cmdlet/parameter.ts";
import { required } from "../org/settings/setting.ts";
import { line, listOf, section } from "../org/settings/setting-types.ts";
import { bindArguments, processArguments } from "./bind-arguments.ts";

const TEXT = line({ max: 100 });
const CMDLET = {
  name: "Set-Thing",
  parameters: {
    Identity: requiredParameter(TEXT, "Which.", { position: 0 }),
    Server: optionalParameter(TEXT, "Where.", { position: 1 }),
    ServerList: optionalParameter(listOf(TEXT, { max: 5 }), "Where."),
    WithNDR: switchParameter("With a notice."),
    Password: optionalParameter({ ...TEXT, isSecret: true }, "Secret."),
    Verifiers: optionalParameter(listOf({ ...TEXT, isSecret: true }, { max: 5 }), "Secrets."),
    Credential: optionalParameter(
      section({
        userName: required(TEXT, "Who."),
        password: required({ ...TEXT, isSecret: true }, "Secret."),
      }),
      "A mapping with a secret in it.",
    ),
    ...pagingParameters(SAMPLE_TYPE),
  },
} as const;

function bind(...words: readonly string[]) {
  return bindArguments(CMDLET, processArguments(words));
}

for (const [words, parameters] of [
  [["-Identity", "a"], { Identity: "a" }],
  [["-identity:a"], { Identity: "a" }],
  [["-identity:", "a"], { Identity: "a" }],
  [["--Identity", "a"], { Identity: "a" }],
  [["-Id", "a"], { Identity: "a" }],
  [["-Server", "a"], { Server: "a" }],
  [["-ServerL", "a"], { ServerList: "a" }],
  [["a", "b"], { Identity: "a", Server: "b" }],
  [["b", "-Identity", "a"], { Identity: "a", Server: "b" }],
  [["-WithNDR", "a"], { WithNDR: true, Identity: "a" }],
  [["-WithNDR:$false"], { WithNDR: false }],
  [["-WithNDR", "$FALSE"], { WithNDR: false }],
  [["-WithNDR:false"], { WithNDR: false }],
  [["-WithNDR:", "$true"], { WithNDR: true }],
  [["-Identity", "$null"], { Identity: null }],
  [["-Identity", "-5"], { Identity: "-5" }],
  [["-Identity", "-2h"], { Identity: "-2h" }],
  [["-Identity:-x"], { Identity: "-x" }],
  [["-Identity", "a,b"], { Identity: "a,b" }],
  [["-Filter", "Subject -eq 'x, y'"], { Filter: "Subject -eq 'x, y'" }],
  [["-SortOrder", "-MessageCount"], { SortOrder: "-MessageCount" }],
  [["-SortOrder", "-Identity,+Status"], { SortOrder: "-Identity,+Status" }],
  [["-ServerList", "a,b"], { ServerList: ["a", "b"] }],
  [["-ServerList", "a,", "b", "c"], { ServerList: ["a", "b"], Identity: "c" }],
  [["-ServerList", "a", ",b"], { ServerList: ["a", "b"] }],
  [["-ServerList", "'a,b',\"c\",O'Brien"], { ServerList: ["a,b", "c", "O'Brien"] }],
  [["-ServerList", "'it''s'"], { ServerList: "it's" }],
  [["-ServerList", "@()"], { ServerList: [] }],
  [["-ServerList", "@('a')"], { ServerList: ["a"] }],
  [["-ServerList", "@{Add='x';Remove='y','z'}"], { ServerList: { Add: "x", Remove: ["y", "z"] } }],
  [["-ServerList", "@{ add = 'a;b' ; }"], { ServerList: { add: "a;b" } }],
  [["-Password", "@{x"], { Password: "@{x" }],
  [["-Password", "$true"], { Password: "$true" }],
  [["-Password", "$null"], { Password: null }],
  [["-Verifiers", "a,b"], { Verifiers: ["a", "b"] }],
  [
    ["-Credential", "@{UserName='u'; Password='a;b'}"],
    { Credential: { UserName: "u", Password: "a;b" } },
  ],
] as const) {
  test(`binder: ${words.join(" ")}`, () => {
    const call = bind(...words);
    assert.ok(call.ok, call.ok ? "" : call.fault);
    assert.deepEqual(call.value.parameters, parameters);
  });
}

for (const [words, problem] of [
  [["-Serv", "a"], /^-Serv is ambiguous; it could be -Server, -ServerList$/],
  [["-Identiti", "a"], /no parameter -Identiti; did you mean "Identity"/],
  [["-Identity"], /the value after -Identity is missing; a shell takes \$true/],
  [["-WithNDR:"], /-WithNDR: has no value; a shell takes .* or write -WithNDR:true/],
  [["-Identity", "-Server", "x"], /missing; if -Server is the value, write -Identity:-Server/],
  [["-Id", "a", "-IDENTITY:b"], /-Identity is given twice/],
  [["a", "b", "c"], /no place for "c"; name its parameter/],
  [["-ServerList", "'a"], /-ServerList has a ' without its end/],
  [["-ServerList", "@{Add"], /has no \}/],
  [["-ServerList", "@{Add}"], /"Add" without name or value/],
  [["-ServerList", "@{Add=a;Add=b}"], /names Add twice/],
  [["-Format", "tabel"], /one of table, list.* did you mean "table"/],
  [["-WhatIf:maybe"], /-WhatIf is a switch/],
] as const) {
  test(`binder: ${words.join(" ")} is a misuse`, () => {
    const call = bind(...words);
    assert.ok(!call.ok);
    assert.match(call.fault, problem);
  });
}

test("binder: what every cmdlet takes", () => {
  const call = bind("-What", "-Confirm:$false", "-fo", "JSON", "-Property", "Name,Si*", "-?");
  assert.ok(call.ok);
  assert.deepEqual(call.value.options, {
    whatIf: true,
    confirm: false,
    format: "json",
    properties: ["Name", "Si*"],
    wantsHelp: true,
  });
});

test("binder: -Confirm:$false is understood after a shell has taken $false away", () => {
  for (const word of ["-Confirm:$false", "-Confirm:false", "-confirm:"]) {
    const call = bind(word);
    assert.ok(call.ok);
    assert.equal(call.value.options.confirm, false);
  }
});

test("binder: a secret without a value, or as -, is to be asked for", () => {
  for (const words of [["-Password"], ["-Password", "-"], ["-Password", "-WithNDR"]]) {
    const call = bind(...words);
    assert.ok(call.ok);
    assert.deepEqual(call.value.secretsToRead, ["Password"]);
    assert.equal(call.value.parameters["Password"], undefined);
  }
});

test("binder: what stood in quotes is only itself", () => {
  const call = bindArguments(CMDLET, [
    { text: "-Identity", isLiteral: true },
    { text: "-ServerList", isLiteral: false },
    { text: "$null,b", isLiteral: true },
  ]);
  assert.ok(call.ok);
  assert.deepEqual(call.value.parameters, { Identity: "-Identity", ServerList: "$null,b" });
});

test("binder: whatever the words, there is a call or a sentence", () => {
  const pieces = fc.constantFrom(
    ...[
      "-Identity",
      "-Server",
      "-SortOrder",
      "-WithNDR",
      "-",
      "--",
      "-:",
      "-?",
      "$true",
      "@{",
      "}",
    ],
    ...["@{Add=", "'", '"', ",", "a", "", "-Password", ":", "@(", ")", "-Format", "table", "\n"],
  );
  const words = fc.array(fc.array(pieces, { maxLength: 4 }).map((some) => some.join("")));
  fc.assert(
    fc.property(words, (some) => {
      const call = bind(...some);
      if (!call.ok) assert.match(call.fault, /\w{3}/);
    }),
    { numRuns: 2000 },
  );
});

import assert from "node:assert/strict";
import type { CmdletRow, Given, Surface } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";
import { freePort } from "../../harness/free-port.ts";

type Row = CmdletRow<EveryBench>;

/** A kind of object: what makes one of that name, and a change with what is shown of it then. */
interface Noun {
  readonly noun: string;
  readonly given: (name: string) => Given | Promise<Given>;
  readonly change: readonly [property: string, value: string | number | boolean];
  /** Its identity; default: the name. */
  readonly identity?: (name: string) => string;
}

const NOUNS: readonly Noun[] = [
  {
    noun: "ReceiveConnector",
    given: async (Name) => ({ Name, Bindings: [`127.0.0.1:${await freePort()}`], Enabled: true }),
    change: ["MaxHopCount", 9],
  },
  {
    noun: "SendConnector",
    given: (Name) => ({ Name, AddressSpaces: [`SMTP:${Name}.test;3`] }),
    change: ["Port", 26],
  },
  {
    noun: "AcceptedDomain",
    given: (name) => ({ Name: `${name}.test` }),
    identity: (name) => `${name}.test`,
    change: ["DomainType", "InternalRelay"],
  },
  {
    noun: "RemoteDomain",
    given: (Name) => ({ Name, DomainName: `*.${Name}.test` }),
    change: ["NDREnabled", false],
  },
  {
    noun: "TlsPolicy",
    given: (name) => ({ Name: `${name}.test` }),
    identity: (name) => `${name}.test`,
    change: ["Mode", "Dane"],
  },
  {
    noun: "ThrottlingPolicy",
    given: (Name) => ({ Name }),
    change: ["MessagesPerHour", "7"],
  },
  {
    noun: "OAuthIssuer",
    given: (Name) => ({
      Name,
      Issuer: `https://${Name}.test`,
      Jwks: `https://${Name}.test/keys`,
      Audiences: ["smtp"],
    }),
    change: ["UserClaim", "upn"],
  },
  {
    noun: "SystemMessage",
    given: (name) => ({
      DsnCode: codeOf(name),
      Internal: true,
      Language: "En",
      Text: "Call the <b>help desk</b>.",
    }),
    identity: (name) => `En\\Internal\\${codeOf(name)}`,
    change: ["Text", "Call 1234."],
  },
];

/** A status code of this name's own. */
function codeOf(name: string): string {
  const sum = [...name].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return `5.7.${100 + (sum % 800)}`;
}

function rowsOf({ noun, given, change, identity = (name) => name }: Noun): readonly Row[] {
  const [property, value] = change;
  const nameFor = (verb: string, via: Surface) => ownName(`${verb}${noun}`, via).toLowerCase();
  const made = (verb: string) => async (bench: EveryBench, via: Surface) => {
    const name = nameFor(verb, via);
    await runCmdlet(bench.server, `New-${noun}`, { ...(await given(name)) });
    return { Identity: identity(name) };
  };
  const shown = async ({ server }: EveryBench, Identity: unknown) => {
    const all = await runCmdlet(server, `Get-${noun}`);
    return all.find((one) => one["Identity"] === Identity);
  };
  return [
    {
      cmdlet: `New-${noun}`,
      given: async (_bench, via) => given(nameFor("new", via)),
      count: 1,
      async expect({ objects: [object], bench, given: asked, via }) {
        assert.equal(object?.["Identity"], identity(nameFor("new", via)));
        for (const [name, one] of Object.entries(asked)) assert.deepEqual(object[name], one);
        assert.deepEqual(await shown(bench, object["Identity"]), object);
      },
    },
    {
      cmdlet: `Get-${noun}`,
      given: made("get"),
      count: 1,
      expect({ objects: [object], given: { Identity } }) {
        assert.equal(object?.["Identity"], Identity);
        assert.notEqual(object?.[property], value);
      },
    },
    {
      cmdlet: `Set-${noun}`,
      given: async (bench, via) => ({ ...(await made("set")(bench, via)), [property]: value }),
      count: 0,
      async expect({ bench, given: { Identity } }) {
        assert.equal((await shown(bench, Identity))?.[property], value);
      },
    },
    {
      cmdlet: `Remove-${noun}`,
      given: made("remove"),
      count: 0,
      async expect({ bench, given: { Identity } }) {
        assert.equal(await shown(bench, Identity), undefined);
      },
    },
  ];
}

/** Kinds of which there is one: a property, and its values by the two surfaces. */
const SINGLE = [
  ["TransportService", "MaxOutboundConnections", "500", "501"],
  ["TransportConfig", "MaxSendSize", "5MB", "6MB"],
  ["TransportServer", "Keytab", "a.keytab", "b.keytab"],
] as const;

function singleRows([noun, property, typed, called]: (typeof SINGLE)[number]): readonly Row[] {
  return [
    {
      cmdlet: `Set-${noun}`,
      given: async (_bench, via) => ({
        [property]: via === "rest" ? called : typed,
        Force: true,
      }),
      count: 0,
      async expect({ bench: { server }, via }) {
        const [object] = await runCmdlet(server, `Get-${noun}`);
        assert.equal(String(object?.[property]), via === "rest" ? called : typed);
      },
    },
    {
      cmdlet: `Get-${noun}`,
      count: 1,
      expect({ objects: [object] }) {
        assert.equal(String(object?.[property]), called);
      },
    },
  ];
}

/** A contact that a file declares. */
function contact(name: string): string {
  const address = `${name.toLowerCase()}@contoso.test`;
  return `mailContacts:
  - name: ${name}
    primarySmtpAddress: ${address}
    externalEmailAddress: ${name.toLowerCase()}@example.test
`;
}

const CONFIGURATION: readonly Row[] = [
  {
    cmdlet: "Import-PostriderConfiguration",
    given: async (_bench, via) => ({
      FileData: contact(ownName("zoe", via)),
      FileName: "zoe.yaml",
    }),
    count: 1,
    async expect({ objects: [change], bench: { server }, via }) {
      assert.equal(change?.["Name"], ownName("zoe", via));
      const pieces = await runCmdlet(server, "Export-PostriderConfiguration");
      const text = pieces.map((one) => one["Text"]).join("");
      assert.match(text, new RegExp(`name: ${ownName("zoe", via)}\\n`));
    },
  },
  {
    cmdlet: "Export-PostriderConfiguration",
    async expect({ objects, bench: { server } }) {
      const FileData = objects.map((one) => one["Text"]).join("");
      assert.match(FileData, /^acceptedDomains:\n/m);
      assert.doesNotMatch(FileData, /correct horse/);
      const same = await runCmdlet(server, "Import-PostriderConfiguration", {
        FileData,
        DryRun: true,
      });
      assert.deepEqual(same, []);
    },
  },
];

/** The built-in texts of notices (reference §6.4). */
const ORIGINALS: Row = {
  cmdlet: "Get-SystemMessage",
  given: { Original: true },
  expect({ objects }) {
    const [found] = objects.filter((one) => one["Identity"] === "En\\Internal\\5.1.1");
    assert.equal(found?.["DsnCode"], "5.1.1");
    assert.equal(found["Internal"], true);
    assert.match(String(found["Text"]), /\w+ .*\./);
    assert.equal(found["DeclaredIn"], null);
    assert.ok(objects.some((one) => one["Identity"] === "En\\External\\5.1.1"));
    assert.ok(!objects.some((one) => String(one["Text"]).includes("help desk</b>")));
  },
};

/** Connectors, domains and settings; chains that can run side by side. */
export const ORGANIZATION_ROWS: readonly (readonly Row[])[] = [
  ...NOUNS.map(rowsOf),
  SINGLE.flatMap(singleRows),
  [ORIGINALS],
];

/** The whole of it: to be run while nothing else changes. */
export const CONFIGURATION_ROWS: readonly Row[] = CONFIGURATION;

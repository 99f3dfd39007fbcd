import { DAY } from "../../base/units.ts";
import {
  type Cmdlet,
  type CmdletInput,
  defineCmdlet,
  type Invocation,
} from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { IF_MATCH, ifMatchOf } from "../../cmdlet/entity-tag.ts";
import { FORCE, planOf, type ShownEdit } from "../../cmdlet/object-change.ts";
import type { OutputObject, OutputType } from "../../cmdlet/output-type.ts";
import {
  defaultedParameter,
  optionalParameter,
  requiredParameter,
} from "../../cmdlet/parameter.ts";
import { runEdits } from "../../cmdlet/run-edits.ts";
import { parseDomain } from "../../mail/address.ts";
import { type DkimSigningConfig, signingKeysAt } from "../../org/dkim-keys.ts";
import { makeDkimKeys } from "../../org/dkim-new-keys.ts";
import type { Organization } from "../../org/organization.ts";
import type {
  ObjectEdit,
  OrganizationEditor,
  StoredObject,
} from "../../org/organization-editor.ts";
import { bool, domain, oneOf } from "../../org/settings/setting-types.ts";
import { changeCmdlets } from "./object-cmdlets.ts";
import { defineNoun, type ObjectNoun, objectLabel, showObject } from "./object-noun.ts";
import type { OrganizationServices } from "./services.ts";

type Run = Invocation<OrganizationServices>;

const SETTINGS = defineNoun({
  kind: "dkimSigningConfig",
  noun: "DkimSigningConfig",
  changers: [],
  columns: ["Identity", "Enabled"],
  notes: [
    "Mail is signed when the domain of its one author is this one and it comes from where it " +
      "may: a user, a server or device of ours, or this server itself. What strangers send in " +
      "our name is not. It is signed with every key, as it leaves by SMTP.",
  ],
  examples: {
    set: [" contoso.test -Enabled $true", "Its mail is signed from now on."],
  },
  find: findConfig,
});

const OUTPUT: OutputType = {
  ...SETTINGS.output,
  properties: {
    ...SETTINGS.output.properties,
    DnsRecords: { kind: "list", doc: "What DNS has to have of its keys, ready for a zone file." },
  },
  table: ["Identity", "Enabled", "RotateOnDate", "DnsRecords"],
};

const NOUN: ObjectNoun = { ...SETTINGS, output: OUTPUT };

/** From the rotation of keys to their use: as long as DNS may take to be seen everywhere. */
const ROTATION_MS = 4 * DAY;

function findConfig(
  { dkimSigningConfigs }: Organization,
  name: string,
): DkimSigningConfig | undefined {
  const wanted = parseDomain(name);
  return dkimSigningConfigs.find((one) => one.name === wanted);
}

const identity = requiredParameter(domain(), "The domain.", {
  position: 0,
  completion: "DkimSigningConfig",
  pipeline: "property",
});
const keySize = defaultedParameter(oneOf(["2048", "3072", "4096"]), "2048", "Bits of the RSA key.");

const GET_PARAMETERS = {
  Identity: optionalParameter(domain(), "Only this domain; default: all.", {
    position: 0,
    completion: "DkimSigningConfig",
    pipeline: "property",
  }),
};

const getConfig = defineCmdlet({
  name: "Get-DkimSigningConfig",
  summary: "Shows which domains sign their mail, and the records that DNS has to have for it.",
  roles: NOUN.readers,
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-DkimSigningConfig contoso.test | Format-List", doc: "With its records." },
  ],
  parameters: GET_PARAMETERS,
  output: OUTPUT,
  async *run({ services }: Run, { identity: wanted }) {
    const { organization: editor } = services;
    const all = await editor.list(NOUN.kind);
    const found = all.filter(({ name }) => wanted === undefined || parseDomain(name) === wanted);
    if (found.length === 0 && wanted !== undefined) throw missing(wanted);
    for (const one of found) yield show(one, editor, editor.organization);
  },
});

const newConfig = changing({
  name: "New-DkimSigningConfig",
  summary: "Makes keys with which a domain signs its mail, RSA and Ed25519.",
  example: {
    command: "New-DkimSigningConfig contoso.test -Enabled $false",
    doc: "Put its DnsRecords into DNS, then Set-DkimSigningConfig contoso.test -Enabled $true.",
  },
  parameters: {
    DomainName: requiredParameter(domain(), "The domain in the authors' addresses.", {
      position: 0,
    }),
    Enabled: defaultedParameter(bool(), "false", "Whether mail is signed at once."),
    KeySize: keySize,
  },
  async edit({ clock }, input) {
    const name = String(input["domainName"]);
    const keys = await makeDkimKeys({ ...sizeOf(input), nowMs: clock.nowMs(), taken: [] });
    return {
      kind: NOUN.kind,
      name,
      change(stored) {
        if (stored !== undefined) {
          const text = `there is already a DKIM signing configuration of ${name}`;
          throw new CmdletFault("conflict", text, { parameter: "DomainName" });
        }
        const { rsa, ed25519 } = keys;
        return { name, enabled: String(input["enabled"]), rsaKey: rsa, ed25519Key: ed25519 };
      },
    };
  },
});

const rotateConfig = changing({
  name: "Rotate-DkimSigningConfig",
  summary: "Makes the keys with which a domain signs from four days on.",
  example: {
    command: "Rotate-DkimSigningConfig contoso.test",
    doc: "Put the new DnsRecords into DNS before its RotateOnDate; leave the old ones there.",
  },
  parameters: { Identity: identity, KeySize: keySize, Force: FORCE, IfMatch: IF_MATCH },
  async edit({ clock, services }, input) {
    const name = String(input["identity"]);
    const nowMs = clock.nowMs();
    const config = findConfig(services.organization.organization, name);
    if (config === undefined) throw missing(name);
    const { rotateOnDate } = config;
    if (rotateOnDate !== undefined && nowMs < Date.parse(rotateOnDate)) {
      const text = `the keys of ${name} are being rotated already, on ${rotateOnDate}`;
      throw new CmdletFault("not-allowed-now", text, { parameter: "Identity" });
    }
    const { rsaKey, ed25519Key } = signingKeysAt(config, nowMs);
    const taken = [rsaKey, ed25519Key].flatMap((key) => key?.selector ?? []);
    const keys = await makeDkimKeys({ ...sizeOf(input), nowMs, taken });
    return {
      kind: NOUN.kind,
      name,
      change(stored) {
        if (stored === undefined) throw missing(name);
        return {
          ...stored.properties,
          rsaKey: rsaKey === undefined ? null : { ...rsaKey },
          ed25519Key: ed25519Key === undefined ? null : { ...ed25519Key },
          nextRsaKey: keys.rsa,
          nextEd25519Key: keys.ed25519,
          rotateOnDate: `${new Date(nowMs + ROTATION_MS).toISOString().slice(0, -5)}Z`,
        };
      },
    };
  },
});

/** New, Get, Set, Remove and Rotate. */
export const DKIM_SIGNING_CMDLETS: readonly Cmdlet<OrganizationServices>[] = [
  getConfig,
  newConfig,
  ...changeCmdlets(NOUN),
  rotateConfig,
];

interface ChangeFacts extends Pick<Cmdlet<OrganizationServices>, "summary" | "parameters"> {
  readonly name: `${string}-${string}`;
  readonly example: { readonly command: string; readonly doc: string };
  readonly edit: (run: Run, input: CmdletInput) => Promise<ObjectEdit>;
}

function changing({ example, edit, ...facts }: ChangeFacts): Cmdlet<OrganizationServices> {
  const change = async (run: Run, input: CmdletInput, mode: "store" | "show") => {
    const { organization: editor } = run.services;
    return runEdits(run, [await edit(run, input)], {
      mode,
      isForced: input["force"] === true,
      ifMatch: ifMatchOf(input),
      show({ before, after }, organizations): ShownEdit {
        const view = (stored: StoredObject | undefined, organization: Organization) =>
          stored && { stored: stored.properties, shown: show(stored, editor, organization) };
        return {
          object: objectLabel(NOUN, (before ?? after)?.name ?? ""),
          table: NOUN.table,
          before: view(before, organizations.before),
          after: view(after, organizations.after),
        };
      },
    });
  };
  return {
    ...facts,
    notes: NOUN.notes,
    roles: NOUN.changers,
    effect: "changes",
    examples: [example],
    output: OUTPUT,
    confirmation: "none",
    async plan(run, input) {
      return planOf(await change(run, input, "show"));
    },
    async *run(run, input): AsyncGenerator<OutputObject> {
      for (const { after } of await change(run, input, "store")) {
        if (after !== undefined) yield after.shown;
      }
    },
  };
}

function show(
  stored: StoredObject,
  editor: OrganizationEditor,
  organization: Organization,
): OutputObject {
  const config = findConfig(organization, stored.name);
  return {
    ...showObject(NOUN, stored, organization),
    DnsRecords: config === undefined ? [] : zoneLines(config, editor),
  };
}

/** TXT records as a zone file has them, in strings of 255 octets at most (RFC 6376 §3.6.2.2). */
function zoneLines(config: DkimSigningConfig, editor: OrganizationEditor): readonly string[] {
  const { name, rsaKey, ed25519Key, nextRsaKey, nextEd25519Key } = config;
  const keys = [
    ["rsa", rsaKey],
    ["ed25519", ed25519Key],
    ["rsa", nextRsaKey],
    ["ed25519", nextEd25519Key],
  ] as const;
  return keys.flatMap(([kind, key]) => {
    if (key === undefined) return [];
    const record = editor.dkimRecord(kind, key.privateKey);
    const strings = record
      ?.match(/.{1,255}/g)
      ?.map((text) => `"${text}"`)
      .join(" ");
    const value = strings ?? "; the private key cannot be opened";
    return [`${key.selector}._domainkey.${name}. IN TXT ${value}`];
  });
}

function sizeOf(input: CmdletInput): { readonly rsaBits: number } {
  return { rsaBits: Number(input["keySize"]) };
}

function missing(name: string): CmdletFault {
  const cure = "Get-DkimSigningConfig lists what there is";
  const text = `${name} has no DKIM signing configuration; ${cure}`;
  return new CmdletFault("not-found", text, { parameter: "Identity" });
}

import type { Result } from "../../base/result.ts";
import { type Address, addressKey } from "../../mail/address.ts";
import type { CachedDirectory, Directory } from "../../org/directory.ts";
import type { Organization, OrganizationRecipient } from "../../org/organization.ts";
import type { ContentReader } from "../../store/content.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import type { InquiryFault } from "./content-facts.ts";
import type { ContentAnswer, ContentQuestion } from "./content-question.ts";
import { editedFields } from "./edited-fields.ts";
import type { GroupMembers } from "./group-members.ts";
import {
  FAULT,
  type Fault,
  type RuleFacts,
  type RuleField,
  type RuleRecipient,
} from "./rule-facts.ts";

/** Octets of a header that rules read; no receive connector lets a longer one in. */
const HEADER_BYTES_MAX = 1024 * 1024;

/** Where facts come from that the message itself does not have. */
export interface FactSources {
  readonly directory: Directory & Partial<Pick<CachedDirectory, "peekRecipient">>;
  readonly groups: GroupMembers;
  /**
   * Reads a message off the thread that serves mail, and answers. Rejects with StoreFailure.
   */
  readonly ask: (
    content: ContentReader,
    questions: readonly ContentQuestion[],
  ) => Promise<Result<readonly ContentAnswer[], InquiryFault>>;
}

/** What rules are asked about. */
export interface RuledMessage {
  readonly organization: Organization;
  readonly nowMs: number;
  readonly message: QueuedMessage;
  readonly recipients: readonly RuleRecipient[];
  readonly content: ContentReader;
}

/** The facts of one message, found out as rules ask for them. */
export class MessageFacts implements RuleFacts {
  readonly organization: Organization;
  readonly nowMs: number;
  readonly sender: Address | "";
  readonly clientAddress: string;
  readonly isInternal: boolean;
  readonly messageBytes: number;
  readonly scl: number | undefined;
  readonly recipients: readonly RuleRecipient[];
  readonly #message: QueuedMessage;
  readonly #content: ContentReader;
  readonly #sources: FactSources;
  #fields: readonly RuleField[] | Fault | undefined;
  readonly #entries = new Map<string, OrganizationRecipient | null>();
  readonly #members = new Map<string, ReadonlySet<string> | Fault>();
  readonly #answers = new Map<string, ContentAnswer | Fault>();
  #isPostponed = false;
  #wantsHeader = false;
  readonly #wantedEntries = new Map<string, Address>();
  readonly #wantedGroups = new Map<string, Address>();
  readonly #wantedAnswers = new Map<string, ContentQuestion>();

  constructor(ruled: RuledMessage, sources: FactSources) {
    const { message } = ruled;
    this.organization = ruled.organization;
    this.nowMs = ruled.nowMs;
    this.sender = message.envelope.sender;
    this.clientAddress = message.origin.clientAddress;
    this.isInternal = message.origin.authAs === "Internal";
    this.messageBytes = message.origin.originalBytes ?? message.contentBytes;
    this.scl = message.scl;
    this.recipients = ruled.recipients;
    this.#message = message;
    this.#content = ruled.content;
    this.#sources = sources;
  }

  header(): readonly RuleField[] | Fault | undefined {
    if (this.#fields !== undefined) return this.#fields;
    const piece = this.#content.peek(0);
    const end = piece === undefined ? -1 : headerEnd(piece);
    if (piece !== undefined && end >= 0) this.#takeHeader(piece.subarray(0, end));
    else this.#wantsHeader = true;
    return this.#fields;
  }

  entry(address: Address): OrganizationRecipient | null | undefined {
    const key = addressKey(address);
    const known = this.#entries.get(key) ?? this.#sources.directory.peekRecipient?.(address);
    if (known !== undefined) {
      this.#entries.set(key, known);
      return known;
    }
    if (this.#entries.has(key)) return null;
    this.#wantedEntries.set(key, address);
    return undefined;
  }

  isMember(keys: ReadonlySet<string>, group: Address): boolean | Fault | undefined {
    const groupKey = addressKey(group);
    const members =
      this.#members.get(groupKey) ?? this.#sources.groups.peek(this.organization, group);
    if (members === undefined) {
      this.#wantedGroups.set(groupKey, group);
      return undefined;
    }
    if (members === FAULT) return FAULT;
    for (const key of keys) if (members.has(key)) return true;
    return false;
  }

  answer(question: ContentQuestion): ContentAnswer | Fault | undefined {
    const known = this.#answers.get(question.key);
    if (known === undefined) this.#wantedAnswers.set(question.key, question);
    return known;
  }

  /** Whether something could not be found out just now, and may be later. */
  get isPostponed(): boolean {
    return this.#isPostponed;
  }

  /** Whether something was asked for that is not known yet. */
  get isWanting(): boolean {
    const { size: entries } = this.#wantedEntries;
    return this.#wantsHeader || entries + this.#wantedGroups.size + this.#wantedAnswers.size > 0;
  }

  /** Finds out what was asked for in vain. Rejects with StoreFailure. */
  async load(): Promise<void> {
    const questions = [...this.#wantedAnswers.values()];
    this.#wantedAnswers.clear();
    const { size: entries } = this.#wantedEntries;
    if (this.#wantsHeader || entries + this.#wantedGroups.size > 0) {
      // A cheaper answer may make the body needless; if not, it is asked for again.
      await Promise.all([this.#loadHeader(), this.#loadEntries(), this.#loadGroups()]);
    } else if (questions.length > 0) {
      await this.#loadAnswers(questions);
    }
  }

  async #loadHeader(): Promise<void> {
    if (!this.#wantsHeader) return;
    this.#wantsHeader = false;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for (let index = 0; bytes < HEADER_BYTES_MAX; index += 1) {
      const piece = await this.#content.read(index);
      if (piece === undefined) break;
      pieces.push(piece);
      bytes += piece.byteLength;
      const end = headerEnd(Buffer.concat(pieces));
      if (end >= 0) {
        this.#takeHeader(Buffer.concat(pieces).subarray(0, end));
        return;
      }
    }
    // A message may be nothing but its header.
    if (bytes < HEADER_BYTES_MAX) this.#takeHeader(Buffer.concat(pieces));
    else this.#fields = FAULT;
  }

  #takeHeader(header: Uint8Array): void {
    this.#fields = editedFields(header, this.#message.edits);
  }

  async #loadEntries(): Promise<void> {
    const addresses = [...this.#wantedEntries.values()];
    this.#wantedEntries.clear();
    if (addresses.length === 0) return;
    const entries = await this.#sources.directory.findRecipients(addresses);
    for (const [index, address] of addresses.entries()) {
      this.#entries.set(addressKey(address), entries[index] ?? null);
    }
  }

  async #loadGroups(): Promise<void> {
    const groups = [...this.#wantedGroups.values()];
    this.#wantedGroups.clear();
    for (const group of groups) {
      const members = await this.#sources.groups.read(this.organization, group);
      this.#members.set(addressKey(group), members);
    }
  }

  async #loadAnswers(questions: readonly ContentQuestion[]): Promise<void> {
    const answered = await this.#sources.ask(this.#content, questions);
    if (!answered.ok && answered.fault === "later") this.#isPostponed = true;
    for (const { key } of questions) this.#answers.set(key, FAULT);
    if (!answered.ok) return;
    for (const answer of answered.value) this.#answers.set(answer.key, answer);
  }
}

/** Octets before the empty line; -1: it is not in these. */
function headerEnd(bytes: Uint8Array): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf("\r\n\r\n");
  return at < 0 ? -1 : at + 2;
}

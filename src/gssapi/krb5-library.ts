import koffi from "koffi";

/** A pointer of the library's, of which only it knows the inside. */
type Handle = unknown;

/** What a step of accepting came to; `token` may be empty. */
export type AcceptResult =
  | {
      readonly ok: true;
      readonly token: Uint8Array;
      /** Set once the context is complete. */
      readonly principal: string | undefined;
      /** The client has bound the context to our channel. */
      readonly channelBound: boolean;
    }
  | { readonly ok: false; readonly detail: string };

/** One security context on the acceptor's side (RFC 2743 §2.2). */
export interface AcceptorContext {
  accept(token: Uint8Array): AcceptResult;
  wrap(message: Uint8Array): Uint8Array | undefined;
  unwrap(message: Uint8Array): Uint8Array | undefined;
  close(): void;
}

interface BufferDescription {
  readonly length: number;
  readonly value: Handle;
}

const LIBRARY = "libgssapi_krb5.so.2";
/** GSS_S_COMPLETE, GSS_S_CONTINUE_NEEDED and the mask of errors (RFC 2744 §3.9.1). */
const CONTINUE_NEEDED = 1;
const ERROR_MASK = 0xffff0000;
/** GSS_C_CHANNEL_BOUND_FLAG of MIT Kerberos 1.19. */
const CHANNEL_BOUND_FLAG = 0x800;
const STATUS_OF_MAJOR = 1;
const STATUS_OF_MINOR = 2;
/** 1.2.840.113554.1.2.2 (RFC 4121 §1.1): whose minor codes are to be put in words. */
const KERBEROS_OID = Buffer.from("2a864886f712010202", "hex");
const KERBEROS = { length: KERBEROS_OID.length, elements: KERBEROS_OID };
const NAME_BYTES_MAX = 1024;
const STATUS_LINES_MAX = 4;

/**
 * Binds the system's Kerberos library; throws when it is not installed. A fault inside it ends the
 * process: load it in one that nothing else depends on.
 */
export function loadKrb5(): (channelBinding: Uint8Array | undefined) => AcceptorContext {
  const calls = bindCalls();
  return (channelBinding) => new LibraryContext(calls, channelBinding);
}

/** The library's functions that accepting needs (RFC 2744 §5). */
function bindCalls() {
  const library = koffi.load(LIBRARY);
  const description = koffi.struct("gss_buffer_desc", { length: "size_t", value: "void *" });
  const bindings = koffi.struct("gss_channel_bindings", {
    initiator_addrtype: "uint32_t",
    initiator_address: description,
    acceptor_addrtype: "uint32_t",
    acceptor_address: description,
    application_data: description,
  });
  koffi.struct("gss_OID_desc", { length: "uint32_t", elements: "void *" });
  return {
    bindings,
    accept: library.func(
      "uint32_t gss_accept_sec_context(_Out_ uint32_t *minor, _Inout_ void **context, " +
        "void *cred, gss_buffer_desc *input, gss_channel_bindings *bindings, " +
        "_Out_ void **name, void *mech, _Out_ gss_buffer_desc *output, " +
        "_Out_ uint32_t *flags, void *time, void *delegated)",
    ),
    displayName: library.func(
      "uint32_t gss_display_name(_Out_ uint32_t *minor, void *name, " +
        "_Out_ gss_buffer_desc *text, void *type)",
    ),
    displayStatus: library.func(
      "uint32_t gss_display_status(_Out_ uint32_t *minor, uint32_t status, int kind, " +
        "gss_OID_desc *mech, _Inout_ uint32_t *more, _Out_ gss_buffer_desc *text)",
    ),
    wrap: library.func(
      "uint32_t gss_wrap(_Out_ uint32_t *minor, void *context, int confidential, uint32_t qop, " +
        "gss_buffer_desc *input, void *state, _Out_ gss_buffer_desc *output)",
    ),
    unwrap: library.func(
      "uint32_t gss_unwrap(_Out_ uint32_t *minor, void *context, gss_buffer_desc *input, " +
        "_Out_ gss_buffer_desc *output, void *state, void *qop)",
    ),
    releaseBuffer: library.func(
      "uint32_t gss_release_buffer(_Out_ uint32_t *minor, _Inout_ gss_buffer_desc *buffer)",
    ),
    releaseName: library.func(
      "uint32_t gss_release_name(_Out_ uint32_t *minor, _Inout_ void **name)",
    ),
    deleteContext: library.func(
      "uint32_t gss_delete_sec_context(_Out_ uint32_t *minor, _Inout_ void **context, " +
        "void *output)",
    ),
  };
}

class LibraryContext implements AcceptorContext {
  readonly #calls: ReturnType<typeof bindCalls>;
  readonly #bindings: Handle;
  readonly #context: [Handle] = [null];

  constructor(calls: ReturnType<typeof bindCalls>, channelBinding: Uint8Array | undefined) {
    this.#calls = calls;
    const bound = channelBinding && {
      initiator_addrtype: 0,
      initiator_address: emptyBuffer(),
      acceptor_addrtype: 0,
      acceptor_address: emptyBuffer(),
      application_data: described(channelBinding),
    };
    this.#bindings = bound ? koffi.as(bound, koffi.pointer(calls.bindings)) : null;
  }

  accept(token: Uint8Array): AcceptResult {
    const [minor, name, flags]: [number[], Handle[], number[]] = [[0], [null], [0]];
    const output = emptyBuffer();
    const input = described(token);
    const given = [minor, this.#context, null, input, this.#bindings] as const;
    const major = this.#calls.accept(...given, name, null, output, flags, null, null);
    const reply = this.#take(output);
    const principal = this.#takeName(name[0] ?? null);
    if ((major & ERROR_MASK) !== 0) {
      return { ok: false, detail: this.#describe(major, minor[0] ?? 0) };
    }
    return {
      ok: true,
      token: reply,
      principal: (major & CONTINUE_NEEDED) === 0 ? principal : undefined,
      channelBound: ((flags[0] ?? 0) & CHANNEL_BOUND_FLAG) !== 0,
    };
  }

  wrap(message: Uint8Array): Uint8Array | undefined {
    const output = emptyBuffer();
    const input = described(message);
    const major = this.#calls.wrap([0], this.#context[0], 0, 0, input, null, output);
    return major === 0 ? this.#take(output) : undefined;
  }

  unwrap(message: Uint8Array): Uint8Array | undefined {
    const output = emptyBuffer();
    const input = described(message);
    const major = this.#calls.unwrap([0], this.#context[0], input, output, null, null);
    return major === 0 ? this.#take(output) : undefined;
  }

  close(): void {
    if (this.#context[0] !== null) this.#calls.deleteContext([0], this.#context, null);
  }

  /** Copies what the library has allocated, and gives it back. */
  #take(buffer: BufferDescription): Uint8Array {
    const bytes =
      buffer.length === 0
        ? new Uint8Array()
        : Uint8Array.from(koffi.decode(buffer.value, koffi.array("uint8_t", buffer.length)));
    this.#calls.releaseBuffer([0], buffer);
    return bytes;
  }

  #takeName(name: Handle): string | undefined {
    if (name === null) return undefined;
    const text = emptyBuffer();
    const failed = this.#calls.displayName([0], name, text, null) !== 0;
    this.#calls.releaseName([0], [name]);
    if (failed) return undefined;
    const bytes = this.#take(text);
    return bytes.length > NAME_BYTES_MAX ? undefined : Buffer.from(bytes).toString("utf8");
  }

  #describe(major: number, minor: number): string {
    const lines: string[] = [];
    for (const [status, kind] of [
      [major, STATUS_OF_MAJOR],
      [minor, STATUS_OF_MINOR],
    ] as const) {
      const more: [number] = [0];
      for (let line = 0; line < STATUS_LINES_MAX && status !== 0; line += 1) {
        const text = emptyBuffer();
        const failed = this.#calls.displayStatus([0], status, kind, KERBEROS, more, text) !== 0;
        if (failed) break;
        lines.push(Buffer.from(this.#take(text)).toString("latin1"));
        if (more[0] === 0) break;
      }
    }
    return lines.join("; ");
  }
}

function emptyBuffer(): BufferDescription {
  return { length: 0, value: null };
}

function described(bytes: Uint8Array): BufferDescription {
  return { length: bytes.length, value: Buffer.from(bytes) };
}

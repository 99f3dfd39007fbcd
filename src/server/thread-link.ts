import type { MessagePort, Worker } from "node:worker_threads";
import { assert } from "../base/assert.ts";

/** What one side can be asked or told: a function per name, one argument, one answer. */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

type Argument<Call> = Call extends (argument: infer Value) => unknown ? Value : never;
type Answer<Call> = Call extends (argument: never) => infer Value ? Awaited<Value> : never;

/** The other side of a link, called like an object. */
export interface Remote<Theirs extends Calls> {
  /**
   * Calls and waits for the answer. Rejects when the call fails there or the other side has gone.
   */
  ask<Name extends keyof Theirs & string>(
    name: Name,
    argument: Argument<Theirs[Name]>,
    transfer?: readonly MessagePort[],
  ): Promise<Answer<Theirs[Name]>>;
  /** Calls without wanting to know. */
  tell<Name extends keyof Theirs & string>(
    name: Name,
    argument: Argument<Theirs[Name]>,
    transfer?: readonly MessagePort[],
  ): void;
}

type LinkMessage =
  | {
      readonly kind: "call";
      readonly sequence: number | undefined;
      readonly name: string;
      readonly argument: unknown;
    }
  | { readonly kind: "answer"; readonly sequence: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly sequence: number; readonly reason: string };

const GONE = "the other thread has ended";

/** Joins two threads: offers `ours` to the other side, and calls what it offers. */
export function linkThreads<Theirs extends Calls>(
  port: MessagePort | Worker,
  ours: Calls,
): Remote<Theirs> {
  const waiting = new Map<
    number,
    { resolve: (value: never) => void; reject: (error: Error) => void }
  >();
  let sequence = 0;
  let isGone = false;
  const post = (message: LinkMessage, transfer: readonly MessagePort[] = []) =>
    port.postMessage(message, [...transfer]);
  const answer = async (call: Extract<LinkMessage, { kind: "call" }>) => {
    const offered = ours[call.name];
    assert(offered !== undefined, `no call named ${call.name}`);
    if (call.sequence === undefined) {
      await offered(call.argument as never);
      return;
    }
    try {
      const value = await offered(call.argument as never);
      post({ kind: "answer", sequence: call.sequence, value });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      post({ kind: "failure", sequence: call.sequence, reason });
    }
  };
  port.on("message", (message: LinkMessage) => {
    if (message.kind === "call") {
      void answer(message);
      return;
    }
    const caller = waiting.get(message.sequence);
    waiting.delete(message.sequence);
    if (message.kind === "answer") caller?.resolve(message.value as never);
    else caller?.reject(new Error(message.reason));
  });
  const gone = () => {
    isGone = true;
    for (const { reject } of waiting.values()) reject(new Error(GONE));
    waiting.clear();
  };
  port.on("close", gone);
  port.on("exit", gone);
  return {
    ask(name, argument, transfer) {
      sequence += 1;
      const own = sequence;
      return new Promise((resolve, reject) => {
        if (isGone) {
          reject(new Error(GONE));
          return;
        }
        waiting.set(own, { resolve, reject });
        post({ kind: "call", sequence: own, name, argument }, transfer);
      });
    },
    tell(name, argument, transfer) {
      post({ kind: "call", sequence: undefined, name, argument }, transfer);
    },
  };
}

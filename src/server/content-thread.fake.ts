import { serveContentCalls } from "./content-service.ts";

/** Calls that do what no message may make ours do; for tests of the host. */
const TROUBLE = {
  length: (content: Buffer, more: number) => content.length + more,
  spin: (_content: Buffer, _argument: undefined): number => {
    for (;;);
  },
  fill: (_content: Buffer, _argument: undefined): number => {
    const held: number[][] = [];
    for (;;) held.push(new Array<number>(1_000_000).fill(0.5));
  },
  throw: (_content: Buffer, _argument: undefined): number => {
    throw new Error("a fault of ours");
  },
};

/** Their types, for who calls them. */
export type TroubleCalls = typeof TROUBLE;

serveContentCalls(TROUBLE);
